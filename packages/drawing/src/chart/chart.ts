import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { type Range, tickLabels, ticksOf } from "./axis.js";
import { LINEAR, type Scale } from "./scale.js";

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
  /** What x counts: stands left of its ticks, where no tick can be. */
  readonly xLabel?: string;
  /** Steps are integers; so are their ticks, and the last one is always among them. */
  readonly xIntegers?: boolean;
  readonly keys?: readonly ChartKey[];
  readonly yScale?: Scale;
  /** Other labels than those of the scale, percent for instance. */
  readonly yLabels?: (ticks: readonly number[]) => string[];
  readonly yTicks?: number;
  /** Other labels than the numbers of the x ticks. */
  readonly xLabels?: (ticks: readonly number[]) => string[];
  /** Ticks stand at round values of x plus this: 1 where places from 0 are counted from 1. */
  readonly xTickShift?: number;
  /** "lines": ticks without their labels, for a chart above another; "none": no ticks, the caller labels the axis. */
  readonly xTicks?: "lines" | "none";
  /** Room for the labels at the left; charts above each other share one so that equal steps stand under each other. */
  readonly gutter?: number;
  /** Room right of the plot. */
  readonly right?: number;
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
/** Below a chart without labels at its x axis. */
const BARE_AXIS = 8;
const LABEL_SIZE = TEXT_SIZE.caption;
const LEAST_GUTTER = 28;

/** Title, keys, axes with ticks and, where zero is inside, a zero line. Returns where to draw the values. */
export function drawChart(
  builder: SceneBuilder,
  box: ChartBox,
  xRange: Range,
  yRange: Range,
  options: ChartOptions,
): Plot {
  const scale = options.yScale ?? LINEAR;
  const yTicks = scale.ticks(yRange, options.yTicks ?? 4);
  const yLabels = (options.yLabels ?? scale.labels)(yTicks);
  const gutter = options.gutter ?? gutterFor(yLabels, options.xLabel);
  const left = Math.ceil(box.x + gutter);
  const right = Math.floor(box.x + box.width - (options.right ?? 6));
  const top = box.y + TITLE;
  const bottom = box.y + box.height - (options.xTicks === "lines" ? BARE_AXIS : AXIS);
  const places = { low: scale.forward(yRange.low), high: scale.forward(yRange.high) };
  const plot: Plot = {
    left,
    right,
    top,
    bottom,
    xRange,
    yRange,
    xAt: (value) => place(value, xRange, left, right),
    yAt: (value) => place(scale.forward(value), places, bottom, top),
  };
  drawTitle(builder, box, options, scale);
  builder.rect(left, top, right - left, bottom - top, ROLE.panel);
  const lines: number[] = [];
  for (const [index, tick] of yTicks.entries()) {
    const y = Math.round(plot.yAt(tick));
    lines.push(left, y, right - left, 0);
    const style = { size: LABEL_SIZE, fill: ROLE.muted, anchor: "end" } as const;
    builder.text(left - 6, y + 4, yLabels[index] as string, style);
  }
  drawXTicks(builder, plot, options, lines);
  builder.add({ kind: "segments", lines, weight: 1, stroke: ROLE.tick });
  drawZeroLine(builder, plot);
  return plot;
}

/** Room for y labels and for what x counts. */
export function gutterFor(yLabels: readonly string[], xLabel = ""): number {
  const widths = [xLabel, ...yLabels].map((label) => textWidth(label, LABEL_SIZE));
  return Math.ceil(Math.max(LEAST_GUTTER, ...widths) + 8);
}

/** Lines at the ticks of x, added to `lines`, and their labels, none of which touches its neighbour. */
function drawXTicks(builder: SceneBuilder, plot: Plot, options: ChartOptions, lines: number[]): void {
  const { left, right, top, bottom } = plot;
  const style = { size: LABEL_SIZE, fill: ROLE.muted } as const;
  const labelled = options.xTicks === undefined;
  if (labelled) builder.text(left - 6, bottom + 16, options.xLabel ?? "", { ...style, anchor: "end" });
  if (options.xTicks === "none") return;
  const ticks = xTicksOf(plot, options);
  const labels = (options.xLabels ?? tickLabels)(ticks);
  const last = ticks.length - 1;
  // The last step's number counts most: an earlier label that would touch it is left out.
  let free = right + 6;
  for (let index = last; index >= 0; index--) {
    const x = Math.round(plot.xAt(ticks[index] as number));
    lines.push(Math.min(x, right - 1), top, bottom - top, 1);
    const width = textWidth(labels[index] as string, LABEL_SIZE);
    const middle = Math.max(left - 2 + width / 2, Math.min(right + 4 - width / 2, x));
    if (!labelled || middle + width / 2 > free) continue;
    builder.text(middle, bottom + 16, labels[index] as string, { ...style, anchor: "middle" });
    free = middle - width / 2 - 8;
  }
}

function xTicksOf({ xRange, left, right }: Plot, options: ChartOptions): number[] {
  const shift = options.xTickShift ?? 0;
  const shifted = { low: xRange.low + shift, high: xRange.high + shift };
  const ticks = ticksOf(shifted, (right - left) / 70, options.xIntegers).map((tick) => tick - shift);
  const end = Math.floor(xRange.high);
  if (options.xIntegers === true && end >= xRange.low && ticks.at(-1) !== end) ticks.push(end);
  return ticks;
}

/** A line at zero where the chart has one; again over what was filled since. */
export function drawZeroLine(builder: SceneBuilder, plot: Plot): void {
  const { left, right, yRange } = plot;
  if (yRange.low > 0 || yRange.high < 0) return;
  const lines = [left, Math.round(plot.yAt(0)), right - left, 0];
  builder.add({ kind: "segments", lines, weight: 1, stroke: ROLE.muted });
}

function drawTitle(builder: SceneBuilder, box: ChartBox, options: ChartOptions, scale: Scale): void {
  const { title, keys = [] } = options;
  const unit = [options.unit ?? "", scale.note].filter((part) => part !== "").join(" · ");
  const size = TEXT_SIZE.caption;
  const room = box.width - 6;
  // The title comes first; keys that do not fit beside it are left out.
  const shown = fitText(title, room, TEXT_SIZE.body);
  builder.text(box.x, box.y + 12, shown, { size: TEXT_SIZE.body, weight: 700 });
  const after = box.x + textWidth(`${shown} `, TEXT_SIZE.body);
  let x = box.x + room;
  for (const key of [...keys].reverse()) {
    const needed = textWidth(key.text, size) + 36;
    if (x - needed < after) break;
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
  const shownUnit =
    builder.page.narrow || unit.includes(" · ")
      ? fitParts(unit, x + 6 - after, size)
      : fitText(unit, x + 6 - after, size);
  builder.text(after, box.y + 12, shownUnit, { size, fill: ROLE.muted });
}

/** As many of the parts between dots as have room; none is cut. */
function fitParts(text: string, room: number, size: number): string {
  const parts = text.split(" · ");
  while (parts.length > 1 && textWidth(parts.join(" · "), size) > room) parts.pop();
  return textWidth(parts[0] as string, size) <= room ? parts.join(" · ") : "";
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
