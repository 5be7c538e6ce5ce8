import { copyGrid } from "../../episode/grid.js";
import type { StepRecord } from "../../episode/record.js";
import { copySelection } from "../../episode/selection.js";
import type { StepInput } from "../step-input.js";

/** A record with arrays of its own: the ring's are used again. */
export function ownRecord(
  episode: string,
  step: number,
  seq: number,
  time: number,
  input: StepInput,
): StepRecord {
  const { action, after, before, reward, info } = input;
  const selection = action.selection === undefined ? undefined : copySelection(action.selection);
  return {
    type: "step",
    seq,
    episode,
    step,
    time,
    ...(before === undefined ? {} : { before: copyGrid(before) }),
    action: selection === undefined ? action : { ...action, selection },
    after: copyGrid(after),
    reward,
    terminated: input.terminated ?? false,
    truncated: input.truncated ?? false,
    info: info ?? {},
  };
}
