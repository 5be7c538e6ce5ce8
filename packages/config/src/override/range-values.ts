import { magnitude } from "../scalar/arithmetic.js";
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  fromDecimal,
  multiplyDecimals,
  writtenDecimal,
} from "../scalar/decimal.js";
import { float, integer, isFloat } from "../scalar/values.js";
import { type Element, RangeSweep } from "./value.js";

/** Python's default precision for decimals: significant digits that a sum or product keeps. */
export const DECIMAL_DIGITS = 28;

const MINUS_ONE: Decimal = { coefficient: -1n, exponent: 0 };

/** Whether the values of a range are floats. */
export function hasFloats({ start, stop, step, floats }: RangeSweep): boolean {
  return floats || [start, stop, step].some(isFloat);
}

/** The values of a float range with finite start and step: start + i·step in decimals, as the numbers are written. */
export function* exactItems(
  start: number | bigint,
  stop: number | bigint,
  step: number | bigint,
): Generator<Element> {
  const [first, by] = [writtenDecimal(start), writtenDecimal(step)];
  const limit = Number.isFinite(Number(stop)) ? writtenDecimal(stop) : undefined;
  const upwards = step > 0;
  for (let index = 0n; ; index++) {
    const item = addDecimals(first, multiplied(by, index), DECIMAL_DIGITS);
    if (!isBefore(item, limit ?? stop > 0, upwards)) return;
    yield float(fromDecimal(item));
  }
}

/** `limit`: a decimal, or whether it is infinity above. */
function isBefore(item: Decimal, limit: Decimal | boolean, upwards: boolean): boolean {
  if (typeof limit === "boolean") return upwards === limit;
  const order = compareDecimals(item, limit);
  return upwards ? order < 0 : order > 0;
}

function multiplied(value: Decimal, factor: bigint): Decimal {
  return multiplyDecimals(value, { coefficient: factor, exponent: 0 }, DECIMAL_DIGITS);
}

/** The range with the same values the other way round; one with fewer than two stays as it is. */
export function reversedRange(sweep: RangeSweep): RangeSweep {
  const written = [sweep.start, sweep.stop, sweep.step];
  const bounds = written.map(magnitude);
  if (!hasFloats(sweep)) {
    const [start, stop, step] = bounds.map(BigInt) as [bigint, bigint, bigint];
    const count = countOf(stop - start, step);
    if (count <= 1n) return sweep;
    const last = start + (count - 1n) * step;
    return new RangeSweep({ start: integer(last), stop: integer(start - step), step: integer(-step) }, sweep);
  }
  if (!bounds.every((bound) => Number.isFinite(Number(bound)))) return sweep;
  const [start, stop, step] = bounds.map((bound, index) =>
    numericDecimal(bound, isFloat(written[index])),
  ) as [Decimal, Decimal, Decimal];
  const unit = Math.min(start.exponent, stop.exponent, step.exponent);
  const whole = (value: Decimal): bigint => value.coefficient * 10n ** BigInt(value.exponent - unit);
  const count = countOf(whole(stop) - whole(start), whole(step));
  if (count <= 1n) return sweep;
  const last = addDecimals(start, multiplied(step, count - 1n), DECIMAL_DIGITS);
  const back = multiplyDecimals(step, MINUS_ONE, DECIMAL_DIGITS);
  const numbers = [last, addDecimals(start, halved(back), DECIMAL_DIGITS), back].map(numberOf);
  return new RangeSweep(
    { start: numbers[0]!, stop: numbers[1]!, step: numbers[2]! },
    { ...sweep, floats: true },
  );
}

/** How many values a range over a distance has. */
function countOf(distance: bigint, step: bigint): bigint {
  if (step === 0n || distance === 0n || distance > 0n !== step > 0n) return 0n;
  const [length, width] = distance > 0n ? [distance, step] : [-distance, -step];
  return (length + width - 1n) / width;
}

/** A whole float is written with one digit behind the point. */
function numericDecimal(value: number | bigint, isFloat: boolean): Decimal {
  const decimal = writtenDecimal(value);
  if (!isFloat || decimal.exponent !== 0) return decimal;
  return { coefficient: decimal.coefficient * 10n, exponent: -1 };
}

function halved({ coefficient, exponent }: Decimal): Decimal {
  if (coefficient % 2n === 0n) return { coefficient: coefficient / 2n, exponent };
  return { coefficient: coefficient * 5n, exponent: exponent - 1 };
}

/** Written without a point it is an integer. */
function numberOf(value: Decimal): ReturnType<typeof integer | typeof float> {
  const number = fromDecimal(value);
  return value.exponent >= 0 && Number.isSafeInteger(number) ? number : float(number);
}
