import { operationName, type PictureSettings, type StepView, stepTrouble } from "@episcope/records";
import { COORDINATE_GUTTER, gridSide, sizeLabel } from "../grid/grid-panel.js";
import { agentMetricsHeight, drawAgentMetrics } from "../parts/agent-metrics.js";
import { drawMetricCards, METRIC_CARDS_HEIGHT } from "../parts/metric-cards.js";
import { drawFacts } from "../parts/step-facts.js";
import { drawStepHeader } from "../parts/step-header.js";
import { drawLegend } from "../parts/step-legend.js";
import {
  drawPanels,
  drawStepMarks,
  hasMarks,
  joinNeeds,
  layOutPanels,
  PANEL_TEXT,
  type PanelLayout,
  type PanelNeed,
  panelNeeds,
  type StepGrids,
  type StepPanel,
  stepGrids,
} from "../parts/step-panels.js";
import { drawProgress, type StepProgress } from "../parts/step-progress.js";
import { changeText, failureText } from "../parts/step-words.js";
import { drawWrongCells, wrongCellsHeight, wrongCellsText } from "../parts/wrong-cells.js";
import { detailOf } from "../scene/detail.js";
import { even, MARGIN } from "../scene/layout.js";
import { createPalette } from "../scene/palette.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { formatNumber, formatPercent } from "../text/format-number.js";

const MIN_WIDTH = 760;
const GAP = 56;
/** Where a width is asked for. */
const NARROW_GAP = 32;
/** Narrower pictures say reward and similarity in words. */
const NARROWEST_CARDS = 640;
const PANELS_TOP = 90;
/** Room for the cells of all panels together. */
const PANELS = { width: 1080, height: 480 } as const;
/** With digits in the cells three 30x30 grids need cells of 14 pixels; for lines three 64x64 grids need 6. */
const WIDE_PANELS = { width: 1264, height: 480 } as const;

/**
 * Room that pictures of several steps make together, so that they are equal in size and their panels stand in the same
 * places: the frames of an animation.
 */
export interface StepRoom {
  readonly panels: readonly PanelNeed[];
  /** Pixels for the words about wrong cells and for metrics, and whether there is a legend. */
  readonly words: number;
  readonly metrics: number;
  readonly legend: boolean;
}

export interface StepPictureOptions {
  /** That of several steps, where pictures are to be alike. */
  readonly room?: StepRoom;
  /** Scene pixels that the picture is laid out for, at least 360. Default: that of the settings, else as wide as its grids want. */
  readonly width?: number;
  /** `after_target`: the grid before is left out. Default: "all", in pictures narrower than 640 "after_target". */
  readonly panels?: "all" | "after_target";
  /** Where the episode stands, as a line at the bottom of the frames of an animation. */
  readonly progress?: StepProgress;
}

/** The room that the pictures of all these steps need together. Goes through the steps once. */
export function commonStepRoom(
  views: Iterable<StepView>,
  settings: PictureSettings,
  options: Pick<StepPictureOptions, "width" | "panels"> = {},
): StepRoom | undefined {
  let room: StepRoom | undefined;
  for (const view of views) {
    const grids = stepGrids(view, settings);
    const inner = (options.width ?? MIN_WIDTH) - 2 * MARGIN;
    const own: StepRoom = {
      panels: panelNeeds(shownPanels(grids.panels, options)),
      words: settings.highlight_changes ? wrongCellsHeight(grids.wrong, grids.offset, inner) : 0,
      metrics: agentMetricsHeight(view.info.metrics ?? {}, inner),
      legend: grids.selection !== null || (settings.highlight_changes && hasMarks(grids)),
    };
    room = room === undefined ? own : joinRooms(room, own);
  }
  return room;
}

function joinRooms(a: StepRoom, b: StepRoom): StepRoom {
  return {
    panels: joinNeeds(a.panels, b.panels),
    words: Math.max(a.words, b.words),
    metrics: Math.max(a.metrics, b.metrics),
    legend: a.legend || b.legend,
  };
}

/**
 * One step: before, after and, where it is known, the target, all at one cell scale and cut to the real cells;
 * the selection on the grid before, the changed cells on the grid after, what is still wrong on the target.
 */
