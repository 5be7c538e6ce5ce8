import { magnitude, type Numeric } from "../scalar/arithmetic.js";
import { addDecimals, compareDecimals, type Decimal, fromDecimal, toDecimal } from "../scalar/decimal.js";
import { float, integer } from "../scalar/values.js";
import { type Rules, rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { castItem } from "./casts.js";
import { rangeBound, rangeWithoutStep, sweepNotEnumerable } from "./errors.js";
import { shuffled } from "./functions.js";
import { filterByGlob } from "./glob.js";
import { keyElement, type Override } from "./override.js";
import { DECIMAL_DIGITS, exactItems, hasFloats } from "./range-values.js";
import { ChoiceSweep, type Element, GlobSweep, RangeSweep } from "./value.js";

export interface SweepItemOptions {
  /** Names of the options of a config group, for `glob`. */
  readonly groupOptions?: (group: string) => readonly string[];
  /** Uniform in [0, 1), for `shuffle`. Default: `Math.random`. */
  readonly random?: () => number;
  /** Which generation of Hydra's rules to follow. Default: `1.3`. */
  readonly versionBase?: VersionBase;
}

/**
 * What a choice, range or glob sweep enumerates, lazily: a range may have no end.
 * @throws EpiscopeError SWEEP_NOT_ENUMERABLE for an interval, and for a range that does not get on.
 */
export function sweepItems(override: Override, options: SweepItemOptions = {}): Iterable<Element> {
  const { value } = override;
  const random = options.random ?? Math.random;
  if (value instanceof ChoiceSweep) return value.shuffle ? shuffled(value.list, random) : value.list;
  if (value instanceof RangeSweep) {
    const items = rangeItems(value, keyElement(override), rulesOf(options.versionBase));
    return value.shuffle ? shuffled([...items], random) : items;
  }
  if (value instanceof GlobSweep) {
    if (options.groupOptions === undefined) {
      throw sweepNotEnumerable(keyElement(override), "a glob needs the options of a config group");
    }
    return filterByGlob(options.groupOptions(override.keyOrGroup), value, keyElement(override));
  }
  throw sweepNotEnumerable(
    keyElement(override),
    `it is ${override.valueType ?? "a deletion"}, not a choice or a range`,
  );
}

function rangeItems(sweep: RangeSweep, key: string, rules: Rules): Iterable<Element> {
  const { start, stop, step, casts } = sweep;
  const items = hasFloats(sweep)
    ? floatItems(start, stop, step, key, rules)
    : intItems(start, stop, step, key);
  return casts.length === 0 ? items : castItems(items, casts);
}

function* castItems(items: Iterable<Element>, casts: RangeSweep["casts"]): Generator<Element> {
  for (const item of items) yield castItem(item as number, casts);
}

function intItems(start: Numeric, stop: Numeric, step: Numeric, key: string): Iterable<Element> {
  const [first, end, width] = [start, stop, step].map((bound) => BigInt(magnitude(bound))) as [
    bigint,
    bigint,
    bigint,
  ];
  if (width === 0n) throw rangeWithoutStep(key);
  return (function* items() {
    for (let item = first; width > 0n ? item < end : item > end; item += width) yield integer(item);
  })();
}

/** Sums in decimals of the bounds' exact values, as Hydra does: 0.1 steps do not drift. */
function* floatItems(
  start: Numeric,
  stop: Numeric,
  step: Numeric,
  key: string,
  rules: Rules,
): Generator<Element> {
  const bounds = [start, stop, step].map(magnitude);
  if (bounds.some(Number.isNaN)) throw rangeBound(key, "is not a number");
  const [first, end, width] = bounds as [number | bigint, number | bigint, number | bigint];
  if (Number(width) === 0) throw rangeWithoutStep(key);
  const upwards = width > 0;
  if (![first, width].every((bound) => Number.isFinite(Number(bound)))) {
    const numbers = [first, end, width].map(Number) as [number, number, number];
    yield* rules.exactRanges ? infiniteMultiples(...numbers, key) : infiniteItems(...numbers, key);
    return;
  }
  if (rules.exactRanges) {
    yield* exactItems(first, end, width);
    return;
  }
  const limit = Number.isFinite(Number(end)) ? toDecimal(end) : undefined;
  const by = toDecimal(width);
  let item: Decimal = toDecimal(first);
  const goesOn = (): boolean =>
    limit === undefined
      ? upwards === end > 0
      : upwards
        ? compareDecimals(item, limit) < 0
        : compareDecimals(item, limit) > 0;
  for (; goesOn(); item = addDecimals(item, by, DECIMAL_DIGITS)) yield float(fromDecimal(item));
}

/** A range that begins at infinity, or gets there with its first step. */
function* infiniteItems(start: number, end: number, step: number, key: string): Generator<Element> {
  for (let item = start; step > 0 ? item < end : item > end; item += step) {
    yield float(item);
    if (Number.isNaN(item + step)) throw rangeBound(key, "is infinite on either side");
  }
}

/** As `infiniteItems`, with start + i·step: already the first is no number where the step is infinite. */
function* infiniteMultiples(start: number, end: number, step: number, key: string): Generator<Element> {
  for (let index = 0; ; index++) {
    const item = start + step * index;
    if (Number.isNaN(item)) throw rangeBound(key, "is infinite on either side");
    if (step > 0 ? item >= end : item <= end) return;
    yield float(item);
  }
}
