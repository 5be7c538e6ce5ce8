import { type Action, type Grid, gridsEqual } from "@episcope/records";
import type { Observation } from "../environment/environment.js";
import { OPERATION } from "../environment/operations.js";
import { createRandom, type Random } from "../environment/random.js";
import { resizeTo } from "../search/actions.js";
import { planActions } from "../search/plan.js";
import { sameShape } from "../search/raster.js";
import { applySteps, type Candidate, searchTransformations } from "../search/search.js";
import type { Example } from "../search/transformation.js";
import type { Agent, AgentContext, Decision, Feedback } from "./agent.js";
import { createRepair, type Repair } from "./repair.js";

/** Candidates that are kept; many of them lead to the same grid. */
const MAX_CANDIDATES = 12;
/** Candidates that are tried on the canvas before the agent turns to single edits. */
const MAX_TRIALS = 4;

/**
 * Infers from the demonstration pairs what turns an input into its output, does that on the canvas, and looks at the
 * similarity that the environment reports: tries the next candidate where the first was wrong, returns to the best
 * one, edits single shapes, and submits. On a train pair it learns from the other pairs only. Without feedback
 * (a hidden target) it performs its best candidate and submits. It never looks at `observation.target`.
 */
export function createSearchAgent(): Agent {
  let mind: Mind | null = null;
  return {
    name: "search",
    begin: (context, seed) => {
      mind = beginEpisode(context, createRandom(seed));
    },
    act: (observation, feedback) => {
      if (mind === null) throw new TypeError("begin() comes before act()");
      return decide(mind, observation, feedback);
    },
  };
}

interface Mind {
  readonly candidates: readonly Candidate[];
  readonly palette: readonly number[];
  /** Of all known outputs; null where it says nothing about the next. */
  readonly outputShape: Grid["shape"] | null;
  readonly random: Random;
  /** Index of the candidate under way; -1 before the first. */
  trying: number;
  /** Grids that candidates led to, and the input: what leads there again is passed over. */
  readonly reached: Grid[];
  /** Actions that are planned but not yet taken. */
  plan: Action[];
  /** The best canvas so far; candidate -1 is the start. */
  best: { readonly similarity: number; readonly grid: Grid; readonly candidate: number } | null;
  repair: Repair | null;
}

function beginEpisode({ task, mode, pairIndex }: AgentContext, random: Random): Mind {
  const known: Example[] = [];
  for (const [index, { input, output }] of task.train.entries())
    if (output !== null && !(mode === "train" && index === pairIndex && task.train.length > 1))
      known.push({ input, output });
  return {
    candidates: searchTransformations(known, MAX_CANDIDATES),
    palette: [...new Set(known.flatMap(({ output }) => [...output.data]))].sort((a, b) => a - b),
    outputShape: commonShape(known),
    random,
    trying: -1,
    reached: [],
    plan: [],
    best: null,
    repair: null,
  };
}

function decide(mind: Mind, observation: Observation, feedback: Feedback): Decision {
  const action = mind.plan.shift() ?? think(mind, observation, feedback);
  const candidate = mind.candidates[mind.trying];
  return {
    action,
    metrics: {
      candidate: mind.trying,
      candidate_score: candidate?.score ?? 0,
      planned_steps: mind.plan.length,
      repairing: mind.repair === null ? 0 : 1,
    },
  };
}

/** Called where no planned action is left. */
function think(mind: Mind, observation: Observation, { info }: Feedback): Action {
  const submit: Action = { operation: OPERATION.submit };
  const { similarity } = info;
  if (info.success === true) return submit;
  if (similarity === undefined) {
    // Nobody says how good the canvas is: the first candidate that applies is all there is to do.
    return mind.trying < 0
      ? (nextCandidate(mind, observation) ?? fitShape(mind, observation) ?? submit)
      : submit;
  }
  if (mind.repair === null) {
    if (mind.best === null || similarity > mind.best.similarity)
      mind.best = { similarity, grid: observation.grid, candidate: mind.trying };
    const next = nextCandidate(mind, observation);
    if (next !== null) return next;
    mind.repair = createRepair(mind.palette, mind.random);
    const back = returnToBest(mind, observation);
    if (back !== null) return back;
  }
  const fitted = fitShape(mind, observation);
  if (fitted !== null) return fitted;
  return mind.repair.edit(observation.grid, similarity) ?? submit;
}

/** The first action of the next candidate that applies and leads somewhere new; the others go to the plan. */
function nextCandidate(mind: Mind, { grid, input }: Observation): Action | null {
  while (mind.reached.length < MAX_TRIALS && mind.trying + 1 < mind.candidates.length) {
    mind.trying += 1;
    const { steps: rules } = mind.candidates[mind.trying]!;
    const outcome = applySteps(rules, input);
    const steps = planActions(input, rules);
    if (outcome === null || steps === null || [input, ...mind.reached].some((g) => gridsEqual(g, outcome)))
      continue;
    mind.reached.push(outcome);
    const [first, ...rest] = gridsEqual(grid, input) ? steps : [{ operation: OPERATION.copyInput }, ...steps];
    if (first === undefined) continue;
    mind.plan = rest;
    return first;
  }
  return null;
}

function returnToBest(mind: Mind, { grid, input }: Observation): Action | null {
  if (mind.best === null || gridsEqual(grid, mind.best.grid)) return null;
  mind.trying = mind.best.candidate;
  mind.plan = planActions(input, mind.candidates[mind.trying]?.steps ?? []) ?? [];
  return { operation: OPERATION.copyInput };
}

/** Gives the canvas the shape that all outputs have. */
function fitShape({ outputShape }: Mind, { grid }: Observation): Action | null {
  if (outputShape === null || (grid.shape[0] === outputShape[0] && grid.shape[1] === outputShape[1]))
    return null;
  return resizeTo(outputShape[0], outputShape[1]);
}

/** Null also where each output has its input's shape: then the next one probably has, too. */
function commonShape(examples: readonly Example[]): Grid["shape"] | null {
  const first = examples[0]?.output;
  if (first === undefined || examples.every(({ input, output }) => sameShape(input, output))) return null;
  return examples.every(({ output }) => sameShape(first, output)) ? first.shape : null;
}
