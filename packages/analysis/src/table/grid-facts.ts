import { type Grid, isRealCell } from "@episcope/records";

/** FNV-1a over shape and cells, padding as a value of its own. */
export function gridHash(grid: Grid): number {
  const { data, mask } = grid;
  let hash = Math.imul(0x811c9dc5 ^ grid.shape[0], 0x01000193);
  hash = Math.imul(hash ^ grid.shape[1], 0x01000193);
  const size = grid.shape[0] * grid.shape[1];
  if (mask === undefined) {
    for (let index = 0; index < size; index++) hash = Math.imul(hash ^ data[index]!, 0x01000193);
  } else {
    for (let index = 0; index < size; index++) {
      hash = Math.imul(hash ^ (mask[index] === 0 ? 255 : data[index]!), 0x01000193);
    }
  }
  return hash >>> 0;
}

/** Cells of either grid that the other does not show at the same place. */
export function differingCells(a: Grid, b: Grid): number {
  if (
    a.shape[0] === b.shape[0] &&
    a.shape[1] === b.shape[1] &&
    a.mask === undefined &&
    b.mask === undefined
  ) {
    let count = 0;
    const size = a.shape[0] * a.shape[1];
    for (let index = 0; index < size; index++) if (a.data[index] !== b.data[index]) count++;
    return count;
  }
  const rows = Math.max(a.shape[0], b.shape[0]);
  const columns = Math.max(a.shape[1], b.shape[1]);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (cellAt(a, row, column) !== cellAt(b, row, column)) count++;
    }
  }
  return count;
}

/** The value of a cell; -1 outside the grid and in its padding. */
export function cellAt(grid: Grid, row: number, column: number): number {
  if (row >= grid.shape[0] || column >= grid.shape[1]) return -1;
  const index = row * grid.shape[1] + column;
  return isRealCell(grid, index) ? grid.data[index]! : -1;
}
