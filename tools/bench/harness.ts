/** One way to do the work; `run` does it once for item `i` of the data. */
export interface Variant {
  readonly name: string;
  run(i: number): unknown;
}

export interface Figures {
  /** Median microseconds for one call, by variant. */
  readonly microseconds: ReadonlyMap<string, number>;
  /** Median over the rounds of `a`'s time divided by `b`'s in the same round. */
  ratio(a: string, b: string): number;
}

/** A measured figure and what it is held against. */
export interface Bar {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  readonly goal: number;
  /** Past it the bench fails. */
  readonly gate: number;
  readonly better: "more" | "less";
}

/**
 * Runs all variants in each round, in shuffled order, each for about `milliseconds`. Machines are noisy and their
 * speed drifts, so figures are compared only inside a round, and the median of the rounds is taken.
 */
export function measure(variants: readonly Variant[], { rounds = 9, milliseconds = 60 } = {}): Figures {
  const counts = new Map<string, number>();
  for (const { name, run } of variants) {
    let count = 1;
    for (;;) {
      const time = timed(run, count);
      if (time > (milliseconds * 1e3) / 2) break;
      count = Math.max(count + 1, Math.min(8 * count, Math.ceil((count * milliseconds * 1e3) / Math.max(time, 1))));
    }
    counts.set(name, count);
  }
  const times = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  for (let round = -1; round < rounds; round++) {
    const order = variants.map((variant) => ({ variant, place: next() })).sort((a, b) => a.place - b.place);
    for (const { variant } of order) {
      const count = counts.get(variant.name) as number;
      const time = timed(variant.run, count) / count;
      if (round >= 0) (times.get(variant.name) as number[]).push(time);
    }
  }
  return {
    microseconds: new Map([...times].map(([name, all]) => [name, median(all)])),
    ratio: (a, b) => median((times.get(a) as number[]).map((time, i) => time / ((times.get(b) as number[])[i] as number))),
  };
}

/** Prints a line for each bar; the exit code is 1 if a gate is passed. */
export function report(title: string, bars: readonly Bar[]): void {
  console.log(`\n${title}`);
  for (const { what, figure, unit, goal, gate, better } of bars) {
    const holds = (limit: number) => (better === "more" ? figure >= limit : figure <= limit);
    const sign = better === "more" ? ">=" : "<=";
    const verdict = holds(goal) ? "goal" : holds(gate) ? "gate" : "FAILED";
    const shown = figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
    console.log(
      `  ${verdict.padEnd(6)} ${what}: ${shown} ${unit} (goal ${sign} ${goal}, gate ${sign} ${gate})`,
    );
    if (!holds(gate)) process.exitCode = 1;
  }
}

function timed(run: (i: number) => unknown, count: number): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) run(i);
  return Number(process.hrtime.bigint() - start) / 1e3;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
