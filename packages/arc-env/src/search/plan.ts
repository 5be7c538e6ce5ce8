import { type Action, type Grid, gridsEqual } from "@episcope/records";
import { applyOperation, type Canvas } from "../environment/apply-operation.js";
import { paintActions } from "./actions.js";
import type { Transformation } from "./transformation.js";

/** A way of doing things that takes more actions than this is given up for painting. */
const MAX_ACTIONS_PER_STEP = 40;

/**
 * The actions that take a canvas from `grid` through each step. A step that says how it is performed is tried on a
 * canvas first; where that takes too long or comes out differently, the difference is painted. Null where a step
 * does not apply.
 */
export function planActions(grid: Grid, steps: readonly Transformation[]): Action[] | null {
  const plan: Action[] = [];
  let now = grid;
  for (const step of steps) {
    const wanted = step.apply(now);
    if (wanted === null) return null;
    if (gridsEqual(wanted, now)) continue;
    const performed = step.perform?.(now);
    const fits =
      performed !== undefined &&
      performed.length <= MAX_ACTIONS_PER_STEP &&
      gridsEqual(simulate(now, performed), wanted);
    plan.push(...(fits ? performed : paintActions(now, wanted)));
    now = wanted;
  }
  return plan;
}

function simulate(grid: Grid, actions: readonly Action[]): Grid {
  let canvas: Canvas = { grid, clipboard: null };
  for (const action of actions) canvas = applyOperation(canvas, action, grid);
  return canvas.grid;
}
