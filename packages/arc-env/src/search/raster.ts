import type { Grid } from "@episcope/records";

/** A grid whose cells are computed, row by row. */
export function build(rows: number, columns: number, cell: (row: number, column: number) => number): Grid {
  const data = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[r * columns + c] = cell(r, c);
  return { shape: [rows, columns], data };
}

/** The colour at a cell, or -1 outside of the grid. */
export function at(grid: Grid, row: number, column: number): number {
  const [rows, columns] = grid.shape;
  if (row < 0 || column < 0 || row >= rows || column >= columns) return -1;
  return grid.data[row * columns + column]!;
}

export function sameShape(a: Grid, b: Grid): boolean {
  return a.shape[0] === b.shape[0] && a.shape[1] === b.shape[1];
}

/** A rectangle of cells; `bottom` and `right` are inclusive. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const boxOf = (grid: Grid): Box => ({
  top: 0,
  left: 0,
  bottom: grid.shape[0] - 1,
  right: grid.shape[1] - 1,
});

export const boxRows = (box: Box): number => box.bottom - box.top + 1;
export const boxColumns = (box: Box): number => box.right - box.left + 1;

export function crop(grid: Grid, box: Box): Grid {
  return build(boxRows(box), boxColumns(box), (r, c) => at(grid, box.top + r, box.left + c));
}

/** The smallest box around the cells that `wanted` accepts; null where there is none. */
export function boxAround(grid: Grid, wanted: (color: number, index: number) => boolean): Box | null {
  const columns = grid.shape[1];
  let [top, left, bottom, right] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];
  for (const [index, color] of grid.data.entries()) {
    if (!wanted(color, index)) continue;
    const r = Math.floor(index / columns);
    const c = index % columns;
    top = Math.min(top, r);
    left = Math.min(left, c);
    bottom = Math.max(bottom, r);
    right = Math.max(right, c);
  }
  return bottom < 0 ? null : { top, left, bottom, right };
}

/** How often each colour 0..9 occurs. */
export function colorCounts(grid: Grid): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const color of grid.data) counts[color] = (counts[color] ?? 0) + 1;
  return counts;
}

/** 0 where it occurs, otherwise the commonest colour. */
export function backgroundColor(grid: Grid): number {
  const counts = colorCounts(grid);
  return counts[0]! > 0 ? 0 : counts.indexOf(Math.max(...counts));
}
