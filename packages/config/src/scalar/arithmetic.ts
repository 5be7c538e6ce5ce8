import { Float } from "./float.js";
import { toInt } from "./number-text.js";

/** Numbers as Python computes with them: a boolean counts as 0 or 1, and one float makes the result a float. */
export type Numeric = boolean | number | bigint | Float;

export function isNumeric(value: unknown): value is Numeric {
  return (
    typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" || value instanceof Float
  );
}

/** The value for comparing: exact, since JavaScript compares a bigint with a number exactly. */
export function magnitude(value: Numeric): number | bigint {
  if (value instanceof Float) return value.value;
  return typeof value === "boolean" ? Number(value) : value;
}

export function isLess(left: Numeric, right: Numeric): boolean {
  return magnitude(left) < magnitude(right);
}

export function add(left: Numeric, right: Numeric): Numeric {
  const a = magnitude(left);
  const b = magnitude(right);
  if (left instanceof Float || right instanceof Float) return new Float(Number(a) + Number(b));
  return toInt(BigInt(a) + BigInt(b));
}

export function negate(value: Numeric): Numeric {
  if (value instanceof Float) return new Float(-value.value);
  return toInt(-BigInt(magnitude(value)));
}

export function absolute(value: Numeric): Numeric {
  if (value instanceof Float) return new Float(Math.abs(value.value));
  const integer = BigInt(magnitude(value));
  return toInt(integer < 0n ? -integer : integer);
}
