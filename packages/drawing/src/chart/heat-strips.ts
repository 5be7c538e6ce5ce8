import type { EpisodeSeries } from "@episcope/records";
import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { formatPercent, formatShort } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { wrapText } from "../text/wrap-text.js";
import { quantile, tickLabels, ticksOf } from "./axis.js";
import { middleText } from "./middle-values.js";

/** More episodes than this are strips instead of a chart each. */
export const MOST_SMALL_CHARTS = 30;

/** Pixels that all strips take together, and each at least and at most. */
const HEIGHT = { all: 520, least: 2, most: 14 } as const;
const SIZE = TEXT_SIZE.caption;
const LABEL_LINE = 14;
const NAMES = 104;
const OUTCOMES = 76;

/** One of the episodes, and its values step by step; NaN where unknown. */
export interface Strip {
  readonly episode: EpisodeSeries;
  readonly values: Float64Array;
}

/** Values from a limit on are painted like this, from light to dark. */
interface Level {
  readonly from: number;
  readonly paint: Paint;
  readonly text: string;
}

/**
 * All episodes below each other, one strip each, step by step; the darker the better. Solved ones come first, then those that
 * ended higher. Returns the height.
 */
export function drawHeatStrips(
  builder: SceneBuilder,
  strips: readonly Strip[],
  kind: "similarity" | "reward",
  y: number,
): number {
  const { margin, inner } = builder.page;
  const ordered = [...strips].sort(better);
  const levels = kind === "similarity" ? SHARES : rewardLevels(strips);
  const solved = strips.filter(({ episode }) => episode.outcome === "success").length;
  builder.text(margin, y + 14, "Each episode, step by step", { size: TEXT_SIZE.heading, weight: 700 });
  const said = ["best first", solvedText(solved, strips.length), middleOf(strips, kind)];
  const words = wrapText(said.filter((part) => part !== "").join(" · "), inner, SIZE);
  let top = y + 32;
  for (const line of words) {
    builder.text(margin, top, line, { size: SIZE, fill: ROLE.muted });
    top += 18;
  }
  const legend = [...levels, { from: 0, paint: ROLE.positive, text: "solved" }];
  top += drawLevels(builder, legend, margin, top - 6, inner) + 2;

  const height = Math.max(HEIGHT.least, Math.min(HEIGHT.most, Math.floor(HEIGHT.all / ordered.length)));
  const thick = height > 4 ? height - 1 : height;
  const left = margin + NAMES;
  const width = inner - NAMES - OUTCOMES;
  const longest = Math.max(1, ...ordered.map(({ values }) => values.length));
  const lines = levels.map((): number[] => []);
  const unknown: number[] = [];
  const won: number[] = [];
  for (const [row, { episode, values }] of ordered.entries()) {
    const at = top + row * height;
    for (const { from, to, level } of runsOf(values, levels, longest, width))
      (level < 0 ? unknown : (lines[level] as number[])).push(left + from, at, to - from, 0);
    if (episode.outcome === "success") won.push(left + width + 6, at, 10, 0);
  }
  const strokes = [
    ...levels.map(({ paint }, index) => ({ lines: lines[index] as number[], stroke: paint })),
    { lines: unknown, stroke: ROLE.padding },
    { lines: won, stroke: ROLE.positive },
  ];
  for (const { lines: some, stroke } of strokes)
    if (some.length > 0) builder.add({ kind: "segments", lines: some, weight: thick, stroke });
  drawNames(builder, ordered, top, height, left + width);
  const bottom = top + ordered.length * height;
  drawSteps(builder, longest, left, width, bottom);
  return bottom + 34 - y;
}

