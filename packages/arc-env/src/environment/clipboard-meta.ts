import { type Grid, isObject, type PlainObject } from "@episcope/records";
import type { Canvas } from "./apply-operation.js";

/** What `meta` of an episode says that was entered with something in the clipboard. */
export function clipboardMeta(canvas: Canvas | undefined): PlainObject {
  const clipboard = canvas?.clipboard ?? null;
  return clipboard === null ? {} : { clipboard: plainGrid(clipboard) };
}

/** A grid as plain data. */
export function plainGrid({ shape, data, mask }: Grid): PlainObject {
  return { shape: [...shape], data: [...data], mask: [...(mask ?? [])] };
}

/** The clipboard that an episode began with; null where its `meta` names none. */
export function clipboardOf({ clipboard }: PlainObject): Grid | null {
  if (!isObject(clipboard)) return null;
  const { shape, data, mask } = clipboard;
  if (!isBytes(shape) || shape.length !== 2 || !isBytes(data) || !isBytes(mask)) return null;
  const [rows, columns] = shape as [number, number];
  if (data.length !== rows * columns || (mask.length !== 0 && mask.length !== data.length)) return null;
  const grid = { shape: [rows, columns] as const, data: Uint8Array.from(data) };
  return mask.length === 0 ? grid : { ...grid, mask: Uint8Array.from(mask) };
}

function isBytes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 0 && item < 256);
}
