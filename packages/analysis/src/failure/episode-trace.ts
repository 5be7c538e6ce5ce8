import { type EpisodeRow, STEP_FLAG, type StepTable } from "../table/step-table.js";

/** An episode as the rules of failure look at it: one entry per step, and the states one longer, for the beginning. */
export interface EpisodeTrace {
  readonly episode: EpisodeRow;
  /** Numbers of the steps, as recorded. */
  readonly steps: Uint32Array;
  /** Which grid is there before step i, equal numbers for equal grids; the last is the final grid. */
  readonly states: Uint32Array;
  readonly changed: Uint16Array;
  /** NaN where unknown. */
  readonly similarity: Float64Array;
  readonly reward: Float64Array;
  hasFlag(step: number, flag: keyof typeof STEP_FLAG): boolean;
  /** Whether the grid after the step is the target, cell by cell; false where the target is hidden. */
  isTarget(step: number): boolean;
}

export function traceOf(table: StepTable, episode: EpisodeRow): EpisodeTrace {
  const { first, steps } = episode;
  const end = first + steps;
  const states = new Uint32Array(steps + 1);
  states.set(table.state.subarray(first, end), 1);
  const flags = table.flags.subarray(first, end);
  const wrong = table.wrong.subarray(first, end);
  return {
    episode,
    steps: table.step.subarray(first, end),
    states,
    changed: table.changed.subarray(first, end),
    similarity: table.similarity.subarray(first, end),
    reward: table.reward.subarray(first, end),
    hasFlag: (step, flag) => (flags[step]! & STEP_FLAG[flag]) !== 0,
    isTarget: (step) => wrong[step] === 0,
  };
}
