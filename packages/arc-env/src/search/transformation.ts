import type { Action, Grid } from "@episcope/records";

/** A worked example: both grids are known. */
export interface Example {
  readonly input: Grid;
  readonly output: Grid;
}

/** A rule with all its parameters chosen. */
export interface Transformation {
  /** For people, for instance "crop to the largest component". */
  readonly name: string;
  /** Null where the rule does not apply to the grid. Never changes its argument. */
  apply(grid: Grid): Grid | null;
  /**
   * How a person would do it on a canvas that holds `grid`. The planner checks the outcome and paints cell by cell
   * where this is missing or comes out differently.
   */
  perform?(grid: Grid): Action[];
}

/**
 * Rules of one kind. `infer` reads parameters off the examples (a recolouring, a tile count) and returns the
 * candidates that are worth testing; it need not prove them.
 */
export interface TransformationFamily {
  readonly name: string;
  infer(examples: readonly Example[]): Transformation[];
}
