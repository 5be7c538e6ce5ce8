import type { Outcome } from "../record/record.js";
import type { StepView } from "./view.js";

/** What the last step says about an episode, where the producer does not; null: it had no step. */
export function outcomeOf(
  last: Pick<StepView, "info" | "similarity" | "terminated" | "truncated"> | null,
): Outcome {
  if (last === null) return "aborted";
  const success = last.info.success ?? last.similarity === 1;
  if (success) return "success";
  if (last.terminated) return "failure";
  return last.truncated ? "truncated" : "aborted";
}
