import type { EpisodeMode, PlainObject } from "../record/record.js";

/** Integers of a column, flat; a `BigInt64Array` may hold any, the others are exact anyway. */
export type IntegerArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | readonly number[];

/** Numbers of a column, flat. */
export type NumberArray = IntegerArray | Float32Array | Float64Array;

/**
 * Many steps of many environments, a column for each field: what a vectorised environment has anyway, and what the wire
 * message `steps` carries (docs/formats.md). All arrays are flat and row-major; T rows, N environments, grids
 * padded to H x W. In a padded grid a cell is 0..15 and everything outside the grid is PADDING; the grid is the smallest
 * rectangle from the top left corner that holds every cell, and PADDING inside that rectangle is padding of the grid's own.
 *
 * Of the selections `mask`, `point` and `bbox` at most one may be there.
 */
export interface StepColumns {
  /** `[T, N, H, W]`: T and N from 1, T * N up to MAX_ROWS, H and W 1..64. */
  readonly shape: readonly [rows: number, environments: number, height: number, width: number];
  /** `[N]` The environment of each column, an integer from 0, each once; it may be a part of all. Default: 0..N-1. */
  readonly envs?: IntegerArray;
  /** Unix seconds: of all rows, or `[T]`. */
  readonly time: number | NumberArray;
  /** Episodes that begin in these rows. Default: none. */
  readonly starts?: EpisodeStarts;
  /** Task ids, which `starts.task` counts from 0. Default: none. */
  readonly tasks?: readonly string[];
  /** Names of operations, by operation, where the producer has better ones than the standard names. */
  readonly operationNames?: readonly string[] | { readonly [operation: string]: string };
  /** `[T, N, H, W]` */
  readonly after: Uint8Array;
  /** `[T, N, H, W]` The grid before the step; PADDING throughout, as the default: the last `after`. */
  readonly before?: Uint8Array;
  /** `[T, N]` */
  readonly operation: IntegerArray;
  /**
   * `[T, N, ceil(H * W / 8)]` The selected cells of the padded grid, a bit each, the first in the highest bit
   * (`numpy.packbits`). Bits outside the grid before the step are dropped.
   */
  readonly mask?: Uint8Array;
  /** `[T, N, 2]` Row and column; none if one is negative. */
  readonly point?: IntegerArray;
  /** `[T, N, 4]` Two corners, row and column each, inclusive; none if one is negative. */
  readonly bbox?: IntegerArray;
  /** `[T, N]` */
  readonly reward: NumberArray;
  /** `[T, N]` Not 0: the episode ends with this step. Default: 0. */
  readonly terminated?: IntegerArray;
  /** `[T, N]` As `terminated`. */
  readonly truncated?: IntegerArray;
  /** `[T, N]` 0..1; NaN, as the default: not known to the producer. */
  readonly similarity?: NumberArray;
  /** `[T, N]` Not 0: true; NaN, as the default: not known to the producer. */
  readonly success?: NumberArray;
  /** `[T, N]` What `step` takes as its priority. Default: 0. */
  readonly priority?: NumberArray;
  /** `[T, N]` each, by name: what goes into a record's `info.metrics`. */
  readonly metrics?: { readonly [name: string]: NumberArray };
  /** `[T, N]` each, by name: what goes into a record's `info`. */
  readonly info?: { readonly [name: string]: NumberArray };
}

/** Episodes that begin: S of them, in any order, at most one for each row and column. */
export interface EpisodeStarts {
  /** `[S]` The row before which the episode begins, 0..T; T is after the last row. */
  readonly t: IntegerArray;
  /** `[S]` The column, 0..N-1. */
  readonly env: IntegerArray;
  /** `[S]` Its task, counted in `tasks`. */
  readonly task: IntegerArray;
  /** `[S]` The pair of the task. */
  readonly pair: IntegerArray;
  /** `[S]` Default: "train". */
  readonly mode?: readonly EpisodeMode[];
  /** `[S]` The episode's key; null, as the default: `<environment>-<episodes of this environment before it>`. */
  readonly key?: readonly (string | null)[];
  /** `[S]` Default: {}. */
  readonly meta?: readonly PlainObject[];
  /** `[S, H, W]` The grid that the first step finds. */
  readonly initial: Uint8Array;
  /** `[S, H, W]` PADDING throughout, as the default: hidden. */
  readonly target?: Uint8Array;
  /** `[S, H, W]` PADDING throughout, as the default: none. */
  readonly input?: Uint8Array;
}

/** Outside a grid. */
export const PADDING = 255;
/** Most steps (T * N) in one lot of columns. */
export const MAX_ROWS = 1_000_000;

/** T, N, H, W and S: what the shapes of the columns are made of. */
export interface ColumnSizes {
  readonly rows: number;
  readonly environments: number;
  readonly height: number;
  readonly width: number;
  readonly starts: number;
}
