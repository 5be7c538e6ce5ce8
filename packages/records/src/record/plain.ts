import { recordInvalid, recordKeyRefused } from "./errors.js";
import type { PlainObject, PlainValue } from "./record.js";

/** Deepest nesting of `info`, `state` and `meta`. */
export const MAX_DEPTH = 64;

export const REFUSED_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Numbers that JSON has no notation for, as the record stream writes them. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);
const ESCAPED_WORD = /^\\*(?:NaN|-?Infinity|-0)$/;

/** The word for a number that JSON cannot hold; undefined for every other number. */
export function numberWord(value: number): string | undefined {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : undefined;
  return String(value);
}

export function numberOfWord(word: string): number | undefined {
  return NUMBER_WORDS.get(word);
}

export function checkKey(key: string, path: string): void {
  if (REFUSED_KEYS.has(key)) throw recordKeyRefused(path, key);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/**
 * Copies a free value (`info`, `state`, `meta`) and refuses what the stream cannot hold: functions, symbols,
 * bigints, dates, maps and sets, cycles, nesting beyond MAX_DEPTH, dangerous keys. Keys with `undefined` are left out, which an
 * item of a list cannot be: it is refused, as are holes. Typed arrays become arrays. With `wire` the words for numbers are
 * read back, and their escapes taken off.
 */
export function parsePlain(value: unknown, path: string, wire: boolean, depth = 0): PlainValue {
  switch (typeof value) {
    case "number":
    case "boolean":
      return value;
    case "string":
      return wire ? unescapeText(value) : value;
    case "object":
      break;
    default:
      throw recordInvalid(path, `a ${typeof value} cannot be recorded`, "Convert it to plain data first.");
  }
  if (value === null) return null;
  if (depth >= MAX_DEPTH) {
    throw recordInvalid(
      path.length > 200 ? `${path.slice(0, 200)}…` : path,
      `it is nested deeper than ${MAX_DEPTH} levels, or refers to itself`,
      "Record a flatter value.",
    );
  }
  if (Array.isArray(value)) {
    const items = new Array<PlainValue>(value.length);
    for (let index = 0; index < items.length; index++) {
      const place = `${path}[${index}]`;
      const item: unknown = itemAt(value, index, place);
      if (item === undefined)
        throw recordInvalid(
          place,
          "an item of a list cannot be undefined",
          "Use null where there is no value.",
        );
      items[index] = parsePlain(item, place, wire, depth + 1);
    }
    return items;
  }
  if (ArrayBuffer.isView(value)) return numbersOf(value, path);
  const kind = kindOf(value, path);
  if (kind !== "Object") {
    throw recordInvalid(path, `a ${kind} cannot be recorded`, "Convert it to plain data first.");
  }
  return parsePlainObject(value as Record<string, unknown>, path, wire, depth);
}

/** A list may be a proxy, and an item a getter. */
function itemAt(list: readonly unknown[], index: number, path: string): unknown {
  try {
    return list[index];
  } catch (cause) {
    throw recordInvalid(path, `it cannot be read: ${String(cause)}`);
  }
}

/** "Date", "Map" and the like keep what they hold out of sight of their keys. */
function kindOf(value: object, path: string): string {
  try {
    return Object.prototype.toString.call(value).slice("[object ".length, -1);
  } catch (cause) {
    throw recordInvalid(path, `it cannot be read: ${String(cause)}`);
  }
}

/** As `parsePlain`, for a value that has to be an object. */
export function parsePlainObject(value: unknown, path: string, wire: boolean, depth = 0): PlainObject {
  if (!isObject(value)) throw recordInvalid(path, "it is no object");
  const copy: Record<string, PlainValue> = {};
  for (const key of keysOf(value, path)) {
    checkKey(key, path);
    let member: unknown;
    try {
      member = value[key];
    } catch (cause) {
      throw recordInvalid(`${path}.${key}`, `it cannot be read: ${String(cause)}`);
    }
    if (member !== undefined) copy[key] = parsePlain(member, `${path}.${key}`, wire, depth + 1);
  }
  return copy;
}

function keysOf(value: object, path: string): string[] {
  try {
    return Object.keys(value);
  } catch (cause) {
    throw recordInvalid(path, `it cannot be read: ${String(cause)}`);
  }
}

function numbersOf(view: ArrayBufferView, path: string): number[] {
  if (view instanceof DataView || view instanceof BigInt64Array || view instanceof BigUint64Array) {
    throw recordInvalid(path, `a ${view.constructor.name} cannot be recorded`, "Send an array of numbers.");
  }
  return Array.from(view as unknown as ArrayLike<number>);
}

/** The wire form of a free value: words for numbers without a notation, and escapes for texts that look like one. */
export function escapePlain(value: PlainValue | undefined): unknown {
  if (typeof value === "number") return numberWord(value) ?? value;
  if (typeof value === "string") return ESCAPED_WORD.test(value) ? `\\${value}` : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(escapePlain);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    checkKey(key, "");
    copy[key] = escapePlain(member as PlainValue);
  }
  return copy;
}

function unescapeText(text: string): string | number {
  const number = NUMBER_WORDS.get(text);
  if (number !== undefined) return number;
  return text.startsWith("\\") && ESCAPED_WORD.test(text) ? text.slice(1) : text;
}
