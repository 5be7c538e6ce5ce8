import type { SummaryView } from "@episcope/records";
import { isRealCell } from "@episcope/records";
import type { Detail } from "../scene/detail.js";
import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { extentOf, type Range, tickLabels, ticksOf } from "./axis.js";
import { type ChartBox, drawChart, drawEmptyChart, gutterFor, type Plot, percentLabels } from "./chart.js";
import { drawBars, drawBins, drawCurve, drawReference } from "./curves.js";
import { axisWithZero, type ValueAxis } from "./scale.js";
import { binsOf, notFiniteText, runningBest, runningTotal, stepNumbers } from "./series.js";

/** A step that the curves point at, by the number of its card. */
export interface Flag {
  readonly step: number;
  readonly number: number;
}

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Heights of the charts, the last one with the labels of the shared axis; and of a row of flags. */
const HEIGHT = { rewards: 118, totals: 118, similarities: 168, alone: 110, flag: 18 } as const;
/** From here on single bars say less than their means. */
const MOST_BARS = 150;
const BINS = 120;
/** Right of the plots, for a second axis. */
const RIGHT = 64;

/**
 * Reward, total reward and similarity of an episode above each other, with one axis of steps, and in it the flags of
 * the key steps. Where one alone has room it is the similarity, or the total of an unknown target. Returns the height.
 */
export function drawEpisodeCurves(
  builder: SceneBuilder,
  view: SummaryView,
  { x, y, width }: Place,
  flags: readonly Flag[],
  detail: Detail,
  similarityAlone = false,
): number {
  const steps = view.rewards.length;
  if (steps === 0) {
    const box = { x, y, width, height: HEIGHT.rewards };
    drawEmptyChart(builder, box, "Reward and similarity", "no steps");
    return box.height + 16;
  }
  const totals = runningTotal(view.rewards);
  const axes = { reward: axisWithZero(view.rewards), total: axisWithZero(totals, { linear: true }) };
  const gutter = Math.max(
    gutterFor(["100%"], "step"),
    ...[axes.reward, axes.total].map((axis) => (axis === null ? 0 : axisGutter(axis))),
  );
  const shared = { xIntegers: true, gutter, right: RIGHT } as const;
  const xRange = { low: -0.5, high: steps - 0.5 };
  const xs = stepNumbers(steps);
  let top = y;
  const next = (height: number): ChartBox => {
    const box = { x, y: top, width, height };
    top += height;
    return box;
  };
  const plots: Plot[] = [];

  const known = extentOf(view.similarities) !== null;
  if (!similarityAlone)
    drawRewards(builder, next(HEIGHT.rewards), xRange, view.rewards, axes.reward, shared, plots);
  if (!similarityAlone || !known) {
    const box = next(HEIGHT.totals + (known ? 0 : 22));
    const below = { ...shared, ...(known ? LINES : STEP) };
    drawTotals(builder, box, xRange, totals, axes.total, below, plots, detail);
  }
  const height = similarityAlone ? HEIGHT.alone : HEIGHT.similarities;
  if (known) drawSimilarities(builder, next(height), xRange, xs, view, shared, plots, detail);
  else top += 4;
  return top - y + drawFlags(builder, plots, flags, top) + 12;
}

const LINES = { xTicks: "lines" } as const;
const STEP = { xLabel: "step" } as const;

interface Shared {
  readonly xIntegers: boolean;
  readonly gutter: number;
  readonly right: number;
}

function axisGutter({ scale, range }: ValueAxis): number {
  return gutterFor(scale.labels(scale.ticks(range, 4)));
}

function drawRewards(
  builder: SceneBuilder,
  box: ChartBox,
  xRange: Range,
  rewards: Float64Array,
  axis: ValueAxis | null,
  shared: Shared,
  plots: Plot[],
): void {
  if (axis === null) {
    drawEmptyChart(builder, { ...box, height: box.height - 8 }, "Reward per step", "no finite reward");
    return;
  }
  const binned = rewards.length > MOST_BARS;
  const unit = [
    binned ? "mean, smallest and largest of neighbouring steps" : "",
    notFiniteText(rewards),
  ].filter((part) => part !== "");
  const title = { title: "Reward per step", unit: unit.join(" · "), yScale: axis.scale };
  const plot = drawChart(builder, box, xRange, axis.range, { ...title, ...shared, ...LINES });
  if (binned) drawBins(builder, plot, binsOf(rewards, BINS));
  else drawBars(builder, plot, rewards);
  plots.push(plot);
}

