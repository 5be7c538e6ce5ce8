import { formatNumber, formatShort } from "../text/format-number.js";

/** A closed range of values. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Smallest and largest finite value, or null without one. */
export function extentOf(values: Iterable<number>): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? null : { low, high };
}

/** Linear interpolation between order statistics; `sorted` ascending and not empty. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(sorted.length - 1, below + 1)] as number;
  return low === high ? low : low + (high - low) * (place - below);
}

/** A range counts as stretched by outliers where it is this much wider than the bulk of the values. */
const STRETCHED = 4;

/**
 * The range that shows the bulk of the values: all of them, unless a few would squash the rest into a line. Then
 * it ends at the last values inside Tukey's outer fences (three interquartile ranges beyond the quartiles, at least
 * the 5th and the 95th percentile).
 */
export function robustRange(values: Iterable<number>): Range | null {
  const sorted = Float64Array.from([...values].filter(Number.isFinite)).sort();
  if (sorted.length === 0) return null;
  const all = { low: sorted[0] as number, high: sorted[sorted.length - 1] as number };
  if (sorted.length < 5) return all;
  const lower = quantile(sorted, 0.25);
  const upper = quantile(sorted, 0.75);
  const spread = 3 * (upper - lower);
  const lowFence = Math.min(lower - spread, quantile(sorted, 0.05));
  const highFence = Math.max(upper + spread, quantile(sorted, 0.95));
  const low = sorted.find((value) => value >= lowFence) as number;
  const high = sorted.findLast((value) => value <= highFence) as number;
  const bulk = Math.max(high, 0) - Math.min(low, 0);
  const whole = Math.max(all.high, 0) - Math.min(all.low, 0);
  return bulk > 0 && whole > STRETCHED * bulk ? { low, high } : all;
}

/** A range with some room, never empty: a single value gets room on both sides. */
export function padRange({ low, high }: Range, share = 0.05): Range {
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) * 0.5;
    return { low: low - room, high: high + room };
  }
  const room = (high - low) * share;
  return { low: low - room, high: high + room };
}

/** Round values (steps of 1, 2 or 5 times a power of ten) inside a range: as many as `count + 1` at most. */
export function ticksOf({ low, high }: Range, count: number, integers = false): number[] {
  const span = high - low;
  const power = 10 ** Math.floor(Math.log10(span / Math.max(1, count)));
  // The span may be nothing, endless, or so small that its power of ten is none.
  if (!(span > 0) || !Number.isFinite(span) || !(power > 0)) return [low];
  const sizes = [1, 2, 5, 10, 20].map((factor) => (integers ? Math.max(1, factor * power) : factor * power));
  const inside = (size: number): number => Math.floor(high / size + 1e-9) - Math.ceil(low / size - 1e-9) + 1;
  const size = sizes.find((candidate) => inside(candidate) <= count + 1) ?? (sizes.at(-1) as number);
  const ticks: number[] = [];
  for (let index = Math.ceil(low / size - 1e-9); index * size <= high + size * 1e-9; index++) {
    ticks.push(index * size + 0);
  }
  return ticks;
}

/** Labels with the same number of decimals for all ticks of an axis. */
export function tickLabels(ticks: readonly number[]): string[] {
  if (ticks.length === 1) return [formatShort(ticks[0] as number)];
  const gap = ticks.length > 1 ? Math.abs((ticks[1] as number) - (ticks[0] as number)) : 0;
  const largest = Math.max(...ticks.map(Math.abs), gap);
  if (largest >= 1e6 || (gap > 0 && gap < 1e-4)) {
    return ticks.map((tick) => (tick === 0 ? "0" : formatNumber(tick, 3)));
  }
  const decimals = gap === 0 ? 2 : Math.max(0, Math.ceil(-Math.log10(gap) - 1e-9));
  return ticks.map((tick) =>
    tick
      .toFixed(decimals)
      .replace(/^-0(\.0*)?$/, "0$1")
      .replace("-", "−"),
  );
}
