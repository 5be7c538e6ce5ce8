import { type Palette, ROLE } from "@episcope/drawing";
import { blockColumns, blockRows, type CellMode, gridBlock, type Panel } from "./grid-block.js";
import type { Ink } from "./ink.js";
import { clipped, padded, widthOf } from "./text.js";

/** Columns between two grids. */
export const GAP = 2;

export interface PanelSpace {
  readonly columns: number;
  /** Lines that the panels may take; left out: as many as they need. */
  readonly rows?: number | undefined;
}

/**
 * Grids side by side where the width allows, else below each other: with two columns a cell if all fit into one
 * row, else with one; or as `mode` says.
 */
export function layPanels(
  panels: readonly Panel[],
  space: PanelSpace,
  ink: Ink,
  palette: Palette,
  mode: CellMode = chooseMode(panels, space, ink),
): string[] {
  const lines: string[] = [];
  let row: Panel[] = [];
  let used = 0;
  const flush = () => {
    if (row.length === 0) return;
    if (lines.length > 0) lines.push("");
    lines.push(...joinRow(row, mode, space.columns, ink, palette));
    row = [];
    used = 0;
  };
  for (const panel of panels) {
    const width = panelColumns(panel, mode, space.columns);
    if (row.length > 0 && used + GAP + width > space.columns) flush();
    used += (row.length > 0 ? GAP : 0) + width;
    row.push(panel);
  }
  flush();
  return lines;
}

function chooseMode(panels: readonly Panel[], { columns, rows }: PanelSpace, ink: Ink): CellMode {
  const total = panels.reduce((sum, panel) => sum + panelColumns(panel, "wide", columns) + GAP, -GAP);
  const height = Math.max(0, ...panels.map((panel) => blockRows(panel, "wide", ink) + 2));
  const cut = panels.some((panel) => blockColumns(panel, "wide") > columns);
  return total <= columns && !cut && (rows === undefined || height <= rows) ? "wide" : "half";
}

/** A panel is as wide as its grid, and no narrower than its title. */
function panelColumns(panel: Panel, mode: CellMode, limit: number): number {
  return Math.min(limit, Math.max(blockColumns(panel, mode), widthOf(panel.title)));
}

function joinRow(
  panels: readonly Panel[],
  mode: CellMode,
  limit: number,
  ink: Ink,
  palette: Palette,
): string[] {
  const blocks = panels.map((panel) => {
    const width = panelColumns(panel, mode, limit);
    const lines = [ink.bold(clipped(panel.title, width)), ...gridBlock(panel, mode, ink, palette, limit)];
    if (blockColumns({ grid: panel.grid }, mode) > limit)
      lines.push(clipped(`… ${panel.grid.shape[1]} columns, cut`, width));
    // A note may be longer than its grid is wide.
    for (const line of wrapped(panel.note, width)) lines.push(ink.paint(line, ROLE.muted));
    return { width, lines };
  });
  const height = Math.max(...blocks.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    blocks
      .map(({ width, lines }, i) => {
        const line = lines[y] ?? "";
        return i === blocks.length - 1 ? line : padded(line, width + GAP);
      })
      .join("")
      .trimEnd(),
  );
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines.map((part) => clipped(part, width));
}
