import { magnitude } from "../scalar/arithmetic.js";
import { Float } from "../scalar/float.js";
import type { Element, Primitive } from "./value.js";

/** Joins entries with equal keys: the first place, the last value. `1`, `1.0` and `true` are the same key. */
export function joinEntries(entries: readonly (readonly [Primitive, Element])[]): [Primitive, Element][] {
  const joined = new Map<unknown, [Primitive, Element]>();
  for (const [key, value] of entries) {
    const identity = identityOf(key);
    const known = joined.get(identity);
    if (known === undefined) joined.set(identity, [key, value]);
    else known[1] = value;
  }
  return [...joined.values()];
}

function identityOf(key: Primitive): unknown {
  if (key === null) return null;
  if (typeof key === "string") return key;
  if (key instanceof Float && Number.isNaN(key.value)) return key;
  const number = magnitude(key);
  // A float beyond 2^53 can equal a bigint.
  return typeof number === "bigint" || Number.isSafeInteger(number) || !Number.isInteger(number)
    ? number
    : BigInt(number);
}
