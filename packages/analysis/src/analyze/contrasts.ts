import { mean, variance } from "d3-array";
import { FEWEST_FOR_INTERVAL } from "../statistics/intervals.js";
import { type EpisodeRow, STEP_FLAG, type StepTable } from "../table/step-table.js";
import type { Contrast } from "./analysis.js";

/** What is compared between successes and failures: one number of each episode. */
const FEATURES: readonly {
  readonly name: string;
  readonly of: (table: StepTable, episode: EpisodeRow) => number;
}[] = [
  { name: "steps", of: (_, { steps }) => steps },
  {
    name: "share of steps without effect",
    of: shareOfRows((table, row) => table.changed[row] === 0 && !submits(table, row)),
  },
  { name: "share of steps that lose similarity", of: shareOfDrops },
  { name: "different states reached", of: differentStates },
  { name: "cells changed per step", of: meanOf("changed") },
  { name: "cells selected per step", of: meanOf("selected") },
  { name: "different operations used", of: differentOperations },
];

/** Gathers one number of each episode and feature, for both sides. */
export class ContrastCounter {
  readonly #values = FEATURES.map(() => ({ successes: [] as number[], failures: [] as number[] }));

  add(table: StepTable): void {
    for (const episode of table.episodes) {
      if (episode.steps === 0) continue;
      const side = episode.outcome === "success" ? "successes" : "failures";
      FEATURES.forEach(({ of }, at) => {
        this.#values[at]![side].push(of(table, episode));
      });
    }
  }

  /** The clearest differences first; empty where one side has no episode. */
  finish(): Contrast[] {
    return this.#values
      .flatMap(({ successes, failures }, at) => {
        if (successes.length === 0 || failures.length === 0) return [];
        const a = mean(successes)!;
        const b = mean(failures)!;
        return [
          {
            name: FEATURES[at]!.name,
            successes: a,
            failures: b,
            interval: welchInterval(successes, failures),
          },
        ];
      })
      .sort((a, b) => clarity(b) - clarity(a));
  }
}

/** Of the difference of two means, with the normal's quantile: each side has at least six values. */
function welchInterval(a: readonly number[], b: readonly number[]): Contrast["interval"] {
  if (a.length < FEWEST_FOR_INTERVAL || b.length < FEWEST_FOR_INTERVAL) return null;
  const difference = mean(a)! - mean(b)!;
  const half = 1.96 * Math.sqrt(variance(a)! / a.length + variance(b)! / b.length);
  return { low: difference - half, high: difference + half };
}

/** How far the interval is from zero, in its own halves. */
function clarity({ interval }: Contrast): number {
  if (interval === null) return 0;
  const half = (interval.high - interval.low) / 2;
  return half === 0 ? 0 : Math.abs(interval.high + interval.low) / 2 / half;
}

function submits(table: StepTable, row: number): boolean {
  return (table.flags[row]! & STEP_FLAG.submit) !== 0;
}

function shareOfRows(holds: (table: StepTable, row: number) => boolean) {
  return (table: StepTable, { first, steps }: EpisodeRow): number => {
    let count = 0;
    for (let row = first; row < first + steps; row++) if (holds(table, row)) count += 1;
    return count / steps;
  };
}

function shareOfDrops({ similarity }: StepTable, { first, steps, initial_similarity }: EpisodeRow): number {
  let before = initial_similarity ?? Number.NaN;
  let drops = 0;
  for (let row = first; row < first + steps; row++) {
    if (similarity[row]! < before) drops += 1;
    before = similarity[row]!;
  }
  return drops / steps;
}

function differentStates({ state }: StepTable, { first, steps }: EpisodeRow): number {
  return new Set([0, ...state.subarray(first, first + steps)]).size;
}

function differentOperations({ operation }: StepTable, { first, steps }: EpisodeRow): number {
  return new Set(operation.subarray(first, first + steps)).size;
}

function meanOf(name: "changed" | "selected") {
  return (table: StepTable, { first, steps }: EpisodeRow): number => {
    let sum = 0;
    for (let row = first; row < first + steps; row++) sum += table[name][row]!;
    return sum / steps;
  };
}
