import { type Grid, operationName, type PictureSettings, type StepView } from "@episcope/records";
import { cornerSize } from "../grid/error-marks.js";
import { type GridDifference, gridDifference, gridErrors } from "../grid/grid-difference.js";
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
import { agentMetricsHeight, drawAgentMetrics } from "../parts/agent-metrics.js";
import { drawMetricCards, METRIC_CARDS_HEIGHT } from "../parts/metric-cards.js";
import { drawLegend, type LegendEntry } from "../parts/step-legend.js";
import { type Detail, detailOf } from "../scene/detail.js";
import { even, MARGIN } from "../scene/layout.js";
import { createPalette } from "../scene/palette.js";
import { type GridFrame, ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { episodeLine, operationColor, reasonText } from "../text/episode-words.js";
import { formatNumber, formatPercent } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const MIN_WIDTH = 760;
const GAP = 56;
const TITLE_SIZE = TEXT_SIZE.title;
/** Room for the cells of all panels together. */
const PANELS = { width: 1080, height: 480 } as const;
/** With digits in the cells three 30x30 grids need cells of 14 pixels; for lines three 64x64 grids need 6. */
const WIDE_PANELS = { width: 1264, height: 480 } as const;

interface Panel {
  readonly name: string;
  readonly grid: Grid;
  /** Below the grid; its numbers count cells. */
  readonly caption: string;
  /** Cells that the panel makes room for: the larger of old and new size. */
  readonly room: readonly [number, number];
  /** The other size of a resize. */
  readonly extent?: readonly [number, number];
}

/**
 * One step: before, after and, where it is known, the target, all at one cell scale and cut to the real cells;
 * the selection on the grid before, the changed cells on the grid after.
 */
export function stepPicture(view: StepView, settings: PictureSettings): Scene {
  const palette = createPalette(settings.color_scheme);
  const builder = new SceneBuilder(palette);
  const detail = detailOf(settings.image_quality);
  const target = view.episode.target;
  const { grids, offset } = cropGrids(target ? [view.before, view.after, target] : [view.before, view.after]);
  const [before, after] = grids as [Grid, Grid];
  const difference = gridDifference(before, after);
  const selection = view.selection && cropSelection(view, before, offset);
  const panels = layPanels(before, after, grids[2] ?? null, difference, selection, settings);

  const columns = panels.reduce((sum, panel) => sum + panel.room[1], 0);
  const rows = Math.max(...panels.map((panel) => panel.room[0]));
  const room = palette.digits || columns > PANELS.width / 6 ? WIDE_PANELS : PANELS;
  const cell = cellSize([rows, columns], room.width, room.height);
  const gutter = settings.show_coordinates ? COORDINATE_GUTTER : { left: 0, top: 0 };
  const slots = panels.map(
    (panel, index) =>
      gutter.left +
      Math.max(
        gridSide(panel.room[1], cell),
        textWidth(`${panel.name}  ${sizeIn(panels, index)}`, TEXT_SIZE.heading),
        textWidth(panel.caption, TEXT_SIZE.caption),
      ),
  );
  const content = slots.reduce((sum, slot) => sum + slot, 0) + GAP * (panels.length - 1);
  const width = even(Math.max(MIN_WIDTH, content + 2 * MARGIN));
  drawHeader(builder, view, settings, width);

  let x = even((width - content) / 2);
  const labels = 104;
  const top = labels + 10 + gutter.top;
  const height = gridSide(rows, cell);
  const frames: GridFrame[] = [];
  for (const [index, panel] of panels.entries()) {
    const left = even(x + gutter.left);
    builder.text(left, labels, panel.name, { size: TEXT_SIZE.heading, weight: 700 });
    const size = sizeIn(panels, index);
    if (size !== "") {
      const afterName = left + textWidth(`${panel.name}  `, TEXT_SIZE.heading);
      builder.text(afterName, labels, size, { size: TEXT_SIZE.heading, fill: ROLE.muted });
    }
    const frame = drawGrid(builder, panel.grid, { x: left, y: top, cell }, panel.name.toLowerCase(), detail);
    frames.push(frame);
    if (settings.show_coordinates) drawCoordinates(builder, frame, offset);
    const bottom = top + gridSide(panel.room[0], cell);
    builder.text(left, bottom + 20, panel.caption, { size: TEXT_SIZE.caption, fill: ROLE.muted });
    x += slots[index] as number;
    if (index === 0) drawArrow(builder, x + (GAP + gutter.left) / 2, top + arrowHeight(panels, cell));
    x += GAP;
  }
  if (selection) {
    drawSelection(builder, frames[0] as GridFrame, selection, showsDigits(builder, before, cell), detail);
  }
  if (settings.highlight_changes) drawChanges(builder, frames, panels, difference);

  let y = top + height + 40;
  if (settings.include_metrics) {
    drawMetricCards(builder, view, MARGIN, y, width - 2 * MARGIN);
    y += METRIC_CARDS_HEIGHT;
    const metrics = view.info.metrics ?? {};
    drawAgentMetrics(builder, metrics, MARGIN, y, width - 2 * MARGIN);
    y += agentMetricsHeight(metrics, width - 2 * MARGIN);
  }
  if (detail.legend) {
    const entries = legendEntries(selection !== null, settings.highlight_changes, difference);
    if (entries.length > 0) y += drawLegend(builder, entries, MARGIN, y, width - 2 * MARGIN);
  }
  return builder.finish(width, even(y + 8), titleOf(view, settings), describe(view, difference, grids[2]));
}

function layPanels(
  before: Grid,
  after: Grid,
  target: Grid | null,
  difference: GridDifference,
  selection: Uint8Array | null,
  settings: PictureSettings,
): Panel[] {
  const union = [
    Math.max(before.shape[0], after.shape[0]),
    Math.max(before.shape[1], after.shape[1]),
  ] as const;
  const reshaped = before.shape[0] !== after.shape[0] || before.shape[1] !== after.shape[1];
  const marked = settings.highlight_changes && reshaped;
  const selected = selection ? selection.reduce((sum, cell) => sum + cell, 0) : 0;
  const panels: Panel[] = [
    {
      name: "Before",
      grid: before,
      caption: selection ? `${selected} selected` : "no selection",
      room: marked ? union : before.shape,
      ...(marked ? { extent: after.shape } : {}),
    },
    {
      name: "After",
      grid: after,
      caption: changeCaption(difference),
      room: marked ? union : after.shape,
      ...(marked ? { extent: before.shape } : {}),
    },
  ];
  if (target) {
    const { wrongCells, missing } = gridErrors(after, target);
    const wrong = wrongCells + missing;
    panels.push({
      name: "Target",
      grid: target,
      caption: wrong === 0 ? "equals after" : `${wrong} ${wrong === 1 ? "differs" : "differ"}`,
      room: target.shape,
    });
  }
  return panels;
}

/** A panel says its size where it is not that of the panel to its left. */
function sizeIn(panels: readonly Panel[], index: number): string {
  const size = sizeLabel((panels[index] as Panel).grid.shape);
  const left = panels[index - 1];
  return left !== undefined && sizeLabel(left.grid.shape) === size ? "" : size;
}

function cropSelection(view: StepView, before: Grid, [top, left]: readonly [number, number]): Uint8Array {
  const mask = view.selection as Uint8Array;
  if (mask.length === before.data.length) return mask;
  return cutCells(mask, view.before.shape[1], top, left, before.shape);
}

function drawHeader(builder: SceneBuilder, view: StepView, settings: PictureSettings, width: number): void {
  const room = width - 2 * MARGIN;
  const step = `Step ${view.step}`;
  builder.text(MARGIN, 44, step, { size: TITLE_SIZE, weight: 700 });
  const flags = [
    ...view.reasons.map(reasonText),
    ...(view.terminated ? ["terminated"] : []),
    ...(view.truncated ? ["truncated"] : []),
  ].join(" · ");
  const right = fitText(flags, room * 0.55, TEXT_SIZE.body);
  builder.text(width - MARGIN, 44, right, { size: TEXT_SIZE.body, anchor: "end", fill: ROLE.muted });
  if (settings.show_operation_names) {
    let x = MARGIN + textWidth(`${step}  `, TITLE_SIZE);
    const color = operationColor(view.action.operation);
    if (color !== null) {
      builder.swatch(x, 27, 18, color);
      x += 26;
    }
    const free = width - MARGIN - textWidth(right, TEXT_SIZE.body) - 16 - x;
    builder.text(x, 44, fitText(cleanText(operationName(view.action)), free, TITLE_SIZE), {
      size: TITLE_SIZE,
    });
  }
  builder.text(MARGIN, 68, episodeLine(view.episode, room, TEXT_SIZE.body), {
    size: TEXT_SIZE.body,
    fill: ROLE.muted,
  });
}

/** Below the top of the grids: in the middle of what before and after have in common. */
function arrowHeight([before, after]: readonly Panel[], cell: number): number {
  const rows = Math.min(before?.room[0] ?? 1, after?.room[0] ?? 1);
  return Math.max(8, gridSide(rows, cell) / 2);
}

function drawArrow(builder: SceneBuilder, x: number, y: number): void {
  const centre = Math.round(y);
  builder.rect(x - 12, centre - 1, 16, 3, ROLE.muted);
  builder.add({ kind: "arrow", x: Math.round(x) + 4, y: centre - 7, size: 8, fill: ROLE.muted });
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

function drawChanges(
  builder: SceneBuilder,
  [before, after]: readonly GridFrame[],
  panels: readonly Panel[],
  difference: GridDifference,
): void {
  if (difference.changedCells > 0 && after) {
    builder.add({
      kind: "marks",
      mark: "corner",
      ...after,
      size: cornerSize(after.cell, showsDigits(builder, (panels[1] as Panel).grid, after.cell)),
      data: (panels[1] as Panel).grid.data,
      mask: difference.changed,
      label: "changed cells",
    });
  }
  const extents = [panels[0]?.extent, panels[1]?.extent];
  if (extents[0] && before) drawExtent(builder, before, extents[0]);
  if (extents[1] && after) drawExtent(builder, after, extents[1]);
}

function legendEntries(selected: boolean, changes: boolean, difference: GridDifference): LegendEntry[] {
  const entries: LegendEntry[] = [];
  if (selected) entries.push({ sample: "selection", text: "selected" });
  if (changes && difference.changedCells > 0) entries.push({ sample: "corner", text: "changed" });
  if (changes && difference.resized)
    entries.push({ sample: "extent", text: "size on the other side of the step" });
  return entries;
}

function changeCaption(difference: GridDifference): string {
  const parts = [
    ...(difference.changedCells > 0 ? [`${difference.changedCells} changed`] : []),
    ...(difference.addedCells > 0 ? [`${difference.addedCells} added`] : []),
    ...(difference.removedCells > 0 ? [`${difference.removedCells} removed`] : []),
  ];
  return parts.length === 0 ? "nothing changed" : parts.join(", ");
}

function titleOf(view: StepView, settings: PictureSettings): string {
  const name = settings.show_operation_names ? `: ${cleanText(operationName(view.action))}` : "";
  return `Step ${view.step}${name}, task ${cleanText(view.episode.task_id)}`;
}

function describe(view: StepView, difference: GridDifference, target: Grid | undefined): string {
  const sentences = [
    `The grid before is ${sizeLabel(view.before.shape)} (rows × columns), the grid after is ${sizeLabel(view.after.shape)}. Cells: ${changeCaption(difference)}.`,
    `Reward ${formatNumber(view.reward)}, total ${formatNumber(view.reward_total)}.`,
  ];
  if (view.similarity !== null) sentences.push(`Similarity to the target ${formatPercent(view.similarity)}.`);
  if (target === undefined) sentences.push("The target is not known.");
  return sentences.join(" ");
}
