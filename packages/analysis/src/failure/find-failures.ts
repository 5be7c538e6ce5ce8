import { loop, oscillation, undoPairs } from "./cycle-rules.js";
import type { EpisodeTrace } from "./episode-trace.js";
import { FAILURE_MODES, type Failure, type FailureMode, type FailureRule } from "./failure-mode.js";
import {
  earlyEnd,
  missingSubmit,
  nearMiss,
  noEffect,
  noProgress,
  prematureSubmit,
  selectionOutside,
  wrongSize,
} from "./result-rules.js";

const RULES: { readonly [Mode in FailureMode]: FailureRule } = {
  missing_submit: missingSubmit,
  wrong_size: wrongSize,
  near_miss: nearMiss,
  oscillation,
  loop,
  undo_pairs: undoPairs,
  selection_outside: selectionOutside,
  no_effect: noEffect,
  no_progress: noProgress,
  premature_submit: prematureSubmit,
  early_end: earlyEnd,
};

/** Steps that a failure names, at most. */
const MOST_STEPS = 50;

/**
 * What is found in one episode, in the order of FAILURE_MODES: the first explains most. An episode that succeeded has none.
 * `docs/analysis.md` defines each rule.
 */
export function findFailures(trace: EpisodeTrace): readonly Failure[] {
  if (trace.episode.outcome === "success") return [];
  const failures: Failure[] = [];
  for (const mode of FAILURE_MODES) {
    const found = RULES[mode](trace);
    if (found === null) continue;
    const steps = found.steps.slice(0, MOST_STEPS).map((step) => trace.steps[step]!);
    failures.push({ mode, steps, evidence: found.evidence });
  }
  return failures;
}
