import { type Palette, ROLE } from "@episcope/drawing";
import { type Grid, isRealCell } from "@episcope/records";
import type { Ink } from "./ink.js";

/** A grid to show, with what is marked in it. */
export interface Panel {
  readonly title: string;
  /** Below the grid; may be empty. */
  readonly note: string;
  readonly grid: Grid;
  /** Row-major, 1 = marked; shown only where there is room (two columns a cell). */
  readonly marks?: Uint8Array | null;
  /** The two characters of a mark. */
  readonly mark?: string;
}

/**
 * `wide`: two columns and one line a cell. `half`: one column a cell and two rows of cells a line, for terminals with
 * colours. Without colours cells are digits: `wide` leaves room for a mark beside each, `half` is digits alone.
 */
export type CellMode = "wide" | "half";

export function blockColumns({ grid, marks }: Pick<Panel, "grid" | "marks">, mode: CellMode): number {
  const columns = grid.shape[1];
  return mode === "wide" ? 2 * columns : columns + (hasMarks(marks) ? RULER : 0);
}

export function blockRows({ grid }: Pick<Panel, "grid">, mode: CellMode, ink: Ink): number {
  const rows = grid.shape[0];
  return mode === "half" && ink.depth !== "none" ? Math.ceil(rows / 2) : rows;
}

/** Where a cell has no room for a mark, its row and its column have one at the edge of the grid. */
const RULER = 2;

function hasMarks(marks: Uint8Array | null | undefined): boolean {
  return marks?.includes(1) === true;
}

/** The lines of a grid, each `blockColumns` wide. Of a grid that is wider than `limit` columns, the left part. */
export function gridBlock(panel: Panel, mode: CellMode, ink: Ink, palette: Palette, limit: number): string[] {
  const [rows, allColumns] = panel.grid.shape;
  const columns = Math.max(1, Math.min(allColumns, mode === "wide" ? Math.floor(limit / 2) : limit));
  if (ink.depth === "none") {
    return Array.from({ length: rows }, (_, r) => digitLine(panel, r, columns, mode));
  }
  if (mode === "wide")
    return Array.from({ length: rows }, (_, r) => wideLine(panel, r, columns, ink, palette));
  const lines = Array.from({ length: Math.ceil(rows / 2) }, (_, i) => halfLine(panel, 2 * i, columns, ink));
  return hasMarks(panel.marks) && columns + RULER <= limit ? withRulers(panel, lines, columns) : lines;
}

/** A pointer at the end of each line with a mark in one of its rows, and below each column with one. */
function withRulers(panel: Panel, lines: readonly string[], columns: number): string[] {
  const all = Array.from({ length: columns }, (_, column) => column);
  const rows = panel.grid.shape[0];
  const marked = (row: number): boolean => all.some((column) => isMarked(panel, row, column));
  const below = all
    .map((column) =>
      Array.from({ length: rows }, (_, row) => row).some((row) => isMarked(panel, row, column)) ? "▴" : " ",
    )
    .join("");
  return [
    ...lines.map((line, index) => (marked(2 * index) || marked(2 * index + 1) ? `${line} ◂` : line)),
    below,
  ];
}

function valueAt({ grid }: Panel, row: number, column: number): number | null {
  const at = row * grid.shape[1] + column;
  return row < grid.shape[0] && isRealCell(grid, at) ? grid.data[at]! : null;
}

function isMarked({ grid, marks }: Panel, row: number, column: number): boolean {
  return marks?.[row * grid.shape[1] + column] === 1;
}

function digitLine(panel: Panel, row: number, columns: number, mode: CellMode): string {
  let line = "";
  for (let c = 0; c < columns; c++) {
    line += valueAt(panel, row, c)?.toString(16).toUpperCase() ?? "·";
    if (mode === "wide") line += isMarked(panel, row, c) ? "*" : " ";
  }
  return line;
}

function wideLine(panel: Panel, row: number, columns: number, ink: Ink, palette: Palette): string {
  let line = "";
  let last = "";
  for (let c = 0; c < columns; c++) {
    const value = valueAt(panel, row, c);
    const marked = isMarked(panel, row, c);
    const code =
      value === null
        ? ink.cell(ROLE.padding, ROLE.muted)
        : ink.cell(value, marked || ink.depth === "16" ? palette.ink[value]! : null);
    if (code !== last) line += code;
    last = code;
    line += value === null ? "··" : marked ? (panel.mark ?? "[]") : plainCell(value, ink);
  }
  return line + ink.reset;
}

/** Sixteen colours are those of the terminal, and not ten of ARC: there a cell says its value too. */
function plainCell(value: number, { depth }: Ink): string {
  return depth === "16" ? `${value.toString(16).toUpperCase()} ` : "  ";
}

/** Two rows of cells in one line: the upper half block in the colour of the upper cell on the ground of the lower. */
function halfLine(panel: Panel, row: number, columns: number, ink: Ink): string {
  let line = "";
  let last = "";
  for (let c = 0; c < columns; c++) {
    const upper = valueAt(panel, row, c) ?? ROLE.padding;
    const isLast = row + 1 >= panel.grid.shape[0];
    const lower = isLast ? null : (valueAt(panel, row + 1, c) ?? ROLE.padding);
    const code = ink.cell(lower, upper);
    if (code !== last) line += code;
    last = code;
    line += "▀";
  }
  return line + ink.reset;
}
