import { quantileSorted } from "d3-array";

/** A two-sided interval of 95 %. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution, for 95 %. */
const Z = 1.959963984540054;
/** Fewer values than this have no interval: any would promise more than they hold. */
export const FEWEST_FOR_INTERVAL = 6;
const RESAMPLES = 2000;

/** Wilson's interval of a share, 0..1; null without trials. */
export function shareInterval(successes: number, trials: number): Interval | null {
  if (trials === 0) return null;
  const share = successes / trials;
  const z2 = (Z * Z) / trials;
  const centre = share + z2 / 2;
  const half = Z * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials));
  return { low: Math.max(0, (centre - half) / (1 + z2)), high: Math.min(1, (centre + half) / (1 + z2)) };
}

/** Of a median, from the ranks of the sorted values (binomial, no assumption on their distribution); null for few values. */
export function medianInterval(sorted: ArrayLike<number>): Interval | null {
  const n = sorted.length;
  if (n < FEWEST_FOR_INTERVAL) return null;
  const half = (Z * Math.sqrt(n)) / 2;
  const low = Math.max(0, Math.floor(n / 2 - half));
  const high = Math.min(n - 1, Math.ceil(n / 2 + half));
  return { low: sorted[low]!, high: sorted[high]! };
}

/**
 * Of the mean of paired differences: percentile bootstrap with a fixed seed, so that the same data give the same interval.
 * Null for few values.
 */
export function meanInterval(values: readonly number[]): Interval | null {
  const n = values.length;
  if (n < FEWEST_FOR_INTERVAL) return null;
  const random = seededRandom(n);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (let draw = 0; draw < n; draw++) sum += values[Math.floor(random() * n)]!;
    means[resample] = sum / n;
  }
  const sorted = [...means.sort()];
  return { low: quantileSorted(sorted, 0.025)!, high: quantileSorted(sorted, 0.975)! };
}

/** Chance that of `a + b` pairs that changed, the split is at least as uneven as this, if neither way is likelier (two-sided, exact). */
export function signTest(a: number, b: number): number {
  const n = a + b;
  if (n === 0) return 1;
  // By logarithms: the terms themselves leave the range of a double beyond a thousand pairs.
  let logTerm = n * Math.log(0.5);
  let tail = 0;
  for (let k = 0; k <= Math.min(a, b); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

/** mulberry32: 0..1. */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
