import { integer } from "./values.js";

// Numbers as Python's `int()` and `float()` read them.

const INT_TEXT = /^[+-]?[0-9]+(?:_[0-9]+)*$/;
const FLOAT_TEXT =
  /^[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/;
const SPECIAL_TEXT = /^([+-]?)(inf|infinity|nan)$/i;

/** The longest decimal text that is read as an integer: Python's own limit, and what keeps reading linear. */
export const MAX_INT_DIGITS = 4300;

/** Reads what `int(text)` accepts; `undefined` for anything else. */
export function parseIntText(text: string): number | bigint | undefined {
  const trimmed = text.trim();
  if (!INT_TEXT.test(trimmed)) return undefined;
  const digits = trimmed.includes("_") ? trimmed.replaceAll("_", "") : trimmed;
  if (digits.length <= 15) return Number(digits) + 0;
  if (digits.length > MAX_INT_DIGITS + 1) return undefined;
  const negative = digits.startsWith("-");
  const magnitude = BigInt(negative || digits.startsWith("+") ? digits.slice(1) : digits);
  return integer(negative ? -magnitude : magnitude);
}

/** Reads what `float(text)` accepts; `undefined` for anything else. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = text.trim();
  const special = SPECIAL_TEXT.exec(trimmed);
  if (special !== null) {
    if (special[2]!.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!FLOAT_TEXT.test(trimmed)) return undefined;
  return Number(trimmed.includes("_") ? trimmed.replaceAll("_", "") : trimmed);
}
