import type { EpisodeTrace } from "./episode-trace.js";
import type { FailureRule } from "./failure-mode.js";

/** A best similarity from here on is a near miss. */
const NEAR = 0.9;
/** Similarity that has to be lost again. */
const REGRESSION = 0.02;
/** Steps without effect in a row that are named, and the share of all steps that is. */
const IDLE_IN_A_ROW = 3;
const IDLE_SHARE = 0.5;
/** Fewer steps than this say nothing about progress. */
const FEWEST_FOR_PROGRESS = 3;

/** The grid was the target, and nothing was handed in after that. */
export const missingSubmit: FailureRule = (trace) => {
  const last = trace.steps.length - 1;
  for (let step = last; step >= 0 && !trace.hasFlag(step, "submit"); step--) {
    if (!trace.isTarget(step)) continue;
    return { steps: [step], evidence: `the grid was the target after step ${step}, and was not handed in` };
  }
  return null;
};

/** The last grid has another shape than the target. */
export const wrongSize: FailureRule = ({ episode, steps }) => {
  const { final_shape: shape, target_shape: target } = episode;
  if (target === null || steps.length === 0) return null;
  if (shape[0] === target[0] && shape[1] === target[1]) return null;
  return {
    steps: [steps.length - 1],
    evidence: `the last grid is ${shape[0]}x${shape[1]}, the target ${target[0]}x${target[1]}`,
  };
};

/** At least 0.9 of the target was there, and at least 0.02 of it was lost again. */
export const nearMiss: FailureRule = ({ similarity }) => {
  let best = -1;
  for (let step = 0; step < similarity.length; step++) {
    if (similarity[step]! > (best < 0 ? Number.NEGATIVE_INFINITY : similarity[best]!)) best = step;
  }
  if (best < 0) return null;
  const reached = similarity[best]!;
  const final = similarity.at(-1)!;
  if (reached < NEAR || !(final <= reached - REGRESSION)) return null;
  let fall = best + 1;
  while (fall < similarity.length - 1 && !(similarity[fall]! < reached)) fall++;
  return {
    steps: [best, fall],
    evidence: `similarity ${reached.toFixed(3)} after step ${best}, ${final.toFixed(3)} at the end`,
  };
};

/** A selection reaches beyond the grid. */
export const selectionOutside: FailureRule = (trace) => {
  const steps = stepsWhere(trace, (step) => trace.hasFlag(step, "outside"));
  return steps.length === 0
    ? null
    : { steps, evidence: `${counted(steps.length)} with a selection that reaches beyond the grid` };
};

/** Three steps in a row, or half of all, changed nothing; handing in is none of them. */
export const noEffect: FailureRule = (trace) => {
  const isIdle = (step: number): boolean => trace.changed[step] === 0 && !trace.hasFlag(step, "submit");
  const steps = stepsWhere(trace, isIdle);
  let row = 0;
  let longest = 0;
  for (let step = 0; step < trace.steps.length; step++) {
    row = isIdle(step) ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  const isHalf = steps.length >= IDLE_IN_A_ROW && steps.length >= IDLE_SHARE * trace.steps.length;
  if (longest < IDLE_IN_A_ROW && !isHalf) return null;
  return { steps, evidence: `${steps.length} of ${trace.steps.length} steps changed nothing` };
};

/** The similarity never rose above that of the beginning. */
export const noProgress: FailureRule = ({ episode, steps, similarity }) => {
  const before = episode.initial_similarity;
  if (before === null || steps.length < FEWEST_FOR_PROGRESS) return null;
  if (similarity.some((value) => value > before || Number.isNaN(value))) return null;
  return {
    steps: [steps.length - 1],
    evidence: `similarity never rose above the ${before.toFixed(3)} that it began with`,
  };
};

/** A grid was handed in that is not the target. */
export const prematureSubmit: FailureRule = (trace) => {
  const steps = stepsWhere(trace, (step) => trace.hasFlag(step, "submit") && !trace.isTarget(step));
  const last = steps.at(-1);
  if (last === undefined || trace.episode.target_shape === null) return null;
  const similarity = trace.similarity[last]!;
  return {
    steps,
    evidence: `handed in after step ${last} with similarity ${Number.isNaN(similarity) ? "unknown" : similarity.toFixed(3)}`,
  };
};

/** The episode was given up, crashed, or ended by the environment, without anything handed in. */
export const earlyEnd: FailureRule = (trace) => {
  const { outcome } = trace.episode;
  const last = trace.steps.length - 1;
  if (stepsWhere(trace, (step) => trace.hasFlag(step, "submit")).length > 0) return null;
  const isTerminated = last >= 0 && trace.hasFlag(last, "terminated");
  if (outcome !== "aborted" && outcome !== "crashed" && !isTerminated) return null;
  const how = outcome === "aborted" || outcome === "crashed" ? outcome : "ended by the environment";
  return { steps: last < 0 ? [] : [last], evidence: `${how} after ${counted(last + 1)}, nothing handed in` };
};

function stepsWhere(trace: EpisodeTrace, holds: (step: number) => boolean): number[] {
  const steps: number[] = [];
  for (let step = 0; step < trace.steps.length; step++) if (holds(step)) steps.push(step);
  return steps;
}

function counted(steps: number): string {
  return `${steps} ${steps === 1 ? "step" : "steps"}`;
}
