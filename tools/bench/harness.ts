import { randomNumbers } from "@episcope/records/testing";

/** Does the work `count` times. */
export type Variant = (count: number) => void | Promise<void>;

/** Nanoseconds of one operation, by variant: one figure a round, in the order of the rounds. */
export type Measurement = { readonly [variant: string]: readonly number[] };

export interface MeasureOptions {
  /** Default: 11. */
  readonly rounds?: number;
  /** How long a variant runs in a round, about. Default: 50. */
  readonly milliseconds?: number;
  /** By variant: operations that it does in a round, at most. */
  readonly most?: { readonly [variant: string]: number };
  /**
   * "processor": time of this process on all cores, which other programs on the machine disturb less; for work that
   * does not wait. Default: "wall".
   */
  readonly clock?: "wall" | "processor";
  /** By variant: waited for after each of its runs, untimed, so that a backlog does not reach the next. */
  readonly settle?: { readonly [variant: string]: () => Promise<void> };
}

/** A figure and what it is held against. */
export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What is aimed at. */
  readonly goal: number;
  /** Past it the bench fails. */
  readonly gate: number;
  /** Which side of the goal is the good one. */
  readonly good: "below" | "above";
}

/**
 * Runs all variants in each round, in shuffled order. Machines are noisy and their speed drifts, so variants are
 * compared inside a round (`ratio`), never by absolute times.
 */
export async function measure(
  variants: { readonly [name: string]: Variant },
  { rounds = 11, milliseconds = 50, most = {}, clock = "wall", settle = {} }: MeasureOptions = {},
): Promise<Measurement> {
  const entries = Object.entries(variants);
  const wanted = milliseconds * 1e6;
  const counts = new Map<string, number>();
  for (const [name, run] of entries) {
    let count = 1;
    for (;;) {
      // Twice: a pause of the machine in a short run would pass for a slow variant.
      const times: number[] = [];
      for (let turn = 0; turn < 2; turn++) {
        times.push(await timed(run, count, clock));
        await settle[name]?.();
      }
      const time = Math.min(...times);
      const limit = most[name] ?? Number.MAX_SAFE_INTEGER;
      if (time > wanted / 2 || count === limit) break;
      const next = Math.min(8 * count, Math.ceil((count * wanted) / Math.max(time, 1)));
      count = Math.min(limit, Math.max(count + 1, next));
    }
    counts.set(name, count);
  }
  const figures = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  const next = randomNumbers(7);
  // Round -1 warms up.
  for (let round = -1; round < rounds; round++) {
    const order = entries.map((entry) => ({ entry, place: next() })).sort((a, b) => a.place - b.place);
    for (const {
      entry: [name, run],
    } of order) {
      const count = counts.get(name)!;
      const time = (await timed(run, count, clock)) / count;
      await settle[name]?.();
      if (round >= 0) figures.get(name)!.push(time);
    }
  }
  return Object.fromEntries(figures);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median over the rounds of one variant's time divided by another's in the same round. */
export function ratio(measurement: Measurement, of: string, to: string): number {
  const other = measurement[to]!;
  return median(measurement[of]!.map((time, round) => time / other[round]!));
}

/**
 * The same of the lower quartiles, for bursts of a millisecond: another program that gets the processor in the middle of
 * one adds more than the burst itself takes, and never takes anything away.
 */
export function quietRatio(measurement: Measurement, of: string, to: string): number {
  return quartile(measurement[of]!) / quartile(measurement[to]!);
}

export function quartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 2]!;
}

/** Prints a line for each bar: figure, goal, gate. False if one is past its gate. */
export function report(bars: readonly Bar[]): boolean {
  let ok = true;
  for (const { what, value, unit, goal, gate, good } of bars) {
    const holds = (limit: number): boolean => (good === "below" ? value <= limit : value >= limit);
    const verdict = holds(goal) ? "goal" : holds(gate) ? "gate" : "PAST";
    const sign = good === "below" ? "<=" : ">=";
    console.log(
      `${verdict.padEnd(5)}${what}: ${short(value)} ${unit} (goal ${sign} ${short(goal)}, gate ${sign} ${short(gate)})`,
    );
    if (!holds(gate)) ok = false;
  }
  return ok;
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

async function timed(run: Variant, count: number, clock: "wall" | "processor"): Promise<number> {
  const start = now(clock);
  await run(count);
  return now(clock) - start;
}

/** Nanoseconds from some beginning. */
function now(clock: "wall" | "processor"): number {
  if (clock === "wall") return Number(process.hrtime.bigint());
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
