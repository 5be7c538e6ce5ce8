import { selectionInvalid } from "./errors.js";
import type { Selection } from "./record.js";

/**
 * The cells that a selection covers, as a row-major mask of 0 and 1 over `shape`. Points and boxes are clipped
 * to the grid, as ARC environments do; the corners of a box may come in any order. Throws SELECTION_INVALID for
 * a mask of another length.
 */
export function selectionMask(selection: Selection, shape: readonly [number, number]): Uint8Array {
  const [rows, columns] = shape;
  const size = rows * columns;
  if (selection.kind === "mask") {
    checkSelection(selection, shape);
    const mask = new Uint8Array(selection.mask);
    for (let index = 0; index < size; index++) if (mask[index]! > 1) mask[index] = 1;
    return mask;
  }
  const mask = new Uint8Array(size);
  const [r1, c1, r2, c2] =
    selection.kind === "point" ? [...selection.point, ...selection.point] : selection.bbox;
  const left = clip(Math.min(c1!, c2!), columns);
  const right = clip(Math.max(c1!, c2!), columns);
  const bottom = clip(Math.max(r1!, r2!), rows);
  for (let row = clip(Math.min(r1!, r2!), rows); row <= bottom; row++) {
    mask.fill(1, row * columns + left, row * columns + right + 1);
  }
  return mask;
}

/** Throws SELECTION_INVALID for a mask that does not fit the grid, as `selectionMask` does. */
export function checkSelection(selection: Selection, shape: readonly [number, number]): void {
  const [rows, columns] = shape;
  const size = rows * columns;
  if (selection.kind !== "mask" || selection.mask.length === size) return;
  throw selectionInvalid(
    `the mask has ${selection.mask.length} entries, a ${rows}x${columns} grid needs ${size}`,
  );
}

/** Whether a point or a box has no cell in common with a grid of `shape`: clipping moves it there then. */
export function selectionMisses(selection: Selection, shape: readonly [number, number]): boolean {
  if (selection.kind === "mask") return false;
  const [r1, c1, r2 = r1, c2 = c1] = selection.kind === "point" ? selection.point : selection.bbox;
  return misses(r1, r2, shape[0]) || misses(c1, c2, shape[1]);
}

function misses(a: number, b: number, length: number): boolean {
  return Math.max(a, b) < 0 || Math.min(a, b) >= length;
}

/** A selection with arrays of its own. */
export function copySelection(selection: Selection): Selection {
  return selection.kind === "mask" ? { kind: "mask", mask: new Uint8Array(selection.mask) } : selection;
}

function clip(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, Math.trunc(index)));
}
