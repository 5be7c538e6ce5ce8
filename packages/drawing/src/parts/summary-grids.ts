import type { Grid, PictureSettings, SummaryView } from "@episcope/records";
import { drawErrors, type ErrorMark } from "../grid/error-marks.js";
import { type GridErrors, gridErrors } from "../grid/grid-difference.js";
import { cropGrids } from "../grid/grid-frame.js";
import {
  COORDINATE_GUTTER,
  cellSize,
  drawCoordinates,
  drawExtent,
  drawGrid,
  gridSide,
  sizeLabel,
} from "../grid/grid-panel.js";
import type { Detail } from "../scene/detail.js";
import { even } from "../scene/layout.js";
import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { wrapText } from "../text/wrap-text.js";
import { drawLegend, type LegendEntry } from "./step-legend.js";

const PANEL_GAP = 32;
/** Of the panels of a narrow picture. */
const SMALL_GAP = 16;
const CAPTION_LINE = 16;

interface Panel {
  readonly name: string;
  readonly grid: Grid;
  readonly caption: string;
  /** Cells that the panel makes room for. */
  readonly room: readonly [number, number];
  /** The size of the target, drawn around a final grid that lacks cells of it. */
  readonly extent?: readonly [number, number];
}

/** Start, final and target of an episode, at one cell scale. */
export interface SummaryGrids {
  readonly panels: readonly Panel[];
  readonly errors: GridErrors | null;
  readonly offset: readonly [number, number];
}

export function summaryGrids(view: SummaryView, settings: PictureSettings): SummaryGrids {
  const { target, initial } = view.episode;
  const { grids, offset } = cropGrids(target ? [initial, view.final, target] : [initial, view.final]);
  const [start, final, wanted] = grids as [Grid, Grid, Grid | undefined];
  const errors = wanted ? gridErrors(final, wanted) : null;
  const caption = errorCaption(errors);
  const panels: Panel[] = [{ name: "Start", grid: start, caption: "", room: start.shape }];
  if (wanted && settings.highlight_changes && lacks(final, wanted)) {
    const room = [0, 1].map((side) => Math.max(final.shape[side] as number, wanted.shape[side] as number));
    panels.push({
      name: "Final",
      grid: final,
      caption: `${caption} · dashed: target`,
      room: room as [number, number],
      extent: wanted.shape,
    });
  } else panels.push({ name: "Final", grid: final, caption, room: final.shape });
  if (wanted) panels.push({ name: "Target", grid: wanted, caption: "", room: wanted.shape });
  return { panels, errors, offset };
}

function lacks({ shape }: Grid, target: Grid): boolean {
  return shape[0] < target.shape[0] || shape[1] < target.shape[1];
}

function errorCaption(errors: GridErrors | null): string {
  if (errors === null) return "target not known";
  const parts = [
    ...(errors.wrongCells > 0 ? [`${errors.wrongCells} wrong`] : []),
    ...(errors.missing > 0 ? [`${errors.missing} missing`] : []),
  ];
  return parts.length === 0 ? "equals the target" : parts.join(", ");
}

/** Width of each panel with its texts, which break beyond `most`. */
function slotsOf(panels: readonly Panel[], cell: number, gutter: number, most: number): number[] {
  return panels.map(({ name, grid, caption, room }) => {
    const words = Math.max(
      textWidth(`${name}  ${sizeLabel(grid.shape)}`, TEXT_SIZE.heading),
      textWidth(caption, TEXT_SIZE.caption),
    );
    return even(gutter + Math.max(gridSide(room[1], cell), Math.min(words, most - gutter - 1)));
  });
}

/**
 * Draws them into `width` pixels, with grids of at most `mostHeight`. Returns the height, that of the grids alone, and where the
 * panels end.
 */
export function drawSummaryGrids(
  builder: SceneBuilder,
  { panels: all, errors, offset }: SummaryGrids,
  x: number,
  y: number,
  width: number,
  mostHeight: number,
  settings: PictureSettings,
  detail: Detail,
): { readonly height: number; readonly right: number; readonly grids: number } {
  const { narrow } = builder.page;
  // Side by side in a narrow picture three grids would be too small to be read.
  const panels = narrow && all.length === 3 ? all.slice(1) : all;
  const gutter = settings.show_coordinates ? COORDINATE_GUTTER : { left: 0, top: 0 };
  const gap = narrow ? SMALL_GAP : PANEL_GAP;
  const most = narrow
    ? Math.floor((width - gap * (panels.length - 1)) / panels.length) - 1
    : Number.POSITIVE_INFINITY;
  const rows = Math.max(...panels.map(({ room }) => room[0]));
  const columns = Math.max(...panels.map(({ room }) => room[1]));
  const total = (slots: readonly number[]): number =>
    slots.reduce((sum, slot) => sum + slot, 0) + gap * (slots.length - 1);
  let cell = cellSize([rows, columns], width, mostHeight, Math.max(40, Math.min(64, Math.floor(190 / rows))));
  while (cell > 2 && total(slotsOf(panels, cell, gutter.left, most)) > width) cell -= 2;
  const slots = slotsOf(panels, cell, gutter.left, most);
  let captionLines = 1;
  const top = even(y + 20 + gutter.top);
  let left = x;
  let mark: ErrorMark | null = null;
  for (const [index, { name, grid, caption, room, extent }] of panels.entries()) {
    const at = even(left + gutter.left);
    builder.text(at, y + 12, name, { size: TEXT_SIZE.heading, weight: 700 });
    builder.text(at + textWidth(`${name}  `, TEXT_SIZE.heading), y + 12, sizeLabel(grid.shape), {
      size: TEXT_SIZE.heading,
      fill: ROLE.muted,
    });
    const frame = drawGrid(builder, grid, { x: at, y: top, cell }, name.toLowerCase(), detail);
    if (gutter.left > 0) drawCoordinates(builder, frame, offset);
    if (extent) drawExtent(builder, frame, extent);
    if (name === "Final" && errors && settings.highlight_changes) {
      mark = drawErrors(builder, grid, frame, errors.wrong);
    }
    const below = top + gridSide(room[0], cell) + 20;
    const lines = wrapText(caption, (slots[index] as number) - gutter.left, TEXT_SIZE.caption);
    for (const [line, text] of lines.entries()) {
      builder.text(at, below + line * CAPTION_LINE, text, { size: TEXT_SIZE.caption, fill: ROLE.muted });
    }
    captionLines = Math.max(captionLines, lines.length);
    left += (slots[index] as number) + gap;
  }
  let bottom = top + gridSide(rows, cell) + 30 + (captionLines - 1) * CAPTION_LINE;
  if (detail.legend && mark !== null) {
    const entries: LegendEntry[] = [{ sample: mark.mark, text: "differs from the target" }];
    bottom += drawLegend(builder, entries, x, bottom, width);
  }
  return { height: bottom - y, right: left - gap, grids: gridSide(rows, cell) };
}
