import type { Histogram } from "@episcope/records";
import { isHistogram } from "@episcope/tracker";

/** W&B shows no more. */
const MAX_BINS = 512;

/** A histogram as W&B keeps it: counts, and edges one more than counts. */
interface WandbHistogram {
  readonly _type: "histogram";
  readonly values: readonly number[];
  readonly bins: readonly number[];
}

/** Null where the numbers are no histogram. One with more than 512 bins has neighbours merged. */
export function wandbHistogram({ values, bins }: Histogram): WandbHistogram | null {
  if (!isHistogram({ values, bins })) return null;
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
