import type { Grid } from "@episcope/records";

/** Grids without their outer padding, all cut at the same top left corner, so that cells still compare by place. */
interface CroppedGrids {
  readonly grids: readonly Grid[];
  /** Rows and columns that were cut at the top and left. */
  readonly offset: readonly [row: number, column: number];
}

export function cropGrids(grids: readonly Grid[]): CroppedGrids {
  if (grids.every((grid) => grid.mask === undefined)) return { grids, offset: [0, 0] };
  const boxes = grids.map(boundingBox);
  const real = boxes.filter((box) => box !== null);
  const top = Math.min(...real.map((box) => box.top));
  const left = Math.min(...real.map((box) => box.left));
  if (real.length === 0) return { grids: grids.map(() => EMPTY), offset: [0, 0] };
  return {
    grids: grids.map((grid, index) => {
      const box = boxes[index];
      return box ? cut(grid, top, left, box.bottom, box.right) : EMPTY;
    }),
    offset: [top, left],
  };
}

/** One grid without its outer padding. */
export function cropGrid(grid: Grid): Grid {
  return cropGrids([grid]).grids[0] as Grid;
}

/** What is left of a grid that is nothing but padding: one padding cell, so that there is something to draw. */
const EMPTY: Grid = { shape: [1, 1], data: new Uint8Array(1), mask: new Uint8Array(1) };

interface Box {
  readonly top: number;
  readonly left: number;
  /** Exclusive. */
  readonly bottom: number;
  readonly right: number;
}

function boundingBox(grid: Grid): Box | null {
  const [rows, columns] = grid.shape;
  const { mask } = grid;
  if (mask === undefined) return { top: 0, left: 0, bottom: rows, right: columns };
  let top = rows;
  let left = columns;
  let bottom = 0;
  let right = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (mask[row * columns + column] === 0) continue;
      if (row < top) top = row;
      if (column < left) left = column;
      if (row >= bottom) bottom = row + 1;
      if (column >= right) right = column + 1;
    }
  }
  return bottom === 0 ? null : { top, left, bottom, right };
}

function cut(grid: Grid, top: number, left: number, bottom: number, right: number): Grid {
  const shape = [bottom - top, right - left] as const;
  const data = cutCells(grid.data, grid.shape[1], top, left, shape);
  if (grid.mask === undefined) return { shape, data };
  const mask = cutCells(grid.mask, grid.shape[1], top, left, shape);
  return mask.includes(0) ? { shape, data, mask } : { shape, data };
}

/** Part of a row-major array with `columns` columns. */
export function cutCells(
  cells: Uint8Array,
  columns: number,
  top: number,
  left: number,
  [height, width]: readonly [number, number],
): Uint8Array {
  const part = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    const start = (top + row) * columns + left;
    part.set(cells.subarray(start, start + width), row * width);
  }
  return part;
}
