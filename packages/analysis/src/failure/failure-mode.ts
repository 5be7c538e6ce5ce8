import type { EpisodeTrace } from "./episode-trace.js";

/** Why an episode may have failed. The order is the order of naming: what stands first explains more. */
export const FAILURE_MODES = [
  "missing_submit",
  "wrong_size",
  "near_miss",
  "oscillation",
  "loop",
  "undo_pairs",
  "selection_outside",
  "no_effect",
  "no_progress",
  "premature_submit",
  "early_end",
] as const;
export type FailureMode = (typeof FAILURE_MODES)[number];

/** A mode in one episode, with the steps that show it. */
export interface Failure {
  readonly mode: FailureMode;
  /** Numbers of steps, as recorded; at most 50. */
  readonly steps: readonly number[];
  /** One sentence with its numbers, for people. */
  readonly evidence: string;
}

/** Finds one mode; null where it is not there. Steps are positions in the trace. */
export type FailureRule = (
  trace: EpisodeTrace,
) => { readonly steps: readonly number[]; readonly evidence: string } | null;