function drawTotals(
  builder: SceneBuilder,
  box: ChartBox,
  xRange: Range,
  totals: Float64Array,
  axis: ValueAxis | null,
  shared: Shared & { readonly xTicks?: "lines"; readonly xLabel?: string },
  plots: Plot[],
  detail: Detail,
): void {
  if (axis === null) {
    drawEmptyChart(builder, { ...box, height: box.height - 8 }, "Total reward", "no finite reward");
    return;
  }
  const gaps = notFiniteText(totals);
  const unit = gaps === "" ? "" : `${gaps}: gaps, left out of the sum`;
  const title = { title: "Total reward", unit, yScale: axis.scale };
  const plot = drawChart(builder, box, xRange, axis.range, { ...title, ...shared });
  const style = { stroke: ROLE.reward, maxPoints: detail.curvePoints };
  drawCurve(builder, plot, stepNumbers(totals.length), totals, style);
  plots.push(plot);
}

function drawSimilarities(
  builder: SceneBuilder,
  box: ChartBox,
  xRange: Range,
  xs: Float64Array,
  view: SummaryView,
  shared: Shared,
  plots: Plot[],
  detail: Detail,
): void {
  const range = shareRange(view);
  const percent = Math.round(range.low * 100);
  const plot = drawChart(builder, box, xRange, range, {
    title: "Similarity",
    unit: `target cells met${percent > 0 ? ` · from ${percent}%` : ""}`,
    yLabels: percentLabels,
    yTicks: 4,
    keys: [
      { text: "target", stroke: ROLE.text, dash: [4, 4] },
      { text: "best so far", stroke: ROLE.accent, dash: [4, 2] },
    ],
    xLabel: "step",
    ...shared,
  });
  drawReference(builder, plot, 1);
  const style = { maxPoints: detail.curvePoints };
  const best = runningBest(view.similarities, view.initial_similarity);
  drawCurve(builder, plot, xs, best, { stroke: ROLE.accent, dash: [4, 2], ...style });
  drawCurve(builder, plot, xs, view.similarities, { stroke: ROLE.similarity, ...style });
  drawWrongAxis(builder, plot, view);
  plots.push(plot);
}

/** Most episodes live in the upper part of the scale: it begins at the last twentieth below the smallest value. */
function shareRange({ similarities, initial_similarity }: SummaryView): Range {
  const all = extentOf([...similarities, initial_similarity ?? Number.NaN]);
  const low = all === null ? 0 : Math.floor((all.low - 0.01) * 20) / 20;
  const start = low < 0.3 ? 0 : Math.min(0.9, low);
  return { low: start, high: 1 + (1 - start) * 0.04 };
}

/** The same scale at the right, as the number of target cells that are wrong. */
function drawWrongAxis(builder: SceneBuilder, plot: Plot, { episode: { target } }: SummaryView): void {
  if (target === null) return;
  let cells = 0;
  for (let index = 0; index < target.data.length; index++) if (isRealCell(target, index)) cells++;
  if (cells === 0) return;
  const most = (1 - plot.yRange.low) * cells;
  const style = { size: TEXT_SIZE.caption, fill: ROLE.muted } as const;
  const ticks = most < 1 ? [0] : ticksOf({ low: 0, high: most }, 3, true);
  for (const [index, tick] of ticks.entries()) {
    const y = Math.round(plot.yAt(1 - tick / cells)) + 4;
    builder.text(plot.right + 12, y, tickLabels(ticks)[index] as string, style);
  }
  builder.text(plot.right + 12, plot.bottom + 16, "wrong", style);
}

/** Numbers of the cards below the axis, and a fine line up through the charts. Returns the height. */
function drawFlags(builder: SceneBuilder, plots: readonly Plot[], flags: readonly Flag[], y: number): number {
  const [plot] = plots;
  if (plot === undefined || flags.length === 0) return 0;
  const size = TEXT_SIZE.caption;
  /** Where each row of flags is free from. */
  const rows: number[] = [];
  const lines: number[] = [];
  for (const { step, number } of flags) {
    const x = Math.round(plot.xAt(step));
    for (const { top, bottom } of plots) lines.push(x, top, bottom - top, 1);
    const width = textWidth(String(number), size);
    let row = rows.findIndex((free) => free <= x - width / 2);
    if (row < 0) row = rows.length;
    rows[row] = x + width / 2 + 6;
    builder.text(x, y + 10 + row * HEIGHT.flag, String(number), {
      size,
      weight: 700,
      anchor: "middle",
      fill: ROLE.accent,
    });
  }
  builder.add({ kind: "segments", lines, weight: 1, stroke: ROLE.accent, dash: [1, 5] });
  builder.text(plot.left - 6, y + 10, "key", { size, anchor: "end", fill: ROLE.accent });
  return rows.length * HEIGHT.flag;
}
