/** Numbers as Python's `int()`, `float()` and `repr()` read and write them. */

const INT_TEXT = /^[+-]?[0-9]+(?:_[0-9]+)*$/;
const FLOAT_TEXT = /^[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/;
const SPECIAL_TEXT = /^([+-]?)(inf|infinity|nan)$/i;

/** The longest decimal text that is read as an integer: Python's own limit, and what keeps reading linear. */
export const MAX_INT_DIGITS = 4300;

/** An integer in its smallest form: a `number` when it is safe, otherwise a `bigint`. */
export function toInt(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Reads what `int(text)` accepts; `undefined` for anything else. */
export function parseIntText(text: string): number | bigint | undefined {
  const trimmed = text.trim();
  if (!INT_TEXT.test(trimmed)) return undefined;
  const digits = trimmed.includes("_") ? trimmed.replaceAll("_", "") : trimmed;
  if (digits.length <= 15) return Number(digits) + 0;
  if (digits.length > MAX_INT_DIGITS + 1) return undefined;
  const negative = digits.startsWith("-");
  const magnitude = BigInt(negative || digits.startsWith("+") ? digits.slice(1) : digits);
  return toInt(negative ? -magnitude : magnitude);
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

/** The text that Python's `repr` gives a float: shortest digits, exponent below 1e-4 and from 1e16. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa, exponentText] = value.toExponential().split("e") as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const magnitude = Math.abs(exponent);
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${magnitude < 10 ? "0" : ""}${magnitude}`;
  }
  const sign = value < 0 ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits}${"0".repeat(exponent + 1 - digits.length)}.0`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}
