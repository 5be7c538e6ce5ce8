import { extentOf, padRange, type Range, robustRange, tickLabels, ticksOf } from "./axis.js";

/** How values become places on an axis. */
export interface Scale {
  forward(value: number): number;
  inverse(place: number): number;
  /** About `count` values to write at the axis. */
  ticks(range: Range, count: number): number[];
  labels(ticks: readonly number[]): string[];
  /** What the title says of the scale; "" for an ordinary one. */
  readonly note: string;
}

export const LINEAR: Scale = {
  forward: (value) => value,
  inverse: (place) => place,
  ticks: ticksOf,
  labels: tickLabels,
  note: "",
};

/** Linear up to `linear` on both sides of zero, a power of ten; beyond it each power of ten takes the same room. */
export function symlog(linear: number): Scale {
  return {
    forward: (value) => {
      const size = Math.abs(value);
      if (size <= linear) return value / linear;
      // Not the logarithm of a quotient, which may overflow.
      return Math.sign(value) * (1 + Math.log10(size) - Math.log10(linear));
    },
    inverse: (place) => {
      const size = Math.abs(place);
      if (size <= 1) return place * linear;
      return Math.sign(place) * Math.min(Number.MAX_VALUE, linear * 10 ** (size - 1));
    },
    ticks: (range, count) => symlogTicks(linear, range, count),
    labels: (ticks) => ticks.map((tick) => tickLabels([tick])[0] as string),
    note: `linear to ±${tickLabels([linear])[0]}, then powers of ten`,
  };
}

/** Zero and powers of ten, every second or third of them where there are many. */
function symlogTicks(linear: number, { low, high }: Range, count: number): number[] {
  const powers = (end: number): number =>
    end < linear ? 0 : 1 + Math.floor(Math.log10(end) - Math.log10(linear) + 1e-9);
  const [below, above] = [powers(-low), powers(high)];
  const stride = Math.max(1, Math.ceil((below + above) / count));
  const ticks: number[] = [];
  for (let power = below; power >= 1; power--) {
    if (power % stride === 0) ticks.push(-linear * 10 ** (power - 1));
  }
  ticks.push(0);
  for (let power = 1; power <= above; power++) {
    if (power % stride === 0) ticks.push(linear * 10 ** (power - 1));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** An axis that shows every value. */
export interface ValueAxis {
  readonly scale: Scale;
  readonly range: Range;
}

/** A scale shows so many powers of ten at most: of more none would have room. */
const MOST_POWERS = 6;

/** The smallest power of ten that is not below a value. */
function powerAbove(value: number): number {
  return 10 ** Math.ceil(Math.log10(value) - 1e-9);
}

/**
 * The axis for bars and curves from zero. It reaches every finite value, for one that stands out (the bonus of a
 * success) is what one looks for: where a few would squash the rest into a line, the scale becomes `symlog`,
 * linear over the rest (not for sums, which one compares by their height: `linear`). Null without a finite value. `room` is the share of the height that is added beyond a value.
 */
export function axisWithZero(
  values: ArrayLike<number>,
  { room = 0.06, linear = false }: { readonly room?: number; readonly linear?: boolean } = {},
): ValueAxis | null {
  const finite = Array.from(values).filter(Number.isFinite);
  const all = extentOf(finite);
  const bulk = robustRange(finite);
  if (all === null || bulk === null) return null;
  const whole = { low: Math.min(0, all.low), high: Math.max(0, all.high) };
  if (whole.low === whole.high) return { scale: LINEAR, range: padRange(whole, room) };
  const squashed = !linear && (bulk.low !== all.low || bulk.high !== all.high);
  const largest = Math.max(Math.abs(bulk.low), Math.abs(bulk.high));
  const farthest = Math.max(-whole.low, whole.high);
  const linearTo = Math.max(powerAbove(largest), powerAbove(farthest) * 10 ** -MOST_POWERS);
  const scale = squashed && largest > 0 && linearTo > 0 ? symlog(linearTo) : LINEAR;
  const places = { low: scale.forward(whole.low), high: scale.forward(whole.high) };
  const space = (places.high - places.low) * room;
  return {
    scale,
    range: {
      low: whole.low === 0 ? 0 : scale.inverse(places.low - space),
      high: whole.high === 0 ? 0 : scale.inverse(places.high + space),
    },
  };
}

/** Only of many values may a few be left out, and only so few of them. */
const CLIPPING = { from: 30, share: 0.02 } as const;

/** The range of a curve that may have outliers (a loss, a norm): all of it, or without the last two percent where those squash the rest. */
export function curveRange(values: ArrayLike<number>): Range | null {
  const finite = Array.from(values).filter(Number.isFinite);
  const bulk = robustRange(finite);
  if (bulk === null) return null;
  const beyond = finite.filter((value) => value < bulk.low || value > bulk.high).length;
  return finite.length > CLIPPING.from && beyond < CLIPPING.share * finite.length ? bulk : extentOf(finite);
}
