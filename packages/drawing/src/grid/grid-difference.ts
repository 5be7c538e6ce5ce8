import { type Grid, isRealCell } from "@episcope/records";

/** How two grids differ, cell by cell from the same top left corner. */
export interface GridDifference {
  /** Over the second grid: 1 where both have a cell and the values differ. */
  readonly changed: Uint8Array;
  /** Cells of both with different values. */
  readonly changedCells: number;
  /** Cells that only the second grid has, and only the first. */
  readonly addedCells: number;
  readonly removedCells: number;
  /** Shape or padding differ. */
  readonly resized: boolean;
}

export function gridDifference(before: Grid, after: Grid): GridDifference {
  const [rows, columns] = after.shape;
  const [rowsBefore, columnsBefore] = before.shape;
  const changed = new Uint8Array(rows * columns);
  let changedCells = 0;
  let addedCells = 0;
  let shared = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      if (!isRealCell(after, index)) continue;
      const other = row * columnsBefore + column;
      if (row >= rowsBefore || column >= columnsBefore || !isRealCell(before, other)) {
        addedCells++;
        continue;
      }
      shared++;
      if (before.data[other] === after.data[index]) continue;
      changed[index] = 1;
      changedCells++;
    }
  }
  let cellsBefore = 0;
  for (let index = 0; index < before.data.length; index++) if (isRealCell(before, index)) cellsBefore++;
  const removedCells = cellsBefore - shared;
  const resized = rows !== rowsBefore || columns !== columnsBefore || addedCells > 0 || removedCells > 0;
  return { changed, changedCells, addedCells, removedCells, resized };
}

/** Where a grid is not the target. */
export interface GridErrors {
  /** Over the grid: 1 where the target has another value, or no such cell. */
  readonly wrong: Uint8Array;
  readonly wrongCells: number;
  /** Cells of the target that the grid lacks. */
  readonly missing: number;
  /** Of `wrongCells`, those where the target has no cell. */
  readonly beyond: number;
  /** Over the target: 1 where the grid has another value, or no such cell. */
  readonly unmet: Uint8Array;
}

export function gridErrors(grid: Grid, target: Grid): GridErrors {
  const wrong = new Uint8Array(grid.data.length);
  const unmet = new Uint8Array(target.data.length);
  let wrongCells = 0;
  let missing = 0;
  let beyond = 0;
  for (const { row, column, has, wants } of differences(grid, target)) {
    if (has !== null) {
      wrong[row * grid.shape[1] + column] = 1;
      wrongCells++;
    } else missing++;
    if (wants !== null) unmet[row * target.shape[1] + column] = 1;
    else beyond++;
  }
  return { wrong, wrongCells, missing, beyond, unmet };
}

/** Null where the grid has no cell. */
function valueAt(grid: Grid, row: number, column: number): number | null {
  const [rows, columns] = grid.shape;
  const index = row * columns + column;
  return row < rows && column < columns && isRealCell(grid, index) ? (grid.data[index] as number) : null;
}

/** A cell in which a grid and the target differ; null = no such cell. */
export interface WrongCell {
  readonly row: number;
  readonly column: number;
  readonly has: number | null;
  readonly wants: number | null;
}

/** The cells in which a grid and the target differ, row by row. */
export function differences(grid: Grid, target: Grid): WrongCell[] {
  const found: WrongCell[] = [];
  const rows = Math.max(grid.shape[0], target.shape[0]);
  const columns = Math.max(grid.shape[1], target.shape[1]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const has = valueAt(grid, row, column);
      const wants = valueAt(target, row, column);
      if (has !== wants) found.push({ row, column, has, wants });
    }
  }
  return found;
}
