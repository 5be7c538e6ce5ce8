import type { Share } from "../analyze/analysis.js";
import type { Description } from "../statistics/describe.js";
import type { Interval } from "../statistics/intervals.js";

/** A chance in words: never "0.0 %", which nothing is. */
export function chanceText(chance: number): string {
  return chance < 0.001 ? "less than 0.1 %" : percent(chance);
}

export function percent(share: number | null): string {
  return share === null ? "unknown" : `${(100 * share).toFixed(1)} %`;
}

/** At most four significant digits, and no exponent where a reader would not write one. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

export function intervalText(interval: Interval | null, text: (value: number) => string = short): string {
  return interval === null ? "" : `${text(interval.low)} to ${text(interval.high)}`;
}

/** "3 of 8 (37.5 %, 95 % interval 13.7 to 69.4 %)". */
export function shareText({ of, successes, rate, interval }: Share): string {
  if (of === 0) return "none";
  const range =
    interval === null
      ? ""
      : `, 95 % interval ${(100 * interval.low).toFixed(1)} to ${percent(interval.high)}`;
  return `${successes} of ${of} (${percent(rate)}${range})`;
}

/** "median 3 (2 to 5), mean 3.4, 10 to 90 %: 1 to 7 (n = 9)"; the interval behind the median is that of 95 %. */
export function descriptionText(description: Description | null): string {
  if (description === null) return "unknown";
  const { median, interval, mean, quantiles, n } = description;
  const range = interval === null ? "" : ` (${intervalText(interval)})`;
  return `median ${short(median)}${range}, mean ${short(mean)}, 10 to 90 %: ${short(quantiles[0])} to ${short(quantiles[3])} (n = ${n})`;
}
