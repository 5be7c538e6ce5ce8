import { operationName, type PictureSettings, type StepView, stepTrouble } from "@episcope/records";
import { COORDINATE_GUTTER, gridSide, sizeLabel } from "../grid/grid-panel.js";
import { agentMetricsHeight, drawAgentMetrics } from "../parts/agent-metrics.js";
import { drawMetricCards, METRIC_CARDS_HEIGHT } from "../parts/metric-cards.js";
import { drawFactColumn, drawFactLines, fitsFactColumn, stepFacts } from "../parts/step-facts.js";
import { drawStepHeader } from "../parts/step-header.js";
import { drawLegend } from "../parts/step-legend.js";
import {
  captionsHeight,
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
import { type DrawnHeight, fitHeight } from "../scene/fit-height.js";
import { even } from "../scene/layout.js";
import { type Page, pageOf, pageOfWidth } from "../scene/page.js";
import { inRecordedColors } from "../scene/recorded-scheme.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { formatNumber, formatPercent } from "../text/format-number.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const MIN_WIDTH = 760;
const GAP = 56;
/** Where a width is asked for. */
const NARROW_GAP = 32;
/** Narrower pictures say reward and similarity in words. */
const NARROWEST_CARDS = 640;
/** Between the panels of a narrow picture. */
const SMALL_GAP = 16;
const LEAST_ARROW_GAP = 32;
/** Between the panels and figures beside them. */
const FACTS_GAP = 20;
/** Cells of a figure with three panels; with smaller ones the grid before is left out. */
const SMALLEST_IN_FIGURE = 6;
/** Of the height that a picture is fitted into. */
const GRIDS_SHARE = 0.45;
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
  given: Pick<StepPictureOptions, "width" | "panels"> = {},
): StepRoom | undefined {
  const options = withSettings(settings, given);
  const { inner } = stepPage(settings, options);
  let room: StepRoom | undefined;
  for (const view of views) {
    const grids = stepGrids(view, settings);
    const panels = shownPanels(grids.panels, settings, options);
    const own: StepRoom = {
      panels: panelNeeds(panels, mostText(panels, settings, options)),
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

function withSettings(settings: PictureSettings, given: StepPictureOptions): StepPictureOptions {
  const { layout = "page", width } = settings;
  const wanted = given.width ?? width ?? (layout === "page" ? undefined : pageOf(settings).width);
  return wanted === undefined ? given : { ...given, width: wanted };
}

function stepPage(settings: PictureSettings, { width = MIN_WIDTH }: StepPictureOptions): Page {
  const { layout = "page", height, text_pt } = settings;
  return pageOfWidth(layout, width, layout === "compact" ? height : null, text_pt);
}

/** What stands around the grids of a step. */
interface StepParts {
  readonly words: boolean;
  readonly facts: boolean;
  readonly metrics: boolean;
  readonly legend: boolean;
  /** What the picture is of, and what stands below its grids. */
  readonly texts: boolean;
}

const EVERYTHING: StepParts = { words: true, facts: true, metrics: true, legend: true, texts: true };
/** In the order in which a picture that must fit into a height does without them. */
const FEWER_PARTS: readonly StepParts[] = [
  EVERYTHING,
  { ...EVERYTHING, metrics: false },
  { ...EVERYTHING, metrics: false, legend: false },
  { ...EVERYTHING, metrics: false, legend: false, words: false },
  { words: false, facts: false, metrics: false, legend: false, texts: true },
  { words: false, facts: false, metrics: false, legend: false, texts: false },
];

/**
 * One step: before, after and, where it is known, the target, all at one cell scale and cut to the real cells;
 * the selection on the grid before, the changed cells on the grid after, what is still wrong on the target.
 */
export function stepPicture(view: StepView, wanted: PictureSettings, given: StepPictureOptions = {}): Scene {
  const settings = inRecordedColors(wanted, view);
  const options = withSettings(settings, given);
  const page = stepPage(settings, options);
  const grids = stepGrids(view, settings);
  const draw = (parts: StepParts, height: number) =>
    drawStep(view, grids, settings, options, page, parts, height);
  if (page.height === null) return draw(EVERYTHING, PANELS.height).scene;
  return fitHeight(page.height, FEWER_PARTS, page.height * GRIDS_SHARE, draw);
}

function drawStep(
  view: StepView,
  grids: StepGrids,
  settings: PictureSettings,
  options: StepPictureOptions,
  page: Page,
  parts: StepParts,
  height: number,
): DrawnHeight {
  const { room } = options;
  const builder = SceneBuilder.for(settings, page);
  const detail = detailOf(settings.image_quality);
  const { margin } = page;
  const all = shownPanels(grids.panels, settings, options);
  const panels = parts.texts ? all : all.map((panel) => ({ ...panel, caption: "" }));
  const needs = room?.panels ?? panelNeeds(panels, mostText(panels, settings, options));
  const gap = gapOf(settings, options);
  const cells = cellRoom(needs, builder.palette.digits, gap, settings, options);
  const most = page.layout === "page" ? undefined : page.inner - gap * (needs.length - 1);
  const layout = layOutPanels(needs, { ...cells, height: Math.min(cells.height, height) }, settings, most);
  const content = layout.slots.reduce((sum, slot) => sum + slot, 0) + gap * (layout.slots.length - 1);
  const width = even(Math.max(page.width, content + 2 * margin));
  const above = parts.texts ? drawStepHeader(builder, view, settings, width) : margin;
  const panelsTop = above - (page.layout === "page" ? 2 : 0);

  const left = page.layout === "page" ? 2 * Math.floor((width - content) / 4) : margin;
  const frames = drawPanels(builder, panels, layout, left, panelsTop, gap, grids.offset, detail);
  if (panels[0]?.name === "Before" && gap >= LEAST_ARROW_GAP)
    drawArrow(builder, layout, left, panelsTop, gap);
  const legend = drawStepMarks(builder, grids, panels, frames, settings, detail);

  const inner = width - 2 * margin;
  const top = panelsTop + PANEL_TEXT.above + layout.gutter.top;
  const gridsHeight = gridSide(layout.rows, layout.cell);
  let y =
    top +
    gridsHeight +
    (parts.texts ? captionsHeight(panels, layout) : margin) +
    (page.layout === "page" ? 8 : 0);
  if (settings.highlight_changes && parts.words && page.layout !== "figure") {
    const words = drawWrongCells(builder, grids.wrong, grids.offset, margin, y, inner);
    y += Math.max(words, room?.words ?? 0);
  }
  if (settings.include_metrics && parts.facts && page.layout !== "figure") {
    const facts = stepFacts(view, grids);
    const aside = left + content + FACTS_GAP;
    if (page.layout === "compact" && fitsFactColumn(facts, width - margin - aside, gridsHeight))
      drawFactColumn(builder, facts, aside, top);
    else if (page.layout === "compact" || inner < NARROWEST_CARDS)
      y += drawFactLines(builder, facts, margin, y, inner);
    else {
      drawMetricCards(builder, view, grids, margin, y, inner);
      y += METRIC_CARDS_HEIGHT;
    }
    if (parts.metrics) {
      const metrics = view.info.metrics ?? {};
      drawAgentMetrics(builder, metrics, margin, y, inner);
      y += Math.max(agentMetricsHeight(metrics, inner), room?.metrics ?? 0);
    }
  }
  if (detail.legend && parts.legend && (legend.length > 0 || room?.legend === true)) {
    y += drawLegend(builder, legend, margin, y, inner);
  }
  if (options.progress) y += drawProgress(builder, options.progress, margin, y, inner);
  const end = page.layout === "page" ? even(y + 8) : even(y);
  const scene = builder.finish(width, end, stepTitle(view, settings), describeStep(view, grids));
  return { scene, grids: gridsHeight };
}

function gapOf({ layout = "page" }: PictureSettings, { width }: StepPictureOptions): number {
  if (layout === "page") return width === undefined ? GAP : NARROW_GAP;
  return width !== undefined && width < NARROWEST_CARDS ? SMALL_GAP : NARROW_GAP;
}

/** Pixels that the texts of a panel may take: on a page as many as they want. */
function mostText(
  panels: readonly StepPanel[],
  settings: PictureSettings,
  options: StepPictureOptions,
): number {
  const { layout = "page" } = settings;
  if (layout === "page" || options.width === undefined) return Number.POSITIVE_INFINITY;
  const gutters = settings.show_coordinates ? COORDINATE_GUTTER.left : 0;
  const gaps = gapOf(settings, options) * (panels.length - 1);
  return Math.floor((stepPage(settings, options).inner - gaps) / panels.length) - gutters;
}

/** From before to after, in the middle of their height. */
function drawArrow(
  builder: SceneBuilder,
  { slots, gutter, cell, rows }: PanelLayout,
  left: number,
  panelsTop: number,
  gap: number,
): void {
  const x = left + (slots[0] as number) + (gap + gutter.left) / 2;
  const top = panelsTop + PANEL_TEXT.above + gutter.top;
  const y = Math.round(top + Math.max(8, gridSide(rows, cell) / 2));
  builder.rect(x - 12, y - 1, 16, 3, ROLE.muted);
  builder.add({ kind: "arrow", x: Math.round(x) + 4, y: y - 7, size: 8, fill: ROLE.muted });
}

/** All three, unless they are not wanted, or there is no room for them. */
function shownPanels(
  panels: readonly StepPanel[],
  settings: PictureSettings,
  { width, panels: wanted }: StepPictureOptions,
): readonly StepPanel[] {
  if (panels.length < 3 || wanted === "all") return panels;
  const { layout = "page" } = settings;
  const narrow = width !== undefined && width < NARROWEST_CARDS;
  const few =
    wanted === "after_target" || (narrow && !(layout === "figure" && fitsAll(panels, width, settings)));
  return few ? panels.slice(1) : panels;
}

/** Whether three panels have cells large enough to be marked in a figure. */
function fitsAll(
  panels: readonly StepPanel[],
  width: number,
  { show_coordinates }: PictureSettings,
): boolean {
  const columns = panels.reduce((sum, { room }) => sum + room[1], 0);
  const gutters = (show_coordinates ? COORDINATE_GUTTER.left : 0) * panels.length;
  const free = pageOfWidth("figure", width).inner - SMALL_GAP * (panels.length - 1) - gutters;
  const names = textWidth("Target  30×30", TEXT_SIZE.heading);
  return free / columns >= SMALLEST_IN_FIGURE && free / panels.length >= names;
}

/** Pixels for the cells of all panels together. */
function cellRoom(
  needs: readonly PanelNeed[],
  digits: boolean,
  gap: number,
  settings: PictureSettings,
  options: StepPictureOptions,
): { readonly width: number; readonly height: number } {
  if (options.width !== undefined) {
    const gutters = settings.show_coordinates ? COORDINATE_GUTTER.left * needs.length : 0;
    return {
      width: stepPage(settings, options).inner - gap * (needs.length - 1) - gutters - needs.length,
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
