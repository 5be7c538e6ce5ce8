import { type EpisodeRow, STEP_FLAG, type StepTable } from "../table/step-table.js";
import type { OperationUse } from "./analysis.js";

interface Counts {
  uses: number;
  without_effect: number;
  changes: number;
  changeSum: number;
  drops: number;
  drops_after: number;
  in_successes: number;
  in_failures: number;
}

/** Counts what each operation did, over all runs; by name, for two runs may give the same id different names. */
export class OperationCounter {
  readonly #counts = new Map<string, Counts>();
  #successSteps = 0;
  #failureSteps = 0;

  add(table: StepTable): void {
    const byOperation = table.operations.map(({ name }) => this.#of(name));
    for (const episode of table.episodes) this.#episode(table, episode, byOperation);
  }

  /** The most used first. */
  finish(): OperationUse[] {
    return [...this.#counts]
      .map(([name, counts]) => ({
        name,
        uses: counts.uses,
        without_effect: counts.without_effect,
        mean_change: counts.changes === 0 ? null : counts.changeSum / counts.changes,
        drops: counts.drops,
        drops_after: counts.drops_after,
        in_successes: share(counts.in_successes, this.#successSteps),
        in_failures: share(counts.in_failures, this.#failureSteps),
      }))
      .sort((a, b) => b.uses - a.uses || (a.name < b.name ? -1 : 1));
  }

  #episode(table: StepTable, episode: EpisodeRow, byOperation: readonly Counts[]): void {
    const { first, steps, initial_similarity, outcome } = episode;
    const isSuccess = outcome === "success";
    if (isSuccess) this.#successSteps += steps;
    else this.#failureSteps += steps;
    let before = initial_similarity ?? Number.NaN;
    let last: Counts | undefined;
    for (let row = first; row < first + steps; row++) {
      const counts = byOperation[table.operation[row]!]!;
      counts.uses += 1;
      if (isSuccess) counts.in_successes += 1;
      else counts.in_failures += 1;
      if (table.changed[row] === 0 && (table.flags[row]! & STEP_FLAG.submit) === 0)
        counts.without_effect += 1;
      const change = table.similarity[row]! - before;
      if (!Number.isNaN(change)) {
        counts.changes += 1;
        counts.changeSum += change;
        if (change < 0) {
          counts.drops += 1;
          if (last !== undefined) last.drops_after += 1;
        }
      }
      before = table.similarity[row]!;
      last = counts;
    }
  }

  #of(name: string): Counts {
    let counts = this.#counts.get(name);
    if (counts === undefined) {
      counts = {
        uses: 0,
        without_effect: 0,
        changes: 0,
        changeSum: 0,
        drops: 0,
        drops_after: 0,
        in_successes: 0,
        in_failures: 0,
      };
      this.#counts.set(name, counts);
    }
    return counts;
  }
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
