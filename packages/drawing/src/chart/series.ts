/** Sums up to each step; what is not finite adds nothing. */
export function runningTotal(values: ArrayLike<number>): Float64Array {
  const totals = new Float64Array(values.length);
  let total = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (Number.isFinite(value)) total += value;
    totals[index] = total;
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
