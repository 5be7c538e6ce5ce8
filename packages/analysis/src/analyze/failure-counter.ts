import { traceOf } from "../failure/episode-trace.js";
import { FAILURE_MODES, type FailureMode } from "../failure/failure-mode.js";
import { findFailures } from "../failure/find-failures.js";
import type { StepTable } from "../table/step-table.js";
import type { FailureCount, FailureExample } from "./analysis.js";

const MOST_EXAMPLES = 5;

interface ModeCount {
  episodes: number;
  first: number;
  examples: FailureExample[];
}

/** Looks through failed episodes and counts what is found, in all and per task. */
export class FailureCounter {
  readonly #modes = new Map<FailureMode, ModeCount>();
  readonly #byTask = new Map<string, Map<FailureMode, number>>();
  unexplained = 0;

  /** `taskOf` names the group that an episode belongs to. */
  add(run: number, table: StepTable, taskOf: (episode: StepTable["episodes"][number]) => string): void {
    for (const episode of table.episodes) {
      if (episode.outcome === "success") continue;
      const failures = findFailures(traceOf(table, episode));
      if (failures.length === 0) this.unexplained += 1;
      failures.forEach(({ mode, steps, evidence }, at) => {
        const count = this.#of(mode);
        count.episodes += 1;
        if (at === 0) count.first += 1;
        keepExample(count.examples, {
          run,
          episode: episode.number,
          task_id: episode.task_id,
          steps,
          evidence,
        });
        this.#countFor(taskOf(episode), mode);
      });
    }
  }

  finish(): FailureCount[] {
    return [...this.#modes]
      .map(([mode, count]) => ({ mode, ...count }))
      .sort(
        (a, b) => b.episodes - a.episodes || FAILURE_MODES.indexOf(a.mode) - FAILURE_MODES.indexOf(b.mode),
      );
  }

  ofTask(task: string): { mode: FailureMode; episodes: number }[] {
    return [...(this.#byTask.get(task) ?? [])]
      .map(([mode, episodes]) => ({ mode, episodes }))
      .sort((a, b) => b.episodes - a.episodes);
  }

  #of(mode: FailureMode): ModeCount {
    let count = this.#modes.get(mode);
    if (count === undefined) {
      count = { episodes: 0, first: 0, examples: [] };
      this.#modes.set(mode, count);
    }
    return count;
  }

  #countFor(task: string, mode: FailureMode): void {
    let modes = this.#byTask.get(task);
    if (modes === undefined) {
      modes = new Map();
      this.#byTask.set(task, modes);
    }
    modes.set(mode, (modes.get(mode) ?? 0) + 1);
  }
}

function keepExample(examples: FailureExample[], example: FailureExample): void {
  examples.push(example);
  examples.sort((a, b) => b.steps.length - a.steps.length);
  if (examples.length > MOST_EXAMPLES) examples.pop();
}
