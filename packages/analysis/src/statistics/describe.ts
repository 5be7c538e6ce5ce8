import { mean, quantileSorted } from "d3-array";
import { type Interval, medianInterval } from "./intervals.js";

/** A number of many episodes. Episodes that do not have it are left out and are not in `n`. */
export interface Description {
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  /** Of the median, 95 %; null for fewer than six values. */
  readonly interval: Interval | null;
  /** 10 %, 25 %, 75 %, 90 %. */
  readonly quantiles: readonly [number, number, number, number];
  readonly least: number;
  readonly most: number;
}

/** Null without a finite value. */
export function describe(values: Iterable<number | null>): Description | null {
  const finite: number[] = [];
  for (const value of values) if (value !== null && Number.isFinite(value)) finite.push(value);
  if (finite.length === 0) return null;
  finite.sort((a, b) => a - b);
  const at = (share: number): number => quantileSorted(finite, share)!;
  return {
    n: finite.length,
    mean: mean(finite)!,
    median: at(0.5),
    interval: medianInterval(finite),
    quantiles: [at(0.1), at(0.25), at(0.75), at(0.9)],
    least: finite[0]!,
    most: finite.at(-1)!,
  };
}
