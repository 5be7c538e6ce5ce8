import type { Grid } from "@episcope/records";
import { cellRules } from "./cell-rules.js";
import { recolorByTable, swapColors } from "./colors.js";
import { cropToComponent, cropToContent, cropToPlace, dropFrame } from "./crops.js";
import { geometry } from "./geometry.js";
import { lookUp, summarize } from "./lookup.js";
import { connect, gravity, smearing, translate } from "./motion.js";
import { overlayParts } from "./parts.js";
import { sameShape } from "./raster.js";
import { completeSymmetry } from "./symmetry.js";
import { dropRepeats, fractal, scaleDown, scaleUp, tile } from "./tiling.js";
import type { Example, Transformation, TransformationFamily } from "./transformation.js";

/** One transformation, or two after one another, with how well it explains the examples. */
export interface Candidate {
  readonly name: string;
  readonly steps: readonly Transformation[];
  /** Mean share of right cells over the examples, 0..1; an output of the wrong shape counts 0. 1 = explains all. */
  readonly score: number;
}

/** What may stand alone or come last, the plainest families first: of two exact candidates the earlier wins. */
const ALONE: readonly TransformationFamily[] = [
  geometry,
  recolorByTable,
  tile,
  scaleUp,
  scaleDown,
  fractal,
  cropToPlace,
  cropToContent,
  dropFrame,
  gravity,
  overlayParts,
  swapColors,
  dropRepeats,
  cropToComponent,
  connect,
  smearing,
  translate,
  completeSymmetry,
  summarize,
  cellRules,
  lookUp,
];

/** What may come first of two. */
const FIRST: readonly TransformationFamily[] = [
  geometry,
  cropToContent,
  dropFrame,
  cropToComponent,
  dropRepeats,
  gravity,
  completeSymmetry,
];

/** What may come second of two: what is cheap to infer. */
const SECOND: readonly TransformationFamily[] = [
  geometry,
  recolorByTable,
  tile,
  scaleUp,
  scaleDown,
  fractal,
  cropToPlace,
  dropFrame,
  gravity,
  overlayParts,
  swapColors,
  dropRepeats,
  summarize,
  cellRules,
];

/** Pairs of transformations that are tried before the search gives up. */
const MAX_PAIRS = 20_000;

/**
 * Looks for what turns each input into its output: single transformations, and where none explains all examples,
 * pairs. Best first: exact ones in the order in which they were found, then partial ones by score. Deterministic.
 * @param keep How many candidates are returned at most.
 */
export function searchTransformations(examples: readonly Example[], keep: number): Candidate[] {
  const found = ALONE.flatMap((family) => family.infer(examples)).map((step) => assess([step], examples));
  if (!found.some(({ score }) => score === 1)) found.push(...searchPairs(examples));
  return found
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, keep);
}

function searchPairs(examples: readonly Example[]): Candidate[] {
  const found: Candidate[] = [];
  const seen = new Set<string>();
  let tried = 0;
  for (const first of FIRST.flatMap((family) => family.infer(examples))) {
    const between = applyToInputs(first, examples);
    if (between === null) continue;
    const key = between.map(({ input }) => `${input.shape}:${input.data}`).join(" ");
    if (seen.has(key)) continue;
    seen.add(key);
    for (const second of SECOND.flatMap((family) => family.infer(between))) {
      tried += 1;
      if (tried > MAX_PAIRS) return found;
      const candidate = assess([second], between);
      if (candidate.score > 0)
        found.push({ ...candidate, name: `${first.name}, then ${second.name}`, steps: [first, second] });
    }
  }
  return found;
}

function applyToInputs(step: Transformation, examples: readonly Example[]): Example[] | null {
  const between: Example[] = [];
  for (const { input, output } of examples) {
    const made = step.apply(input);
    if (made === null) return null;
    between.push({ input: made, output });
  }
  return between;
}

function assess(steps: readonly Transformation[], examples: readonly Example[]): Candidate {
  let sum = 0;
  for (const { input, output } of examples) {
    const made = applySteps(steps, input);
    // Shapes are right for all examples or for none, in all but odd cases: no need to look at the others.
    if (made === null || !sameShape(made, output)) return { name: nameOf(steps), steps, score: 0 };
    sum += shareOfEqual(made, output);
  }
  return { name: nameOf(steps), steps, score: examples.length === 0 ? 0 : sum / examples.length };
}

/** Null where a step does not apply. */
export function applySteps(steps: readonly Transformation[], grid: Grid): Grid | null {
  let now: Grid | null = grid;
  for (const step of steps) now = now === null ? null : step.apply(now);
  return now;
}

const nameOf = (steps: readonly Transformation[]): string => steps.map((step) => step.name).join(", then ");

function shareOfEqual(a: Grid, b: Grid): number {
  let equal = 0;
  for (const [index, color] of a.data.entries()) if (b.data[index] === color) equal += 1;
  return equal / a.data.length;
}
