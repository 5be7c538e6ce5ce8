import type { Grid, PictureSettings, StepView } from "@episcope/records";
import { cornerSize, drawErrors, type ErrorMark } from "../grid/error-marks.js";
import {
  differences,
  type GridDifference,
  type GridErrors,
  gridDifference,
  gridErrors,
  type WrongCell,
} from "../grid/grid-difference.js";
import { cropGrids, cutCells } from "../grid/grid-frame.js";
import {
  COORDINATE_GUTTER,
  cellSize,
  drawCoordinates,
  drawExtent,
  drawGrid,
  gridSide,
  showsDigits,
  sizeLabel,
} from "../grid/grid-panel.js";
import type { Detail } from "../scene/detail.js";
import { even } from "../scene/layout.js";
import { type GridFrame, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { wrapText } from "../text/wrap-text.js";
import type { LegendEntry } from "./step-legend.js";
import { changeText, selectionText } from "./step-words.js";

type Shape = readonly [rows: number, columns: number];

/** One grid of a step picture with what stands around it. */
export interface StepPanel {
  readonly name: "Before" | "After" | "Target";
  readonly grid: Grid;
  /** Below the grid; its numbers count cells. */
  readonly caption: string;
  /** Cells that the panel makes room for. */
  readonly room: Shape;
  /** The size on the other side of a resize, where it cuts through this grid. */
  readonly extent?: Shape;
}

/** What the panels of a step show, worked out once. */
export interface StepGrids {
  readonly panels: readonly StepPanel[];
  readonly before: Grid;
  readonly after: Grid;
  readonly target: Grid | null;
  /** Over `before`. */
  readonly selection: Uint8Array | null;
  readonly difference: GridDifference;
  /** After against the target; null where that is not known. */
  readonly errors: GridErrors | null;
  readonly wrong: readonly WrongCell[];
  /** Rows and columns of padding that were cut off at the top and left. */
  readonly offset: readonly [row: number, column: number];
}

/** Before, after and, where it is known, the target, cut to the real cells. */
export function stepGrids(view: StepView, settings: PictureSettings): StepGrids {
  const known = view.episode.target;
  const { grids, offset } = cropGrids(known ? [view.before, view.after, known] : [view.before, view.after]);
  const [before, after] = grids as [Grid, Grid];
  const target = grids[2] ?? null;
  const difference = gridDifference(before, after);
  const errors = target && gridErrors(after, target);
  const selection = view.selection && cropSelection(view.selection, view.before, before, offset);
  const [beforeExtent, afterExtent] = settings.highlight_changes
    ? [cutting(after.shape, before.shape), cutting(before.shape, after.shape)]
    : [undefined, undefined];
  const panels: StepPanel[] = [
    panel("Before", before, selectionText(view.action.selection, selection), beforeExtent, "after"),
    panel("After", after, changeText(difference), afterExtent, "before"),
  ];
  if (target && errors) panels.push(panel("Target", target, errorText(errors), undefined, ""));
  const wrong = target ? differences(after, target) : [];
  return { panels, before, after, target, selection, difference, errors, wrong, offset };
}

function panel(
  name: StepPanel["name"],
  grid: Grid,
  caption: string,
  extent: Shape | undefined,
  side: string,
): StepPanel {
  if (extent === undefined) return { name, grid, caption, room: grid.shape };
  const [rows, columns] = grid.shape;
  return {
    name,
    grid,
    caption: `${caption} · dashed: ${sizeLabel(extent)} ${side}`,
    room: [Math.max(rows, extent[0]), Math.max(columns, extent[1])],
    extent,
  };
}

/** The other size where it ends inside a grid of this shape: there it can be shown without an empty frame. */
function cutting(other: Shape, shape: Shape): Shape | undefined {
  return other[0] < shape[0] || other[1] < shape[1] ? other : undefined;
}

function errorText({ wrongCells, missing, beyond }: GridErrors): string {
  const count = wrongCells + missing;
  if (count === 0) return "equals after";
  const words = `${count} ${count === 1 ? "differs" : "differ"}`;
  return beyond > 0 ? `${words}, ${beyond} beyond it` : words;
}

function cropSelection(
  mask: Uint8Array,
  whole: Grid,
  before: Grid,
  [top, left]: readonly [number, number],
): Uint8Array {
  if (mask.length === before.data.length) return mask;
  return cutCells(mask, whole.shape[1], top, left, before.shape);
}

/** A panel says its size where it is not that of the panel to its left. */
function sizeIn(panels: readonly StepPanel[], index: number): string {
  const size = sizeLabel((panels[index] as StepPanel).grid.shape);
  const left = panels[index - 1];
  return left !== undefined && sizeLabel(left.grid.shape) === size ? "" : size;
}

/** What a panel makes room for: cells, and texts in pixels. */
export interface PanelNeed {
  readonly room: Shape;
  readonly text: number;
}

/** `most`: pixels that the texts of a panel may take; its caption breaks there. */
export function panelNeeds(
  panels: readonly StepPanel[],
  most: number = Number.POSITIVE_INFINITY,
): PanelNeed[] {
  return panels.map(({ name, caption, room }, index) => ({
    room,
    text: Math.min(
      most,
      Math.max(
        textWidth(`${name}  ${sizeIn(panels, index)}`, TEXT_SIZE.heading),
        textWidth(caption, TEXT_SIZE.caption),
      ),
    ),
  }));
}

/** Room for both, panel by panel. */
export function joinNeeds(a: readonly PanelNeed[], b: readonly PanelNeed[]): PanelNeed[] {
  const [more, fewer] = a.length >= b.length ? [a, b] : [b, a];
  return more.map((need, index) => {
    const other = fewer[index] ?? need;
    return {
      room: [Math.max(need.room[0], other.room[0]), Math.max(need.room[1], other.room[1])],
      text: Math.max(need.text, other.text),
    };
  });
}

export interface PanelLayout {
  readonly cell: number;
  readonly gutter: { readonly left: number; readonly top: number };
  /** Cells of the highest panel. */
  readonly rows: number;
  /** Width of each panel with its texts. */
  readonly slots: readonly number[];
}

/** The largest cells, up to `room`, at which the panels fit; with their texts into `most` pixels. */
export function layOutPanels(
  needs: readonly PanelNeed[],
  room: { readonly width: number; readonly height: number },
  settings: PictureSettings,
  most: number = Number.POSITIVE_INFINITY,
): PanelLayout {
  const gutter = settings.show_coordinates ? COORDINATE_GUTTER : { left: 0, top: 0 };
  const rows = Math.max(...needs.map((need) => need.room[0]));
  const columns = needs.reduce((sum, need) => sum + need.room[1], 0);
  const slotsAt = (cell: number): number[] =>
    needs.map((need) => gutter.left + Math.max(gridSide(need.room[1], cell), need.text));
  let cell = cellSize([rows, columns], room.width, room.height);
  let slots = slotsAt(cell);
  while (cell > 2 && slots.reduce((sum, slot) => sum + slot, 0) > most) {
    cell -= 2;
    slots = slotsAt(cell);
  }
  return { cell, gutter, rows, slots };
}

/** Space above a grid for its name, and below it for its caption. */
export const PANEL_TEXT = { above: 24, below: 32 } as const;
const CAPTION_LINE = 16;

/** The captions as the panels have room for them. */
function captionLines(panels: readonly StepPanel[], { gutter, slots }: PanelLayout): string[][] {
  return panels.map(({ caption }, index) =>
    wrapText(caption, (slots[index] as number) - gutter.left, TEXT_SIZE.caption),
  );
}

/** Pixels below the grids for captions on as many lines as they take. */
export function captionsHeight(panels: readonly StepPanel[], layout: PanelLayout): number {
  const most = Math.max(...captionLines(panels, layout).map((lines) => lines.length));
  return PANEL_TEXT.below + (most - 1) * CAPTION_LINE;
}

/** Name, grid and caption of each panel, side by side from `x`, `gap` pixels between them. */
export function drawPanels(
  builder: SceneBuilder,
  panels: readonly StepPanel[],
  layout: PanelLayout,
  x: number,
  y: number,
  gap: number,
  offset: readonly [number, number],
  detail: Detail,
): GridFrame[] {
  const { cell, gutter, slots } = layout;
  const captions = captionLines(panels, layout);
  const top = even(y + PANEL_TEXT.above + gutter.top);
  let slot = x;
  return panels.map((panel, index) => {
    const left = even(slot + gutter.left);
    builder.text(left, y + 14, panel.name, { size: TEXT_SIZE.heading, weight: 700 });
    const afterName = left + textWidth(`${panel.name}  `, TEXT_SIZE.heading);
    builder.text(afterName, y + 14, sizeIn(panels, index), { size: TEXT_SIZE.heading, fill: ROLE.muted });
    const frame = drawGrid(builder, panel.grid, { x: left, y: top, cell }, panel.name.toLowerCase(), detail);
    if (gutter.left > 0) drawCoordinates(builder, frame, offset);
    const bottom = top + gridSide(panel.room[0], cell);
    for (const [line, caption] of (captions[index] as string[]).entries()) {
      const baseline = bottom + 20 + line * CAPTION_LINE;
      builder.text(left, baseline, caption, { size: TEXT_SIZE.caption, fill: ROLE.muted });
    }
    slot += (slots[index] as number) + gap;
    return frame;
  });
}

/** Marks of a step, and the entries of the legend that explain those which occur. */
export function drawStepMarks(
  builder: SceneBuilder,
  grids: StepGrids,
  panels: readonly StepPanel[],
  frames: readonly GridFrame[],
  settings: PictureSettings,
  detail: Detail,
): LegendEntry[] {
  const legend: LegendEntry[] = [];
  const frameOf = (name: StepPanel["name"]): GridFrame | undefined =>
    frames[panels.findIndex((panel) => panel.name === name)];
  for (const [index, { extent }] of panels.entries()) {
    if (extent) drawExtent(builder, frames[index] as GridFrame, extent);
  }
  const before = frameOf("Before");
  if (before && grids.selection) {
    drawSelection(builder, before, grids.selection, showsDigits(builder, grids.before, before.cell), detail);
    legend.push({ sample: "selection", text: "selected" });
  }
  if (!settings.highlight_changes) return legend;
  const after = frameOf("After");
  if (after && grids.difference.changedCells > 0) {
    const size = cornerSize(after.cell, showsDigits(builder, grids.after, after.cell));
    const marks = { data: grids.after.data, mask: grids.difference.changed, label: "changed cells" };
    builder.add({ kind: "marks", mark: "corner", ...after, size, ...marks });
    legend.push({ sample: "corner", text: "changed" });
  }
  const wrong = drawUnmet(builder, grids, frameOf("Target"));
  if (wrong) legend.push({ sample: wrong.mark, text: "not so in after" });
  return legend;
}

/** Whether there are changed or wrong cells to mark. */
export function hasMarks({ difference, errors }: StepGrids): boolean {
  return difference.changedCells > 0 || errors?.unmet.includes(1) === true;
}

/** In the target, the cells that the grid after does not have like that. */
function drawUnmet(
  builder: SceneBuilder,
  { target, errors }: StepGrids,
  frame: GridFrame | undefined,
): ErrorMark | null {
  return target && errors && frame ? drawErrors(builder, target, frame, errors.unmet) : null;
}

function drawSelection(
  builder: SceneBuilder,
  frame: GridFrame,
  mask: Uint8Array,
  digits: boolean,
  detail: Detail,
): void {
  // Over small digits a hatch would leave neither readable.
  const hatch = detail.hatch && (!digits || frame.cell >= 20) ? (digits ? 24 : 12) : null;
  // An outline alone must still be seen when the picture is shown at half its size.
  const bold = frame.cell >= (hatch === null ? 8 : 16);
  builder.add({ kind: "selection", ...frame, mask, weight: bold ? 3 : 1, hatch });
}
