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

/**
 * Cells of `final` that the target does not have like that: other value, or no such cell. `missing` counts the
 * cells of the target that `final` lacks.
 */
export function gridErrors(
  final: Grid,
  target: Grid,
): { readonly wrong: Uint8Array; readonly wrongCells: number; readonly missing: number } {
  const difference = gridDifference(target, final);
  const wrong = difference.changed.slice();
  const [rows, columns] = final.shape;
  const [targetRows, targetColumns] = target.shape;
  let wrongCells = difference.changedCells;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      if (!isRealCell(final, index)) continue;
      const inside = row < targetRows && column < targetColumns;
      if (inside && isRealCell(target, row * targetColumns + column)) continue;
      wrong[index] = 1;
      wrongCells++;
    }
  }
  return { wrong, wrongCells, missing: difference.removedCells };
}
