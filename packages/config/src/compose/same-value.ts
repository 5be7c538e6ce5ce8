import { type ConfigKey, isFloat, isInteger, keyId } from "../scalar/values.js";
import type { RawValue } from "../tree/node.js";

/** Python's equality of plain data: `1`, `1.0` and `true` are equal; dicts in any order. */
export function sameValue(left: RawValue, right: RawValue): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length && left.every((item, index) => sameValue(item, right[index] as RawValue))
    );
  }
  if (left instanceof Map && right instanceof Map) {
    const others = new Map([...right].map(([key, item]) => [keyId(key as ConfigKey), item as RawValue]));
    return (
      left.size === right.size &&
      [...left].every(([key, item]) => {
        const id = keyId(key as ConfigKey);
        return others.has(id) && sameValue(item as RawValue, others.get(id));
      })
    );
  }
  const [a, b] = [numberOf(left), numberOf(right)];
  // biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint are compared by their value
  if (a !== undefined && b !== undefined) return a == b;
  return left === right;
}

function numberOf(value: RawValue): number | bigint | undefined {
  if (typeof value === "boolean") return Number(value);
  if (isInteger(value)) return value;
  return isFloat(value) ? Number(value) : undefined;
}
