import type { EpisodeMode, EpisodeTotals, Outcome, PlainObject } from "@episcope/records";

/** Bits of `StepTable.flags`. */
export const STEP_FLAG = {
  terminated: 1,
  truncated: 2,
  /** The producer said `info.success`. */
  success: 4,
  /** The selection reaches beyond the grid. */
  outside: 8,
  /** The grid has another shape than before. */
  resized: 16,
  /** The operation hands in a solution. */
  submit: 32,
} as const;

/** `wrong` of a step whose target is hidden. */
export const UNKNOWN_COUNT = 0xffff;

/** One episode of a run, as a row. */
export interface EpisodeRow {
  /** In the run, from 1. */
  readonly number: number;
  /** The producer's key. */
  readonly key: string;
  readonly task_id: string;
  /** From 0. */
  readonly pair_index: number;
  readonly mode: EpisodeMode;
  readonly outcome: Outcome;
  /** Unix seconds; `ended` is null where the end is missing. */
  readonly started: number;
  readonly ended: number | null;
  readonly totals: EpisodeTotals;
  readonly meta: PlainObject;
  /** Row of its first step. */
  readonly first: number;
  /** Number of its steps. */
  readonly steps: number;
  readonly initial_similarity: number | null;
  /** `[rows, columns]` of the last grid, and of the target; null where that is hidden. */
  readonly final_shape: readonly [number, number];
  readonly target_shape: readonly [number, number] | null;
}

/** An operation as it was used in a run. */
export interface OperationEntry {
  readonly operation: number;
  /** The producer's name, else the standard one. */
  readonly name: string;
}

/**
 * The steps of a run as columns: what a search or an analysis asks of a step without decoding its grids. Each column has
 * one entry per step, episodes one after another in the order of `episodes`.
 */
export interface StepTable {
  readonly episodes: readonly EpisodeRow[];
  readonly operations: readonly OperationEntry[];
  /** Number of rows. */
  readonly rows: number;
  /** Number of the step in its episode, from 0. */
  readonly step: Uint32Array;
  /** Position in `operations`. */
  readonly operation: Uint16Array;
  readonly reward: Float64Array;
  /** After the step; NaN where unknown. */
  readonly similarity: Float64Array;
  /** Cells that the step changed. After a change of shape: those that differ where both grids have cells, and all others. */
  readonly changed: Uint16Array;
  /** Target cells that the grid does not show, and real cells beyond the target; UNKNOWN_COUNT where the target is hidden. */
  readonly wrong: Uint16Array;
  /** Selected cells. */
  readonly selected: Uint16Array;
  /**
   * Which grid is there after the step: in its episode equal numbers are equal grids. The beginning is 0, each new grid gets the
   * next number.
   */
  readonly state: Uint32Array;
  /** Bits of STEP_FLAG. */
  readonly flags: Uint8Array;
}

export type StepColumn = Exclude<keyof StepTable, "episodes" | "operations" | "rows">;
