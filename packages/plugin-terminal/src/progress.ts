import { createPalette, formatNumber, formatPercent, ROLE } from "@episcope/drawing";
import type { ColorDepth, TerminalTheme } from "./color-depth.js";
import { Ink } from "./ink.js";
import { clipped, flowed, padded, recorded, sparkline } from "./text.js";

/** How a recording stands; the program that records fills it in. */
export interface ProgressStats {
  readonly run: string;
  readonly elapsedSeconds: number;
  readonly episodes: number;
  readonly solved: number;
  readonly steps: number;
  /** Over the last seconds; null before there is a figure. */
  readonly stepsPerSecond: number | null;
  /** Accepted and not yet written. */
  readonly waiting: number;
  readonly dropped: number;
}

/** One sink, for the dashboard. */
export interface SinkStats {
  readonly name: string;
  readonly accepted: number;
  readonly written: number;
  readonly dropped: number;
  /** Why it was taken out of the run; null while it works. */
  readonly failed: string | null;
}

export interface DashboardState extends ProgressStats {
  /** Episodes that ended last, the newest at the end: rewards for a curve. */
  readonly recentRewards: readonly number[];
  /** Final similarities of the same; NaN where unknown. */
  readonly recentSimilarities: readonly number[];
  readonly sinks: readonly SinkStats[];
}

export interface DashboardOptions {
  readonly columns: number;
  readonly colors: ColorDepth;
  /** Default: "dark". */
  readonly theme?: TerminalTheme;
}

/**
 * One line without colours and without a line feed, at most `columns` wide, to be written over the last one. What
 * matters least goes first where the terminal is narrow; dropped records are never left out.
 */
export function progressLine(stats: ProgressStats, columns: number): string {
  const rate = stats.stepsPerSecond === null ? "" : `${count(stats.stepsPerSecond)} steps/s`;
  const parts: [importance: number, text: string][] = [
    [2, recorded(stats.run)],
    [4, duration(stats.elapsedSeconds)],
    [5, `${count(stats.episodes)} episodes`],
    [3, `${count(stats.solved)} solved`],
    [6, `${count(stats.steps)} steps`],
    [4, rate],
    [1, stats.waiting > 0 ? `${count(stats.waiting)} waiting` : ""],
    [9, stats.dropped > 0 ? `${count(stats.dropped)} dropped` : ""],
  ];
  let kept = parts.filter(([, text]) => text !== "");
  const joined = () => kept.map(([, text]) => text).join("  ");
  while (kept.length > 1 && clipped(joined(), columns) !== joined()) {
    const least = Math.min(...kept.map(([importance]) => importance));
    const at = kept.findIndex(([importance]) => importance === least);
    kept = kept.filter((_, i) => i !== at);
  }
  return clipped(joined(), columns);
}

/** A few lines with a line feed at the end of each: the run, its last episodes, its sinks. */
export function dashboard(
  state: DashboardState,
  { columns, colors, theme = "dark" }: DashboardOptions,
): string {
  const ink = new Ink(colors, createPalette("default", theme).colors);
  const lines = [ink.bold(progressLine(state, columns))];
  const room = Math.max(4, columns - 40);
  const { recentRewards, recentSimilarities } = state;
  if (recentRewards.length > 0) {
    const bars = ink.paint(sparkline(recentRewards, room), ROLE.reward);
    lines.push(...flowed([`reward      ${bars}`, `last ${formatNumber(recentRewards.at(-1)!)}`], columns));
  }
  const known = recentSimilarities.filter((value) => Number.isFinite(value));
  if (known.length > 0) {
    const bars = ink.paint(sparkline(recentSimilarities, room, 0, 1), ROLE.similarity);
    lines.push(...flowed([`similarity  ${bars}`, `last ${formatPercent(known.at(-1)!)}`], columns));
  }
  const nameWidth = Math.min(20, Math.max(0, ...state.sinks.map(({ name }) => recorded(name).length)));
  for (const sink of state.sinks) {
    const dropped = sink.dropped > 0 ? ink.paint(`${count(sink.dropped)} dropped`, ROLE.negative) : "";
    const failed = sink.failed === null ? "" : ink.paint(`stopped: ${recorded(sink.failed)}`, ROLE.negative);
    const name = padded(clipped(recorded(sink.name), nameWidth), nameWidth);
    lines.push(
      clipped(
        flowed(
          [name, `${count(sink.written)} of ${count(sink.accepted)} written`, dropped, failed],
          10_000,
        )[0] ?? "",
        columns,
      ),
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** 950, 12.3k, 4.56M */
function count(value: number): string {
  if (value < 1000)
    return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (value >= size) return `${(value / size).toPrecision(3)}${unit}`;
  }
  return String(value);
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
