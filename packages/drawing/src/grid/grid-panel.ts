import type { Grid } from "@episcope/records";
import type { Detail } from "../scene/detail.js";
import { type GridFrame, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

/** Room that row numbers take at the left of a grid and column numbers above it, with `show_coordinates`. */
export const COORDINATE_GUTTER = { left: 26, top: 18 } as const;

const COORDINATE_SIZE = TEXT_SIZE.caption;
/** From this size of a cell on its digit can be read. */
const SMALLEST_CELL_WITH_DIGIT = 14;

/** Smaller cells have no lines between them. */
const SMALLEST_CELL_WITH_LINES = 8;

/** Side in pixels of a grid drawn with its closing line. */
export function gridSide(cells: number, cell: number): number {
  return cells * cell + 1;
}

/** The largest even cell size for which `columns` cells fit into `width` and `rows` into `height`. */
export function cellSize(
  [rows, columns]: readonly [number, number],
  width: number,
  height: number,
  largest = 48,
): number {
  const fitting = Math.min(width / columns, height / rows, largest);
  return Math.max(2, Math.floor(fitting / 2) * 2);
}

/** "3×5": rows by columns. */
export function sizeLabel([rows, columns]: readonly [number, number]): string {
  return `${rows}×${columns}`;
}

/** Whether cells carry digits: where the scheme asks for it, or values go beyond ARC's ten, and there is room. */
export function showsDigits({ palette }: SceneBuilder, grid: Grid, cell: number): boolean {
  if (cell < SMALLEST_CELL_WITH_DIGIT) return false;
  if (palette.digits) return true;
  // Its sixteen colours are told apart without.
  if (palette.scheme === "arc3") return false;
  for (const value of grid.data) if (value > 9) return true;
  return false;
}

export function drawGrid(
  builder: SceneBuilder,
  grid: Grid,
  frame: Omit<GridFrame, "shape">,
  label: string,
  detail: Pick<Detail, "gridLines">,
): GridFrame {
  const { x, y, cell } = frame;
  builder.add({
    kind: "grid",
    shape: grid.shape,
    x,
    y,
    cell,
    data: grid.data,
    ...(grid.mask === undefined ? {} : { mask: grid.mask }),
    // In smaller cells the lines would take a sixth of each and grey the colours.
    lines: detail.gridLines && cell >= SMALLEST_CELL_WITH_LINES,
    digits: showsDigits(builder, grid, cell) ? Math.min(18, Math.floor(cell * 0.7)) : null,
    label,
  });
  return { shape: grid.shape, x, y, cell };
}

/** Row and column numbers, thinned so that they never touch; the first is always there. */
export function drawCoordinates(
  builder: SceneBuilder,
  { shape: [rows, columns], x, y, cell }: GridFrame,
  [firstRow, firstColumn]: readonly [number, number],
): void {
  const style = { size: COORDINATE_SIZE, fill: ROLE.muted } as const;
  const last = textWidth(String(firstColumn + columns - 1), COORDINATE_SIZE);
  const everyColumn = stride((last + 4) / cell);
  for (let column = 0; column < columns; column += everyColumn) {
    builder.text(x + (column + 0.5) * cell, y - 6, String(firstColumn + column), {
      ...style,
      anchor: "middle",
    });
  }
  const everyRow = stride((COORDINATE_SIZE + 2) / cell);
  for (let row = 0; row < rows; row += everyRow) {
    builder.text(x - 6, y + (row + 0.5) * cell + 4, String(firstRow + row), { ...style, anchor: "end" });
  }
}

/** The smallest of 1, 2, 5, 10, 20 that leaves enough room. */
function stride(needed: number): number {
  return [1, 2, 5, 10, 20].find((step) => step >= needed) ?? 50;
}

/** How far from the grid a dashed frame stands where it would lie on the grid's own border. */
const EXTENT_GAP = 2;

/** A dashed frame around `shape` cells from the grid's corner: the extent before or after a resize. */
export function drawExtent(
  builder: SceneBuilder,
  { shape, x, y, cell }: GridFrame,
  [rows, columns]: readonly [number, number],
): void {
  const weight = 3;
  const [left, top] = [x - EXTENT_GAP - 2, y - EXTENT_GAP - 2];
  // Inside the grid the frame lies on the line between two cells.
  const right = x + columns * cell + (columns < shape[1] ? -1 : EXTENT_GAP);
  const bottom = y + rows * cell + (rows < shape[0] ? -1 : EXTENT_GAP);
  const [width, height] = [right + weight - left, bottom + weight - top];
  const lines = [left, top, width, 0, left, bottom, width, 0, left, top, height, 1, right, top, height, 1];
  builder.add({ kind: "segments", lines, weight, stroke: ROLE.markLight });
  builder.add({ kind: "segments", lines, weight, stroke: ROLE.markDark, dash: [8, 6] });
}
