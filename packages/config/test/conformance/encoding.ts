import { formatFloat, isFloat, type ScalarValue } from "../../src/yaml.js";
import type { Json } from "./cases.js";

/** The encoding of scalars in the vectors: see the README of the vectors. */
export function encodeScalar(value: ScalarValue): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (isFloat(value)) {
    const number = Number(value);
    return Number.isFinite(number) && !Number.isInteger(number) ? number : { $float: formatFloat(number) };
  }
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return { $int: String(value) };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if ("text" in value) return { $path: value.text };
  return { $enum: String(value) };
}

/** A mapping: an object where each key is an ordinary text, otherwise a list of pairs. */
export function encodeMapping(entries: Iterable<readonly [ScalarValue, Json]>): Json {
  const pairs = [...entries];
  const isOrdinary = pairs.every(
    ([key]) =>
      typeof key === "string" &&
      !/^(?:0|[1-9][0-9]*)$/.test(key) &&
      !key.startsWith("$") &&
      key !== "__proto__",
  );
  if (isOrdinary) return Object.fromEntries(pairs) as Json;
  return { $map: pairs.map(([key, value]) => [encodeScalar(key), value]) };
}

/** Equality of encoded values, the order of keys included. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => sameJson(item as Json, right[index] as Json));
  }
  const a = Object.entries(left);
  const b = Object.entries(right);
  return (
    a.length === b.length &&
    a.every(([key, value], index) => key === b[index]![0] && sameJson(value, b[index]![1]))
  );
}
