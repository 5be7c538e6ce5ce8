import { gridInvalid } from "./errors.js";

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

/** A grid of one value. Throws GRID_INVALID for a side outside 1..64 or a value outside 0..15. */
export function createGrid(rows: number, columns: number, value = 0): Grid {
  checkShape(rows, columns, "");
  if (!isCell(value)) throw gridInvalid(`the cell value ${value} is not an integer of 0..${MAX_VALUE}`);
  return { shape: [rows, columns], data: new Uint8Array(rows * columns).fill(value) };
}

/**
 * Builds a grid from nested rows, as ARC task files hold them. Throws GRID_INVALID that names row and column.
 * `path` is the place that the message shows.
 */
export function gridFromRows(rows: readonly (readonly number[])[], path = ""): Grid {
  if (!Array.isArray(rows) || !Array.isArray(rows[0])) throw gridInvalid("it is no list of rows", path);
  const columns = rows[0].length;
  checkShape(rows.length, columns, path);
  const data = new Uint8Array(rows.length * columns);
  for (let row = 0; row < rows.length; row++) {
    const cells = rows[row];
    if (!Array.isArray(cells) || cells.length !== columns) {
      throw gridInvalid(`row ${row} has not the ${columns} columns of row 0`, path);
    }
    for (let column = 0; column < columns; column++) {
      const value: unknown = cells[column];
      if (!isCell(value)) {
        throw gridInvalid(
          `the cell in row ${row}, column ${column} is not an integer of 0..${MAX_VALUE}`,
          path,
        );
      }
      data[row * columns + column] = value;
    }
  }
  return { shape: [rows.length, columns], data };
}

/** The rows of a grid as nested arrays; padding is included. */
export function gridToRows(grid: Grid): number[][] {
  const [rows, columns] = grid.shape;
  return Array.from({ length: rows }, (_, row) =>
    Array.from(grid.data.subarray(row * columns, (row + 1) * columns)),
  );
}

/** A grid with arrays of its own. */
export function copyGrid({ shape, data, mask }: Grid): Grid {
  const copy = { shape: [shape[0], shape[1]] as const, data: new Uint8Array(data) };
  return mask === undefined ? copy : { ...copy, mask: new Uint8Array(mask) };
}

/** Equal shape, cells and padding. A mask of ones alone is not the same as no mask: both are kept as sent. */
export function gridsEqual(a: Grid, b: Grid): boolean {
  if (a === b) return true;
  if (a.shape[0] !== b.shape[0] || a.shape[1] !== b.shape[1]) return false;
  return bytesEqual(a.data, b.data) && bytesEqual(a.mask, b.mask);
}

/** Whether a cell belongs to the grid and not to its padding. `index` is row-major. */
export function isRealCell(grid: Grid, index: number): boolean {
  return grid.mask === undefined || grid.mask[index] !== 0;
}

/** Number of cells that are not padding. */
export function countCells(grid: Grid): number {
  if (grid.mask === undefined) return grid.data.length;
  let count = 0;
  for (const cell of grid.mask) if (cell !== 0) count++;
  return count;
}

/** Throws GRID_INVALID unless shape, lengths, cells and mask are what the format allows. */
export function checkGrid(grid: Grid, path = ""): void {
  const [rows, columns] = grid.shape;
  checkShape(rows, columns, path);
  const size = rows * columns;
  if (grid.data.length !== size) {
    throw gridInvalid(`'data' has ${grid.data.length} entries, ${rows}x${columns} needs ${size}`, path);
  }
  for (let index = 0; index < size; index++) {
    if (grid.data[index]! > MAX_VALUE) {
      throw gridInvalid(`cell ${index} holds ${grid.data[index]}, the largest value is ${MAX_VALUE}`, path);
    }
  }
  if (grid.mask !== undefined && grid.mask.length !== size) {
    throw gridInvalid(`'mask' has ${grid.mask.length} entries, ${rows}x${columns} needs ${size}`, path);
  }
}

export function checkShape(rows: unknown, columns: unknown, path: string): void {
  if (!isSide(rows) || !isSide(columns)) {
    throw gridInvalid(`the shape ${String(rows)}x${String(columns)} is not within 1..${MAX_SIDE}`, path);
  }
}

/** Whether a grid may have so many rows or columns. */
export function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_SIDE;
}

function isCell(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_VALUE;
}

export function bytesEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