export function stepPicture(
  view: StepView,
  settings: PictureSettings,
  given: StepPictureOptions = {},
): Scene {
  const options = settings.width === undefined ? given : { width: settings.width, ...given };
  const { room } = options;
  const palette = createPalette(settings.color_scheme, settings.theme);
  const builder = new SceneBuilder(palette);
  const detail = detailOf(settings.image_quality);
  const grids = stepGrids(view, settings);
  const panels = shownPanels(grids.panels, options);
  const needs = room?.panels ?? panelNeeds(panels);
  const gap = options.width === undefined ? GAP : NARROW_GAP;
  const layout = layOutPanels(needs, cellRoom(needs, palette.digits, gap, settings, options), settings);
  const content = layout.slots.reduce((sum, slot) => sum + slot, 0) + gap * (layout.slots.length - 1);
  const width = even(Math.max(options.width ?? MIN_WIDTH, content + 2 * MARGIN));
  drawStepHeader(builder, view, settings, width);

  const left = even((width - content) / 2);
  const frames = drawPanels(builder, panels, layout, left, PANELS_TOP, gap, grids.offset, detail);
  if (panels[0]?.name === "Before") drawArrow(builder, layout, left, gap);
  const legend = drawStepMarks(builder, grids, panels, frames, settings, detail);

  const inner = width - 2 * MARGIN;
  const top = PANELS_TOP + PANEL_TEXT.above + layout.gutter.top;
  let y = top + gridSide(layout.rows, layout.cell) + PANEL_TEXT.below + 8;
  if (settings.highlight_changes) {
    const words = drawWrongCells(builder, grids.wrong, grids.offset, MARGIN, y, inner);
    y += Math.max(words, room?.words ?? 0);
  }
  if (settings.include_metrics) {
    if (inner < NARROWEST_CARDS) y += drawFacts(builder, view, grids, MARGIN, y, inner);
    else {
      drawMetricCards(builder, view, grids, MARGIN, y, inner);
      y += METRIC_CARDS_HEIGHT;
    }
    const metrics = view.info.metrics ?? {};
    drawAgentMetrics(builder, metrics, MARGIN, y, inner);
    y += Math.max(agentMetricsHeight(metrics, inner), room?.metrics ?? 0);
  }
  if (detail.legend && (legend.length > 0 || room?.legend === true)) {
    y += drawLegend(builder, legend, MARGIN, y, inner);
  }
  if (options.progress) y += drawProgress(builder, options.progress, MARGIN, y, inner);
  return builder.finish(width, even(y + 8), stepTitle(view, settings), describeStep(view, grids));
}

/** From before to after, in the middle of their height. */
function drawArrow(
  builder: SceneBuilder,
  { slots, gutter, cell, rows }: PanelLayout,
  left: number,
  gap: number,
): void {
  const x = left + (slots[0] as number) + (gap + gutter.left) / 2;
  const top = PANELS_TOP + PANEL_TEXT.above + gutter.top;
  const y = Math.round(top + Math.max(8, gridSide(rows, cell) / 2));
  builder.rect(x - 12, y - 1, 16, 3, ROLE.muted);
  builder.add({ kind: "arrow", x: Math.round(x) + 4, y: y - 7, size: 8, fill: ROLE.muted });
}

function shownPanels(
  panels: readonly StepPanel[],
  { width, panels: wanted }: StepPictureOptions,
): readonly StepPanel[] {
  const which = wanted ?? (width !== undefined && width < NARROWEST_CARDS ? "after_target" : "all");
  return which === "all" || panels.length < 3 ? panels : panels.slice(1);
}

/** Pixels for the cells of all panels together. */
function cellRoom(
  needs: readonly PanelNeed[],
  digits: boolean,
  gap: number,
  settings: PictureSettings,
  { width }: StepPictureOptions,
): { readonly width: number; readonly height: number } {
  if (width !== undefined) {
    const gutters = settings.show_coordinates ? COORDINATE_GUTTER.left * needs.length : 0;
    return {
      width: width - 2 * MARGIN - gap * (needs.length - 1) - gutters - needs.length,
      height: PANELS.height,
    };
  }
  const columns = needs.reduce((sum, need) => sum + need.room[1], 0);
  return digits || columns > PANELS.width / 6 ? WIDE_PANELS : PANELS;
}

export function stepTitle(view: StepView, settings: PictureSettings): string {
  const name = settings.show_operation_names ? `: ${cleanText(operationName(view.action))}` : "";
  return `Step ${view.step}${name}, task ${cleanText(view.episode.task_id)}`;
}

/** The step in sentences. */
export function describeStep(view: StepView, grids: StepGrids): string {
  const { before, after, target, difference, wrong, offset } = grids;
  const sentences = [
    `The grid before is ${sizeLabel(before.shape)} (rows × columns), the grid after is ${sizeLabel(after.shape)}. Cells: ${changeText(difference)}.`,
  ];
  const trouble = stepTrouble(view);
  if (trouble === "failed") sentences.push(`The operation failed: ${failureText(view)}.`);
  if (trouble === "no effect") sentences.push("The operation had no effect.");
  sentences.push(`Reward ${formatNumber(view.reward)}, total ${formatNumber(view.reward_total)}.`);
  if (view.similarity !== null) sentences.push(`Similarity to the target ${formatPercent(view.similarity)}.`);
  if (target === null) sentences.push("The target is not known.");
  else {
    const words = wrongCellsText(wrong, offset);
    if (words !== "") sentences.push(words);
    else if (wrong.length > 0) sentences.push(`${wrong.length} cells are not as in the target.`);
    else sentences.push("The grid after equals the target.");
  }
  return sentences.join(" ");
}
