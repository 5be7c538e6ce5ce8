import { bytesEqual, countCells } from "../record/grid.js";
import { SUBMIT_OPERATION } from "../record/operations.js";
import { RewardOutlierDetector } from "./reward-outlier.js";
import { gridSimilarity } from "./similarity.js";
import type { KeyStepReason, StepView } from "./view.js";

/** A step that changes similarity by this much or more is a jump or a drop. */
export const SIMILARITY_LEAP = 0.1;
/**
 * A new best similarity is a reason where it is this much above the last best that was one (or above the start):
 * an agent that gets better with every step would otherwise have nothing but key steps.
 */
export const NEW_BEST_MARGIN = 0.05;
/** Sums of fractions are off by a few units in the last place; margins forgive that. */
const ROUNDING = 1e-9;

/** Finds the key steps of one episode as its steps come, each with all its reasons. */
export class KeyStepDetector {
  readonly #rewards = new RewardOutlierDetector();
  #steps = 0;
  #succeeded = false;
  #best: number | null;

  constructor(initialSimilarity: number | null) {
    this.#best = initialSimilarity;
  }

  /** "last" is given to a step that terminates or truncates the episode: later steps are not known here. */
  reasons(view: StepView): KeyStepReason[] {
    const reasons: KeyStepReason[] = [];
    if (this.#steps === 0) reasons.push("first");
    this.#steps += 1;
    if (view.terminated || view.truncated) reasons.push("last");
    if (view.action.operation === SUBMIT_OPERATION) reasons.push("submit");
    const change = view.similarity_change ?? 0;
    if (change >= SIMILARITY_LEAP - ROUNDING) reasons.push("similarity_jump");
    if (change <= -SIMILARITY_LEAP + ROUNDING) reasons.push("similarity_drop");
    if (this.#isNewBest(view.similarity)) reasons.push("new_best");
    if (!this.#succeeded && (view.info.success === true || equalsTarget(view))) {
      this.#succeeded = true;
      reasons.push("first_success");
    }
    if (isResize(view)) reasons.push("resize");
    if (this.#rewards.add(view.reward)) reasons.push("reward_outlier");
    return reasons;
  }

  #isNewBest(similarity: number | null): boolean {
    if (similarity === null) return false;
    if (this.#best === null) {
      this.#best = similarity;
      return false;
    }
    if (similarity < this.#best + NEW_BEST_MARGIN - ROUNDING) return false;
    this.#best = similarity;
    return true;
  }
}

/**
 * Every cell of the target is met, and there are no others: similarity alone does not count those beyond the target, and a
 * producer's own may count what it likes.
 */
function equalsTarget({ after, episode: { target } }: StepView): boolean {
  return target !== null && gridSimilarity(after, target) === 1 && countCells(after) === countCells(target);
}

function isResize({ before, after }: StepView): boolean {
  return (
    before.shape[0] !== after.shape[0] ||
    before.shape[1] !== after.shape[1] ||
    !bytesEqual(before.mask, after.mask)
  );
}
