/**
 * A grid of cells. `data` is row-major with `rows * columns` entries of 0..15 (ARC-AGI-1/2 use 0..9).
 * `mask`, where present, is row-major too: 1 = a real cell, 0 = padding. Sides are 1..64 (ARC-AGI: 1..30).
 */
export interface Grid {
  readonly shape: readonly [rows: number, columns: number];
  readonly data: Uint8Array;
  readonly mask?: Uint8Array;
}

/** Largest side of a grid. */
export const MAX_SIDE = 64;
/** Largest cell value. */
export const MAX_VALUE = 15;
