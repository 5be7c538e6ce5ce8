import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { type Range, tickLabels, ticksOf } from "./axis.js";

export interface ChartBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface ChartKey {
  readonly text: string;
  readonly stroke: Paint;
  readonly dash?: readonly [number, number];
}

interface ChartOptions {
  readonly title: string;
  /** Stands behind the title, muted. */
  readonly unit?: string;
  /** Below the x axis, at its right end. */
  readonly xLabel?: string;
  /** Steps are integers; so are their ticks. */
  readonly xIntegers?: boolean;
  readonly keys?: readonly ChartKey[];
  /** Other labels than the numbers of the y ticks, percent for instance. */
  readonly yLabels?: (ticks: readonly number[]) => string[];
  readonly yTicks?: number;
  /** Other labels than the numbers of the x ticks. */
  readonly xLabels?: (ticks: readonly number[]) => string[];
  /** Ticks stand at round values of x plus this: 1 where places from 0 are counted from 1. */
  readonly xTickShift?: number;
  /** False: no x ticks at all, the caller labels the axis. */
  readonly xTicks?: boolean;
}

/** Where values stand in a chart. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly xRange: Range;
  readonly yRange: Range;
  /** Scene pixels, one decimal; values outside the range are drawn at its edge. */
  xAt(value: number): number;
  yAt(value: number): number;
}

const TITLE = 24;
const AXIS = 30;
const LABEL_SIZE = TEXT_SIZE.caption;

/** Title, keys, axes with ticks and, where zero is inside, a zero line. Returns where to draw the values. */
export function drawChart(
  builder: SceneBuilder,
  box: ChartBox,
  xRange: Range,
  yRange: Range,
  options: ChartOptions,
): Plot {
  const yTicks = ticksOf(yRange, options.yTicks ?? 4);
  const yLabels = (options.yLabels ?? tickLabels)(yTicks);
  const gutter = Math.max(20, ...yLabels.map((label) => textWidth(label, LABEL_SIZE))) + 8;
  const left = Math.ceil(box.x + gutter);
  const right = Math.floor(box.x + box.width - 6);
  const top = box.y + TITLE;
  const bottom = box.y + box.height - AXIS;
  const plot: Plot = {
    left,
    right,
    top,
    bottom,
    xRange,
    yRange,
    xAt: (value) => place(value, xRange, left, right),
    yAt: (value) => place(value, yRange, bottom, top),
  };
  drawTitle(builder, box, options);
  builder.rect(left, top, right - left, bottom - top, ROLE.panel);
  const style = { size: LABEL_SIZE, fill: ROLE.muted } as const;
  const lines: number[] = [];
  for (const [index, tick] of yTicks.entries()) {
    const y = Math.round(plot.yAt(tick));
    lines.push(left, y, right - left, 0);
    builder.text(left - 6, y + 4, yLabels[index] as string, { ...style, anchor: "end" });
  }
  const xLabel = options.xLabel ?? "";
  const labelled = right - textWidth(xLabel, LABEL_SIZE) - 10;
  const shift = options.xTickShift ?? 0;
  const shifted = { low: xRange.low + shift, high: xRange.high + shift };
  const xTicks =
    options.xTicks === false
      ? []
      : ticksOf(shifted, (right - left) / 70, options.xIntegers).map((tick) => tick - shift);
  const xLabels = (options.xLabels ?? tickLabels)(xTicks);
  for (const [index, tick] of xTicks.entries()) {
    const x = Math.round(plot.xAt(tick));
    const label = xLabels[index] as string;
    lines.push(Math.min(x, right - 1), top, bottom - top, 1);
    if (x + textWidth(label, LABEL_SIZE) / 2 < labelled || xLabel === "") {
      builder.text(x, bottom + 16, label, { ...style, anchor: "middle" });
    }
  }
  builder.text(right, bottom + 16, xLabel, { ...style, anchor: "end" });
  builder.add({ kind: "segments", lines, weight: 1, stroke: ROLE.tick });
  drawZeroLine(builder, plot);
  return plot;
}

/** A line at zero where the chart has one; again over what was filled since. */
export function drawZeroLine(builder: SceneBuilder, plot: Plot): void {
  const { left, right, yRange } = plot;
  if (yRange.low > 0 || yRange.high < 0) return;
  const lines = [left, Math.round(plot.yAt(0)), right - left, 0];
  builder.add({ kind: "segments", lines, weight: 1, stroke: ROLE.muted });
}

function drawTitle(builder: SceneBuilder, box: ChartBox, options: ChartOptions): void {
  const { title, unit = "", keys = [] } = options;
  builder.text(box.x, box.y + 12, fitText(title, box.width, TEXT_SIZE.body), {
    size: TEXT_SIZE.body,
    weight: 700,
  });
  const after = box.x + textWidth(`${title} `, TEXT_SIZE.body);
  const size = TEXT_SIZE.caption;
  let x = box.x + box.width - 6;
  for (const key of [...keys].reverse()) {
    x -= textWidth(key.text, size);
    builder.text(x, box.y + 12, key.text, { size, fill: ROLE.muted });
    x -= 22;
    const lines = [Math.round(x), box.y + 7, 16, 0];
    builder.add({
      kind: "segments",
      lines,
      weight: 2,
      stroke: key.stroke,
      ...(key.dash === undefined ? {} : { dash: key.dash }),
    });
    x -= 14;
  }
  builder.text(after, box.y + 12, fitText(unit, x + 6 - after, size), { size, fill: ROLE.muted });
}

function place(value: number, { low, high }: Range, from: number, to: number): number {
  const share = high > low ? (Math.max(low, Math.min(high, value)) - low) / (high - low) : 0.5;
  return Math.round((from + share * (to - from)) * 10) / 10;
}

/** "0%", "50%", for y axes of shares. */
export function percentLabels(ticks: readonly number[]): string[] {
  return tickLabels(ticks.map((tick) => Math.round(tick * 1e6) / 1e4)).map((label) => `${label}%`);
}

/** What to say where a chart would be empty. */
export function drawEmptyChart(builder: SceneBuilder, box: ChartBox, title: string, why: string): void {
  builder.text(box.x, box.y + 12, fitText(title, box.width, TEXT_SIZE.body), {
    size: TEXT_SIZE.body,
    weight: 700,
  });
  builder.rect(box.x, box.y + TITLE, box.width, box.height - TITLE, ROLE.panel);
  builder.text(
    box.x + box.width / 2,
    box.y + (TITLE + box.height) / 2 + 4,
    fitText(why, box.width - 8, TEXT_SIZE.caption),
    {
      size: TEXT_SIZE.caption,
      anchor: "middle",
      fill: ROLE.muted,
    },
  );
}
