/** A decimal number `coefficient * 10 ** exponent`: exact for every finite float. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const bits = new DataView(new ArrayBuffer(8));

/** The exact decimal value of a finite float or an integer. */
export function toDecimal(value: number | bigint): Decimal {
  if (typeof value === "bigint" || Number.isSafeInteger(value))
    return { coefficient: BigInt(value), exponent: 0 };
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const power = (biased === 0 ? 1 : biased) - 1075;
  const magnitude =
    power >= 0
      ? { coefficient: mantissa << BigInt(power), exponent: 0 }
      : { coefficient: mantissa * 5n ** BigInt(-power), exponent: power };
  return value < 0 ? { ...magnitude, coefficient: -magnitude.coefficient } : magnitude;
}

/** The decimal that a number is written as: 0.1 is one tenth. */
export function writtenDecimal(value: number | bigint): Decimal {
  if (typeof value === "bigint" || Number.isSafeInteger(value))
    return { coefficient: BigInt(value), exponent: 0 };
  const [mantissa, power = "0"] = String(value).split("e") as [string, string?];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?];
  return { coefficient: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

/** The nearest float. */
export function fromDecimal(value: Decimal): number {
  return Number(`${value.coefficient}e${value.exponent}`);
}

export function compareDecimals(left: Decimal, right: Decimal): number {
  const exponent = Math.min(left.exponent, right.exponent);
  const difference = scaled(left, exponent) - scaled(right, exponent);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, rounded half to even to `digits` significant digits. */
export function addDecimals(left: Decimal, right: Decimal, digits: number): Decimal {
  const exponent = Math.min(left.exponent, right.exponent);
  return rounded({ coefficient: scaled(left, exponent) + scaled(right, exponent), exponent }, digits);
}

/** The product, rounded as a sum is. */
export function multiplyDecimals(left: Decimal, right: Decimal, digits: number): Decimal {
  const coefficient = left.coefficient * right.coefficient;
  return rounded({ coefficient, exponent: left.exponent + right.exponent }, digits);
}

function rounded({ coefficient: sum, exponent }: Decimal, digits: number): Decimal {
  const excess = (sum < 0n ? -sum : sum).toString().length - digits;
  if (excess <= 0) return { coefficient: sum, exponent };
  const unit = 10n ** BigInt(excess);
  const magnitude = sum < 0n ? -sum : sum;
  let head = magnitude / unit;
  const twice = (magnitude % unit) * 2n;
  if (twice > unit || (twice === unit && head % 2n === 1n)) head += 1n;
  return { coefficient: sum < 0n ? -head : head, exponent: exponent + excess };
}

function scaled(value: Decimal, exponent: number): bigint {
  return value.coefficient * 10n ** BigInt(value.exponent - exponent);
}
