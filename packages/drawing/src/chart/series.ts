/** Sums of the finite values up to each step; NaN, a gap of the curve, at a step whose value is not finite. */
export function runningTotal(values: ArrayLike<number>): Float64Array {
  const totals = new Float64Array(values.length);
  let total = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (Number.isFinite(value)) total += value;
    totals[index] = Number.isFinite(value) ? total : Number.NaN;
  }
  return totals;
}

/** Largest value up to each step, the one before the first included; NaN until there is one. */
export function runningBest(values: ArrayLike<number>, before: number | null): Float64Array {
  const best = new Float64Array(values.length);
  let top = before ?? Number.NaN;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (Number.isFinite(value) && !(value <= top)) top = value;
    best[index] = top;
  }
  return best;
}

/** 0, 1, 2, … */
export function stepNumbers(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, step) => step);
}

/** Mean of the finite values; null without one. */
export function meanOf(values: Iterable<number | null>): number | null {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}

/** Values of neighbouring steps taken together. */
export interface Bin {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly low: number;
  readonly mean: number;
  readonly high: number;
}

/** `count` stretches of nearly equal length; those without a finite value are left out. */
export function binsOf(values: ArrayLike<number>, count: number): Bin[] {
  const bins: Bin[] = [];
  for (let place = 0; place < count; place++) {
    const from = Math.floor((place * values.length) / count);
    const to = Math.floor(((place + 1) * values.length) / count);
    let [low, high, sum, finite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
    for (let index = from; index < to; index++) {
      const value = values[index] as number;
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
      finite++;
    }
    if (finite > 0) bins.push({ from, to, low, mean: sum / finite, high });
  }
  return bins;
}

/** "2 not finite", "" where all values are. */
export function notFiniteText(values: ArrayLike<number>): string {
  let count = 0;
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) count++;
  return count === 0 ? "" : `${count} not finite`;
}
