import { gridsEqual } from "../record/grid.js";
import { SUBMIT_OPERATION } from "../record/operations.js";
import type { StepView } from "./view.js";

/**
 * What became of an operation, where it is not what one hopes for. It "failed" where the environment says so with a text
 * in `info.error`; it had "no effect" where the grid after it is the grid before. Submitting is not meant to change
 * the grid. Null for all others.
 */
export function stepTrouble({ before, after, action, info }: StepView): "failed" | "no effect" | null {
  if (typeof info.error === "string" && info.error !== "") return "failed";
  return action.operation !== SUBMIT_OPERATION && gridsEqual(before, after) ? "no effect" : null;
}
