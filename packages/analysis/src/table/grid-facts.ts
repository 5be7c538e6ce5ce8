import { type Grid, isRealCell } from "@episcope/records";

/**
 * A number that is the same for equal grids, and different for different ones but by a chance of 2^-53: FNV-1a over shape and
 * cells, four cells at a time, in two lanes. Padding counts as a value of its own.
 */
export function gridHash(grid: Grid): number {
  const { data, mask, shape } = grid;
  const size = shape[0] * shape[1];
  let a = Math.imul(0x811c9dc5 ^ shape[0], 0x01000193);
  let b = Math.imul(0x9747b28c ^ shape[1], 0x85ebca6b);
  const words = new DataView(data.buffer, data.byteOffset, size);
  const whole = mask === undefined ? size & ~3 : 0;
  for (let index = 0; index < whole; index += 4) {
    const word = words.getUint32(index, true);
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x85ebca6b);
    b ^= b >>> 13;
  }
  for (let index = whole; index < size; index++) {
    const cell = mask?.[index] === 0 ? 255 : data[index]!;
    a = Math.imul(a ^ cell, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ cell, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return (a >>> 0) * 0x200000 + (b >>> 11);
}

/** Bytes of a mask that are not 0. */
export function countSet(mask: Uint8Array): number {
  const words = new DataView(mask.buffer, mask.byteOffset, mask.length);
  let count = 0;
  let index = 0;
  for (; index + 4 <= mask.length; index += 4)
    if (words.getUint32(index) !== 0) count += setIn(mask, index, index + 4);
  return count + setIn(mask, index, mask.length);
}

function setIn(mask: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) if (mask[index] !== 0) count++;
  return count;
}

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
