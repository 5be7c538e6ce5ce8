import type { Histogram } from "@episcope/records";

/** W&B shows no more. */
const MAX_BINS = 512;
/** The official client's own number of bins. */
const DEFAULT_BINS = 64;

/** A histogram as W&B keeps it: counts, and edges one more than counts. */
interface WandbHistogram {
  readonly _type: "histogram";
  readonly values: readonly number[];
  readonly bins: readonly number[];
}

/** Null where the numbers are no histogram. One with more than 512 bins has neighbours merged. */
export function wandbHistogram({ values, bins }: Histogram): WandbHistogram | null {
  const sound =
    values.length > 0 && bins.length === values.length + 1 && [...values, ...bins].every(Number.isFinite);
  if (!sound) return null;
  if (values.length <= MAX_BINS) return { _type: "histogram", values: [...values], bins: [...bins] };

  const group = Math.ceil(values.length / MAX_BINS);
  const merged: number[] = [];
  const edges: number[] = [bins[0]!];
  for (let start = 0; start < values.length; start += group) {
    const end = Math.min(values.length, start + group);
    merged.push(values.slice(start, end).reduce((sum, count) => sum + count, 0));
    edges.push(bins[end]!);
  }
  return { _type: "histogram", values: merged, bins: edges };
}

interface Distribution {
  /** Of the finite numbers. */
  readonly mean: number;
  readonly histogram: WandbHistogram;
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
    histogram: { _type: "histogram", ...countIntoBins(finite, low, high) },
    nonFinite: numbers.length - finite.length,
  };
}

function countIntoBins(numbers: readonly number[], low: number, high: number): Histogram {
  const width = (high - low) / DEFAULT_BINS;
  // All equal, or so far apart or so close that no 64 edges between them differ.
  if (!(width > 0) || !Number.isFinite(width) || low + width === low || high - width === high) {
    return { values: [numbers.length], bins: low === high ? [low - 0.5, high + 0.5] : [low, high] };
  }
  const values = new Array<number>(DEFAULT_BINS).fill(0);
  for (const number of numbers) {
    const bin = Math.min(DEFAULT_BINS - 1, Math.floor((number - low) / width));
    values[bin] = values[bin]! + 1;
  }
  const bins = Array.from({ length: DEFAULT_BINS + 1 }, (_, index) =>
    index === DEFAULT_BINS ? high : low + index * width,
  );
  return { values, bins };
}
