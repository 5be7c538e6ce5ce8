import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { formatSigned } from "../text/format-number.js";
import { drawZeroLine, type Plot } from "./chart.js";
import type { Bin } from "./series.js";

interface CurveStyle {
  readonly stroke: Paint;
  readonly weight?: number;
  readonly dash?: readonly [number, number];
  /** Longest number of points; more are thinned to the extremes of each stretch. */
  readonly maxPoints: number;
}

/**
 * A curve through (xs[i], ys[i]), cut off where it leaves the chart. What is not finite interrupts it. A point
 * without neighbours becomes a dot.
 */
export function drawCurve(
  builder: SceneBuilder,
  plot: Plot,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  style: CurveStyle,
): void {
  const points: number[] = [];
  const dots: number[] = [];
  let last: Point | null = null;
  let lonely = false;
  const add = ({ x, y }: Point): void => {
    points.push(plot.xAt(x), plot.yAt(y));
  };
  const endPiece = (): void => {
    if (last !== null && lonely && isInside(last, plot)) dots.push(plot.xAt(last.x), plot.yAt(last.y));
    last = null;
  };
  /** Where the line drawn so far ends, if it may go on from there. */
  let end: Point | null = null;
  for (const index of thin(ys, style.maxPoints)) {
    const point: Point = { x: xs[index] as number, y: ys[index] as number };
    if (!Number.isFinite(point.y)) {
      endPiece();
      end = null;
      continue;
    }
    const part: readonly [Point, Point] | null = last === null ? null : clip(last, point, plot);
    if (part !== null) {
      if (end !== part[0]) {
        if (points.length > 0) points.push(Number.NaN, Number.NaN);
        add(part[0]);
      }
      add(part[1]);
    }
    end = part === null ? null : part[1];
    lonely = last === null;
    last = point;
  }
  endPiece();
  const { stroke, weight = 2, dash } = style;
  if (points.length > 0) {
    const line = { kind: "polyline", points, weight, stroke } as const;
    builder.add(dash === undefined ? line : { ...line, dash });
  }
  if (dots.length > 0) builder.add({ kind: "dots", points: dots, radius: weight + 1, fill: stroke });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function isInside({ y }: Point, { yRange }: Plot): boolean {
  return y >= yRange.low && y <= yRange.high;
}

/** The part of a line that lies inside the chart's y range; an end that is inside stays the same object. */
function clip(from: Point, to: Point, plot: Plot): readonly [Point, Point] | null {
  const { low, high } = plot.yRange;
  if ((from.y < low && to.y < low) || (from.y > high && to.y > high)) return null;
  const cut = (end: Point, other: Point): Point => {
    if (isInside(end, plot)) return end;
    const y = end.y < low ? low : high;
    return { x: end.x + ((other.x - end.x) * (y - end.y)) / (other.y - end.y), y };
  };
  return [cut(from, to), cut(to, from)];
}

/** Indices to draw: all, or of each stretch its first, smallest and largest value, and the last of all. */
function thin(ys: ArrayLike<number>, maxPoints: number): number[] {
  const count = ys.length;
  if (count <= maxPoints) return Array.from({ length: count }, (_, index) => index);
  const kept = new Set<number>();
  const stretch = (count * 3) / maxPoints;
  for (let start = 0; start < count; start += stretch) {
    const from = Math.floor(start);
    const to = Math.min(count, Math.floor(start + stretch));
    let low = from;
    let high = from;
    for (let index = from; index < to; index++) {
      const value = ys[index] as number;
      if (!Number.isFinite(value)) kept.add(index);
      if (value < (ys[low] as number)) low = index;
      if (value > (ys[high] as number)) high = index;
    }
    kept.add(from).add(low).add(high);
  }
  kept.add(count - 1);
  return [...kept].sort((a, b) => a - b);
}

/**
 * Bars from zero, one per step; where there are more steps than pixels, one for each pixel from the smallest to
 * the largest value of its steps. Values beyond the range end at the edge, with a dot there; a value that is not finite
 * is no bar but a dot, at zero for NaN.
 */
export function drawBars(
  builder: SceneBuilder,
  plot: Plot,
  values: ArrayLike<number>,
  { fill = ROLE.reward, widest = 24 }: { readonly fill?: Paint; readonly widest?: number } = {},
): void {
  const zero = Math.round(plot.yAt(0));
  const slot = (plot.right - plot.left) / Math.max(1, values.length);
  // Narrow bars touch: gaps of uneven pixels would look like a pattern in the values.
  const weight = slot < 5 ? Math.ceil(slot) : Math.min(widest, Math.floor(slot * 0.7));
  const above = new Map<number, number>();
  const below = new Map<number, number>();
  const { points: beyond, dot } = edgeDots();
  for (let step = 0; step < values.length; step++) {
    const value = values[step] as number;
    const middle = plot.xAt(step);
    if (Number.isNaN(value)) dot(middle, zero);
    if (value === Number.POSITIVE_INFINITY) dot(middle, plot.top + 4);
    if (value === Number.NEGATIVE_INFINITY) dot(middle, plot.bottom - 4);
    if (!Number.isFinite(value)) continue;
    const x = Math.max(plot.left, Math.min(plot.right - weight, Math.round(middle - weight / 2)));
    const y = Math.round(plot.yAt(value));
    if (value > 0) above.set(x, Math.max(above.get(x) ?? 0, Math.max(1, zero - y)));
    if (value < 0) below.set(x, Math.max(below.get(x) ?? 0, Math.max(1, y - zero)));
    if (value > plot.yRange.high) dot(middle, plot.top + 4);
    if (value < plot.yRange.low) dot(middle, plot.bottom - 4);
  }
  const up = [...above].flatMap(([x, height]) => [x, zero - height, height, 1]);
  const down = [...below].flatMap(([x, height]) => [x, zero + 1, height, 1]);
  if (up.length > 0) builder.add({ kind: "segments", lines: up, weight, stroke: fill });
  if (down.length > 0) builder.add({ kind: "segments", lines: down, weight, stroke: ROLE.negative });
  if (beyond.length > 0)
    builder.add({ kind: "dots", points: beyond, radius: 3, fill: ROLE.accent, ring: ROLE.page });
}

/** Collects dots at a chart's edge, none nearer to the last of its edge than a dot's radius. */
function edgeDots(): { readonly points: number[]; readonly dot: (x: number, y: number) => void } {
  const points: number[] = [];
  const last = new Map<number, number>();
  const dot = (x: number, y: number): void => {
    if (x - (last.get(y) ?? Number.NEGATIVE_INFINITY) < 3) return;
    last.set(y, x);
    points.push(x, y);
  };
  return { points, dot };
}

/** Dots at the edge of a chart where a curve leaves its scale, one at most for each stretch outside. */
export function drawBeyond(
  builder: SceneBuilder,
  plot: Plot,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
): void {
  const { points, dot } = edgeDots();
  let outside = false;
  for (let index = 0; index < ys.length; index++) {
    const value = ys[index] as number;
    const above = value > plot.yRange.high;
    const beyond = above || value < plot.yRange.low;
    if (beyond && !outside) {
      dot(plot.xAt(xs[index] as number), above ? plot.top + 4 : plot.bottom - 4);
    }
    outside = beyond;
  }
  if (points.length > 0) builder.add({ kind: "dots", points, radius: 3, fill: ROLE.accent, ring: ROLE.page });
}

/** "beyond the scale: +10.000 at step 59", for values that the axis does not reach. */
export function beyondText(
  values: ArrayLike<number>,
  low: number,
  high: number,
  where: (index: number) => string = (step) => `step ${step}`,
): string {
  let count = 0;
  let extreme = -1;
  for (let step = 0; step < values.length; step++) {
    const value = values[step] as number;
    if (!(value > high || value < low)) continue;
    count++;
    if (extreme < 0 || Math.abs(value) > Math.abs(values[extreme] as number)) extreme = step;
  }
  if (count === 0) return "";
  const most = `${formatSigned(values[extreme] as number, 2)} at ${where(extreme)}`;
  return count === 1 ? `off scale: ${most}` : `${count} off scale, ${most}`;
}

/** A band between two curves over the same xs. */
export function drawBand(
  builder: SceneBuilder,
  plot: Plot,
  xs: ArrayLike<number>,
  lows: ArrayLike<number>,
  highs: ArrayLike<number>,
  fill: Paint,
): void {
  if (xs.length < 2) return;
  const points: number[] = [];
  for (let index = 0; index < xs.length; index++) {
    points.push(plot.xAt(xs[index] as number), plot.yAt(highs[index] as number));
  }
  for (let index = xs.length - 1; index >= 0; index--) {
    points.push(plot.xAt(xs[index] as number), plot.yAt(lows[index] as number));
  }
  builder.add({ kind: "area", points, fill });
  drawZeroLine(builder, plot);
}

/** A dashed line at a value. */
export function drawReference(builder: SceneBuilder, plot: Plot, value: number): void {
  const y = Math.round(plot.yAt(value));
  const width = plot.right - plot.left;
  builder.add({
    kind: "segments",
    lines: [plot.left, y, width, 0],
    weight: 1,
    stroke: ROLE.text,
    dash: [4, 4],
  });
}

/** Of each bin its mean as a step of a line, in front of a bar from its smallest to its largest value. */
export function drawBins(builder: SceneBuilder, plot: Plot, bins: readonly Bin[]): void {
  const line: number[] = [];
  for (const { from, to, low, mean, high } of bins) {
    const left = Math.round(plot.xAt(from - 0.5));
    const right = Math.round(plot.xAt(to - 0.5));
    const top = Math.round(plot.yAt(high));
    const height = Math.max(1, Math.round(plot.yAt(low)) - top);
    builder.rect(left, top, Math.max(1, right - left), height, ROLE.rewardPale);
    line.push(left, plot.yAt(mean), right, plot.yAt(mean));
  }
  drawZeroLine(builder, plot);
  builder.add({ kind: "polyline", points: line, weight: 2, stroke: ROLE.reward });
}
