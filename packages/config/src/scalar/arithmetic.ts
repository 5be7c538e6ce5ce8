import { Float, float, integer, isFloat } from "./values.js";

/** Numbers as Python computes with them: a boolean counts as 0 or 1, and one float makes the result a float. */
export type Numeric = boolean | number | bigint | Float;

export function isNumeric(value: unknown): value is Numeric {
  return (
    typeof value === "number" ||
    typeof value === "boolean" ||
    typeof value === "bigint" ||
    value instanceof Float
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
  if (isFloat(left) || isFloat(right)) return float(Number(a) + Number(b));
  return integer(BigInt(a) + BigInt(b));
}

export function negate(value: Numeric): Numeric {
  if (isFloat(value)) return float(-Number(magnitude(value)));
  return integer(-BigInt(magnitude(value)));
}

export function absolute(value: Numeric): Numeric {
  if (isFloat(value)) return float(Math.abs(Number(magnitude(value))));
  const whole = BigInt(magnitude(value));
  return integer(whole < 0n ? -whole : whole);
}
