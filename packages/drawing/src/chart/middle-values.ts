import { quantile } from "./axis.js";

/**
 * The mean of the middle half of the values, IQM for short: a quarter of them, rounded down, is left out at each end. Fewer episodes tell
 * more by it than by a median, and one odd episode moves it less than a mean (Agarwal et al. 2021, "Deep Reinforcement Learning at the
 * Edge of the Statistical Precipice"). `sorted` ascending and not empty.
 */
export function interquartileMean(sorted: readonly number[]): number {
  const cut = Math.floor(sorted.length / 4);
  const middle = sorted.slice(cut, sorted.length - cut);
  return middle.reduce((sum, value) => sum + value / middle.length, 0);
}

/** "median 2.5%, interquartile mean 4.0%" of those that are finite; "" without any. */
export function middleText(values: readonly number[], show: (value: number) => string): string {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return "";
  return `median ${show(quantile(sorted, 0.5))}, interquartile mean ${show(interquartileMean(sorted))}`;
}
