import type { Histogram } from "@episcope/records";

/** The number of bins of W&B's and of TensorBoard's own clients is of this order. */
const BINS = 64;

export interface Distribution {
  /** Of the finite numbers. */
  readonly mean: number;
  readonly histogram: Histogram;
  /** NaN and infinities, which are in neither. */
  readonly nonFinite: number;
}

/** Mean and histogram of an array over environments; null where nothing in it is finite. */
export function distributionOf(numbers: readonly number[]): Distribution | null {
  const finite = numbers.filter(Number.isFinite);
  if (finite.length === 0) return null;
  let low = finite[0]!;
  let high = low;
  let sum = 0;
  for (const number of finite) {
    low = Math.min(low, number);
    high = Math.max(high, number);
    sum += number;
  }
  return {
    mean: sum / finite.length,
    histogram: countIntoBins(finite, low, high),
    nonFinite: numbers.length - finite.length,
  };
}

function countIntoBins(numbers: readonly number[], low: number, high: number): Histogram {
  const width = (high - low) / BINS;
  // All equal, or so far apart or so close that no 64 edges between them differ.
  if (!(width > 0) || !Number.isFinite(width) || low + width === low || high - width === high) {
    return { values: [numbers.length], bins: low === high ? [low - 0.5, high + 0.5] : [low, high] };
  }
  const values = new Array<number>(BINS).fill(0);
  for (const number of numbers) {
    const bin = Math.min(BINS - 1, Math.floor((number - low) / width));
    values[bin] = values[bin]! + 1;
  }
  const bins = Array.from({ length: BINS + 1 }, (_, index) => (index === BINS ? high : low + index * width));
  return { values, bins };
}

/** Whether the numbers are a histogram: finite counts, and finite edges one more than those. */
export function isHistogram({ values, bins }: Histogram): boolean {
  return (
    values.length > 0 && bins.length === values.length + 1 && [...values, ...bins].every(Number.isFinite)
  );
}
