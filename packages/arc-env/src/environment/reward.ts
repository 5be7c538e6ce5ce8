/** Weights of JaxARC's reward of 2026; its training and evaluation presets set some of them otherwise. */
export interface RewardWeights {
  /** Times the change of similarity; in test mode the term is left out. */
  readonly similarityWeight: number;
  /** Added at each step. */
  readonly stepPenalty: number;
  /** Added when the solution is submitted. */
  readonly successBonus: number;
  /** Added when something else is submitted. */
  readonly unsolvedSubmissionPenalty: number;
}

export const DEFAULT_REWARD: RewardWeights = {
  similarityWeight: 1,
  stepPenalty: -0.01,
  successBonus: 10,
  unsolvedSubmissionPenalty: 0,
};

export interface RewardFacts {
  /** After the step less before it; null where it is hidden or unknown. */
  readonly similarityChange: number | null;
  readonly submitted: boolean;
  /** Null where the target is not known: neither bonus nor penalty. */
  readonly solved: boolean | null;
}

export function stepReward(facts: RewardFacts, weights: RewardWeights): number {
  let reward = weights.stepPenalty;
  if (facts.similarityChange !== null) reward += weights.similarityWeight * facts.similarityChange;
  if (facts.submitted && facts.solved === true) reward += weights.successBonus;
  if (facts.submitted && facts.solved === false) reward += weights.unsolvedSubmissionPenalty;
  return reward;
}
