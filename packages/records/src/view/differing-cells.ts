import { type Grid, isRealCell } from "../record/grid.js";

/** Cells of either grid that the other does not show at the same place. */
export function differingCells(a: Grid, b: Grid): number {
  if (a.mask !== undefined || b.mask !== undefined) return differingMasked(a, b);
  const [rowsA, columnsA] = a.shape;
  const [rowsB, columnsB] = b.shape;
  if (rowsA === rowsB && columnsA === columnsB) return differingBytes(a.data, b.data, rowsA * columnsA);
  const rows = Math.min(rowsA, rowsB);
  const columns = Math.min(columnsA, columnsB);
  let count = rowsA * columnsA + rowsB * columnsB - 2 * rows * columns;
  for (let row = 0; row < rows; row++) {
    const [atA, atB] = [row * columnsA, row * columnsB];
    for (let column = 0; column < columns; column++)
      if (a.data[atA + column] !== b.data[atB + column]) count++;
  }
  return count;
}

function differingMasked(a: Grid, b: Grid): number {
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

/** Most cells of two grids are alike: they are passed four at a time. */
function differingBytes(a: Uint8Array, b: Uint8Array, size: number): number {
  const wordsOfA = new DataView(a.buffer, a.byteOffset, size);
  const wordsOfB = new DataView(b.buffer, b.byteOffset, size);
  let count = 0;
  let index = 0;
  for (; index + 4 <= size; index += 4) {
    const difference = wordsOfA.getUint32(index, true) ^ wordsOfB.getUint32(index, true);
    if (difference === 0) continue;
    if ((difference & 0xff) !== 0) count++;
    if ((difference & 0xff00) !== 0) count++;
    if ((difference & 0xff0000) !== 0) count++;
    if (difference >>> 24 !== 0) count++;
  }
  for (; index < size; index++) if (a[index] !== b[index]) count++;
  return count;
}

/** The value of a cell; -1 outside the grid and in its padding. */
export function cellAt(grid: Grid, row: number, column: number): number {
  if (row >= grid.shape[0] || column >= grid.shape[1]) return -1;
  const index = row * grid.shape[1] + column;
  return isRealCell(grid, index) ? grid.data[index]! : -1;
}
