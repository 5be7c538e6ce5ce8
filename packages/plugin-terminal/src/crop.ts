import type { Palette } from "@episcope/drawing";
import type { Grid } from "@episcope/records";
import type { CellMode, Panel } from "./grid-block.js";
import type { Ink } from "./ink.js";
import { GAP, layPanels, type PanelSpace } from "./panels.js";
import { flowed } from "./text.js";

/** A part of a grid: rows and columns from 0, both ends within it. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Cells around what changed that a cropped grid shows too. */
const AROUND = 2;
/** Rows of cells that a cropped grid has at least, however low the terminal is. */
const LEAST_ROWS = 3;
/** Columns beside a grid of half blocks, for the pointers to its rows. */
const POINTERS = 2;

/** The smallest box around the marked cells of a mask, row-major; `null` where none is marked. */
export function boxOf(mask: Uint8Array | null, columns: number): Box | null {
  if (mask === null) return null;
  let box: Box | null = null;
  for (const [at, marked] of mask.entries()) {
    if (marked !== 1) continue;
    const [row, column] = [Math.floor(at / columns), at % columns];
    const { top, left, bottom, right }: Box = box ?? { top: row, left: column, bottom: row, right: column };
    box = {
      top: Math.min(top, row),
      left: Math.min(left, column),
      bottom: Math.max(bottom, row),
      right: Math.max(right, column),
    };
  }
  return box;
}

/**
 * Panels in the lines that there are: whole where they fit, else each grid cropped to the same window around `focus`
 * (`null` = its upper left corner), and a line that says which part is shown. A grid that is no larger than the window
 * stays whole.
 */
export function fitPanels(
  panels: readonly Panel[],
  focus: Box | null,
  space: PanelSpace,
  ink: Ink,
  palette: Palette,
): string[] {
  const whole = layPanels(panels, space, ink, palette);
  const { columns, rows } = space;
  if (rows === undefined || whole.length <= rows) return whole;
  const around = focus ?? { top: 0, left: 0, bottom: 0, right: 0 };
  const room = Math.floor((columns - GAP * (panels.length - 1)) / panels.length);
  const highest = Math.max(...panels.map(({ grid }) => grid.shape[0]));
  let lowest = whole;
  // Two columns a cell have room for a mark in each cell: taken where the whole of what changed fits.
  for (const { mode, width, needed } of [
    {
      mode: "wide" as const,
      width: Math.floor(room / 2),
      needed: [around.bottom - around.top + 1, around.right - around.left + 1] as const,
    },
    { mode: "half" as const, width: room - POINTERS, needed: [LEAST_ROWS, 1] as const },
  ]) {
    if (width < needed[1]) continue;
    for (let height = Math.min(highest, 2 * rows); height >= Math.max(LEAST_ROWS, needed[0]); height--) {
      const lines = cropped(panels, windowAround(around, height, width), mode, space, ink, palette);
      if (lines.length <= rows) return lines;
      if (lines.length < lowest.length) lowest = lines;
    }
  }
  return lowest;
}

function cropped(
  panels: readonly Panel[],
  window: Box,
  mode: CellMode,
  space: PanelSpace,
  ink: Ink,
  palette: Palette,
): string[] {
  const parts = new Map<string, string[]>();
  const cut = panels.map((panel) => {
    const box = within(window, panel.grid);
    if (box.bottom - box.top + 1 === panel.grid.shape[0] && box.right - box.left + 1 === panel.grid.shape[1])
      return panel;
    const where = `rows ${box.top}-${box.bottom}, columns ${box.left}-${box.right}`;
    parts.set(where, [...(parts.get(where) ?? []), panel.title.split(" ")[0] as string]);
    return cropPanel(panel, box);
  });
  const said = [...parts].map(([where, names]) => `${names.join(", ")}: only ${where}`);
  return [
    ...flowed(
      said.map((text) => ink.dim(text)),
      space.columns,
    ),
    ...layPanels(cut, space, ink, palette, mode),
  ];
}

function windowAround(focus: Box, height: number, width: number): Box {
  const top = firstOf(focus.top, focus.bottom, height);
  const left = firstOf(focus.left, focus.right, width);
  return { top, left, bottom: top + height - 1, right: left + width - 1 };
}

/** Where a window of `length` begins: what it is about in its middle, or its beginning where it is longer than that. */
function firstOf(first: number, last: number, length: number): number {
  const spare = length - (last - first + 1);
  return spare < 2 * AROUND ? first - Math.max(0, Math.floor(spare / 2)) : first - Math.floor(spare / 2);
}

/** The window, moved so that it shows as much of the grid as it can. */
function within(window: Box, { shape: [rows, columns] }: Grid): Box {
  const height = Math.min(rows, window.bottom - window.top + 1);
  const width = Math.min(columns, window.right - window.left + 1);
  const top = Math.max(0, Math.min(window.top, rows - height));
  const left = Math.max(0, Math.min(window.left, columns - width));
  return { top, left, bottom: top + height - 1, right: left + width - 1 };
}

function cropPanel(panel: Panel, box: Box): Panel {
  const { grid, marks } = panel;
  const shape = [box.bottom - box.top + 1, box.right - box.left + 1] as const;
  const part = (values: Uint8Array): Uint8Array => {
    const kept = new Uint8Array(shape[0] * shape[1]);
    for (let row = 0; row < shape[0]; row++) {
      const from = (box.top + row) * grid.shape[1] + box.left;
      kept.set(values.subarray(from, from + shape[1]), row * shape[1]);
    }
    return kept;
  };
  return {
    ...panel,
    grid: { shape, data: part(grid.data), ...(grid.mask == null ? {} : { mask: part(grid.mask) }) },
    ...(marks == null ? {} : { marks: part(marks) }),
  };
}