/** Solved first, then by the last value, then the shorter one. */
function better(a: Strip, b: Strip): number {
  const solved = (strip: Strip): number => (strip.episode.outcome === "success" ? 1 : 0);
  const last = ({ values }: Strip): number => {
    const value = values.at(-1);
    return value === undefined || Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  if (solved(a) !== solved(b)) return solved(b) - solved(a);
  if (last(a) !== last(b)) return last(a) < last(b) ? 1 : -1;
  return a.values.length - b.values.length;
}

const SHARES: readonly Level[] = [
  { from: Number.NEGATIVE_INFINITY, paint: ROLE.tick, text: "below 50%" },
  { from: 0.5, paint: ROLE.similarityPale, text: "from 50%" },
  { from: 0.9, paint: ROLE.similarity, text: "from 90%" },
  { from: 1, paint: ROLE.text, text: "100%" },
];

/** Quarters of all values that occur. */
function rewardLevels(strips: readonly Strip[]): readonly Level[] {
  const all = strips.flatMap(({ values }) => [...values].filter(Number.isFinite)).sort((a, b) => a - b);
  const paints = [ROLE.tick, ROLE.rewardPale, ROLE.reward, ROLE.text];
  const limits = all.length === 0 ? [] : [0.25, 0.5, 0.75].map((share) => quantile(all, share));
  const distinct = limits.filter((limit, index) => index === 0 || limit > (limits[index - 1] as number));
  return [Number.NEGATIVE_INFINITY, ...distinct].map((from, index) => ({
    from,
    paint: paints[index] as Paint,
    text: index === 0 ? `below ${formatShort(distinct[0] ?? 0)}` : `from ${formatShort(from)}`,
  }));
}

interface Run {
  readonly from: number;
  readonly to: number;
  /** Place in the levels, -1 for what is not known. */
  readonly level: number;
}

/** A strip as runs of equal level over pixels; where a pixel holds several steps its best counts. */
function runsOf(values: Float64Array, levels: readonly Level[], longest: number, width: number): Run[] {
  const runs: { from: number; to: number; level: number }[] = [];
  const end = Math.round((values.length / longest) * width);
  for (let x = 0; x < end; x++) {
    const first = Math.floor((x / width) * longest);
    const last = Math.min(values.length, Math.max(first + 1, Math.floor(((x + 1) / width) * longest)));
    let best = Number.NaN;
    for (let step = first; step < last; step++) {
      const value = values[step] as number;
      if (!(value <= best)) best = Number.isNaN(value) ? best : value;
    }
    const level = levels.findLastIndex(({ from }) => best >= from);
    const run = runs.at(-1);
    if (run !== undefined && run.level === level) run.to = x + 1;
    else runs.push({ from: x, to: x + 1, level });
  }
  return runs;
}

function drawLevels(
  builder: SceneBuilder,
  levels: readonly Level[],
  x: number,
  y: number,
  width: number,
): number {
  let at = x;
  let line = 0;
  for (const { paint, text } of levels) {
    const needed = 20 + textWidth(text, SIZE);
    if (at > x && at + needed > x + width) {
      at = x;
      line++;
    }
    builder.rect(at, y + line * 20, 14, 12, paint, ROLE.border);
    builder.text(at + 20, y + 10 + line * 20, text, { size: SIZE, fill: ROLE.muted });
    at += needed + 20;
  }
  return (line + 1) * 20;
}

/** Tasks at the left and steps at the right, of as many strips as have room for a line. */
function drawNames(
  builder: SceneBuilder,
  strips: readonly Strip[],
  top: number,
  height: number,
  right: number,
): void {
  const { margin } = builder.page;
  const every = Math.ceil(LABEL_LINE / height);
  for (let row = 0; row < strips.length; row += every) {
    const { episode, values } = strips[row] as Strip;
    const baseline = top + row * height + Math.max(height, 10) / 2 + 4;
    const name = fitText(cleanText(episode.task_id), NAMES - 12, SIZE);
    builder.text(margin, baseline, name, { size: SIZE, fill: ROLE.muted });
    builder.text(right + OUTCOMES - 2, baseline, String(values.length), {
      size: SIZE,
      anchor: "end",
      fill: ROLE.muted,
    });
  }
}

function drawSteps(builder: SceneBuilder, longest: number, left: number, width: number, y: number): void {
  const ticks = ticksOf({ low: 0, high: Math.max(1, longest - 1) }, width / 90, true);
  const style = { size: SIZE, fill: ROLE.muted } as const;
  builder.text(left - 6, y + 16, "step", { ...style, anchor: "end" });
  for (const [index, label] of tickLabels(ticks).entries()) {
    const x = left + ((ticks[index] as number) / longest) * width;
    const middle = Math.max(
      left + textWidth(label, SIZE) / 2,
      Math.min(left + width - textWidth(label, SIZE) / 2, x),
    );
    builder.text(middle, y + 16, label, { ...style, anchor: "middle" });
  }
  builder.text(left + width + OUTCOMES - 2, y + 16, "steps", { ...style, anchor: "end" });
}

/** "total reward: median −0.5, interquartile mean −0.4", as the episodes ended. */
function middleOf(strips: readonly Strip[], kind: "similarity" | "reward"): string {
  const totals = strips.map(({ episode }) => episode.totals);
  const text =
    kind === "similarity"
      ? middleText(
          totals.map(({ final_similarity }) => final_similarity ?? Number.NaN),
          formatPercent,
        )
      : middleText(
          totals.map(({ reward }) => reward),
          formatShort,
        );
  return text === "" ? "" : `${kind === "similarity" ? "final similarity" : "total reward"}: ${text}`;
}

/** z of the normal distribution for an interval of 95 %. */
const Z = 1.959964;

/** "51 of 63 solved: 81.0%, 95% interval 69.6% to 88.8%" (Wilson). */
function solvedText(solved: number, count: number): string {
  const share = solved / count;
  const middle = (share + (Z * Z) / (2 * count)) / (1 + (Z * Z) / count);
  const half =
    (Z / (1 + (Z * Z) / count)) * Math.sqrt((share * (1 - share)) / count + (Z * Z) / (4 * count * count));
  const bounds = [middle - half, middle + half].map((bound) =>
    formatPercent(Math.max(0, Math.min(1, bound))),
  );
  return `${solved} of ${count} solved: ${formatPercent(share)}, 95% interval ${bounds.join(" to ")}`;
}
