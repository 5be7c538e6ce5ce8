import { recordInvalid, recordKeyRefused } from "./errors.js";
import type { PlainObject, PlainValue } from "./record.js";
import type { OnRemark } from "./remark.js";

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

/** How free values are read. */
export interface PlainReading {
  /** Words for numbers are read back, and their escapes taken off. */
  readonly wire: boolean;
  /** Hears of each value that could not be kept as it was. */
  readonly onRemark?: OnRemark;
}

/** Longest text that stands for a value that is no plain data. */
const MAX_STAND_IN = 1_000;

/**
 * Copies an object of free values (`info`, `meta`). What the stream cannot hold costs that value, never the object: bigints,
 * functions, dates and the like are kept as texts; what refers to itself, nests beyond MAX_DEPTH or cannot be read costs the
 * member of the object that it belongs to; dangerous keys are left out. Members that are `undefined` are left out without
 * a remark; typed arrays become lists. `value` itself may be anything: undefined and null are {}.
 */
export function parseFreeObject(value: unknown, path: string, reading: PlainReading): PlainObject {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) {
    return { [`${path}.text`]: standIn(value, path, "it is no object", reading) };
  }
  const copy: Record<string, PlainValue> = {};
  for (const key of freeKeys(value, path, reading)) {
    const place = `${path}.${key}`;
    try {
      const member = value[key];
      if (member !== undefined) copy[key] = parsePlain(member, place, reading, 1);
    } catch (cause) {
      copy[key] = standIn("", place, problemOf(cause), reading);
    }
  }
  return copy;
}

/** As `parseFreeObject`, for a free value that need not be an object (`state`). */
export function parseFree(value: unknown, path: string, reading: PlainReading): PlainValue {
  try {
    return parsePlain(value, path, reading);
  } catch (cause) {
    return standIn("", path, problemOf(cause), reading);
  }
}

/** A text for what cannot be kept as it is. */
export function standIn(value: unknown, path: string, problem: string, { onRemark }: PlainReading): string {
  let text: string;
  try {
    text = typeof value === "object" && value !== null ? describeObject(value) : String(value);
  } catch {
    text = `[${typeof value}]`;
  }
  onRemark?.({ kind: "value_as_text", message: `${path}: ${problem}; a text stands for it` });
  return text.length > MAX_STAND_IN ? `${text.slice(0, MAX_STAND_IN)}…` : text;
}

function describeObject(value: object): string {
  if (value instanceof Date && Number.isFinite(value.getTime())) return value.toISOString();
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (Array.isArray(value) || kindOf(value) === "Object") return JSON.stringify(value);
  return `[${kindOf(value)}]`;
}

/** Copies a free value. Throws RECORD_INVALID for one that refers to itself, is nested too deep, or cannot be read. */
function parsePlain(value: unknown, path: string, reading: PlainReading, depth = 0): PlainValue {
  switch (typeof value) {
    case "number":
    case "boolean":
      return value;
    case "string":
      return reading.wire ? unescapeText(value) : value;
    case "bigint":
      return Number.isSafeInteger(Number(value))
        ? Number(value)
        : standIn(value, path, `${value} is an integer beyond 2^53`, reading);
    case "object":
      break;
    default:
      return standIn(value, path, `${typeof value} is no plain data`, reading);
  }
  if (value === null) return null;
  if (depth >= MAX_DEPTH) {
    throw recordInvalid(
      path.length > 200 ? `${path.slice(0, 200)}…` : path,
      `it is nested deeper than ${MAX_DEPTH} levels, or refers to itself`,
      "Record a flatter value.",
    );
  }
  if (ArrayBuffer.isView(value)) return numbersOf(value, path, reading);
  if (Array.isArray(value)) {
    const items = new Array<PlainValue>(value.length);
    for (let index = 0; index < items.length; index++) {
      const place = `${path}[${index}]`;
      items[index] = parsePlain(value[index], place, reading, depth + 1);
    }
    return items;
  }
  const kind = kindOf(value);
  if (kind !== "Object") return standIn(value, path, `a ${kind} is no plain data`, reading);
  const copy: Record<string, PlainValue> = {};
  for (const key of freeKeys(value, path, reading)) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) copy[key] = parsePlain(member, `${path}.${key}`, reading, depth + 1);
  }
  return copy;
}

/** "Date", "Map" and the like keep what they hold out of sight of their keys. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** The keys of an object that may be kept. */
function freeKeys(value: object, path: string, { onRemark }: PlainReading): string[] {
  let keys: string[];
  try {
    keys = Object.keys(value);
  } catch (cause) {
    throw recordInvalid(path, `it cannot be read: ${problemOf(cause)}`);
  }
  return keys.filter((key) => {
    if (!REFUSED_KEYS.has(key)) return true;
    onRemark?.({
      kind: "value_left_out",
      message: `${path}: the key '${key}' is not allowed and is left out`,
    });
    return false;
  });
}

function numbersOf(view: ArrayBufferView, path: string, reading: PlainReading): PlainValue {
  if (view instanceof DataView) return standIn(view, path, "a DataView is no plain data", reading);
  if (view instanceof BigInt64Array || view instanceof BigUint64Array)
    return Array.from(view, (item, index) => parsePlain(item, `${path}[${index}]`, reading, MAX_DEPTH));
  return Array.from(view as unknown as ArrayLike<number>);
}

/** What an error says, without the place, which its reader has. */
function problemOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/^record at '[^']*': /, "").replace(/\.$/, "");
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

/** The values that `escapePlain` has written; what it was given, again. */
export function unescapePlain(value: unknown): unknown {
  if (typeof value === "string") return unescapeText(value);
  if (Array.isArray(value)) return value.map(unescapePlain);
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    checkKey(key, "");
    copy[key] = unescapePlain(member);
  }
  return copy;
}

function unescapeText(text: string): string | number {
  const number = NUMBER_WORDS.get(text);
  if (number !== undefined) return number;
  return text.startsWith("\\") && ESCAPED_WORD.test(text) ? text.slice(1) : text;
}
