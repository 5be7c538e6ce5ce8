import type { Grid, PictureSettings, SummaryView } from "@episcope/records";
import { extentOf, padRange, robustRange } from "../chart/axis.js";
import { type ChartBox, drawChart, drawEmptyChart, percentLabels } from "../chart/chart.js";
import { beyondText, drawBars, drawBeyond, drawCurve, drawReference } from "../chart/curves.js";
import { runningBest, runningTotal, stepNumbers } from "../chart/series.js";
import { drawErrors, errorMark } from "../grid/error-marks.js";
import { gridErrors } from "../grid/grid-difference.js";
import { cropGrids } from "../grid/grid-frame.js";
import {
  COORDINATE_GUTTER,
  cellSize,
  drawCoordinates,
  drawGrid,
  gridSide,
  sizeLabel,
} from "../grid/grid-panel.js";
import { drawKeySteps } from "../parts/key-step-strip.js";
import { signPaint } from "../parts/metric-cards.js";
import { drawLegend } from "../parts/step-legend.js";
import { type Detail, detailOf } from "../scene/detail.js";
import { even, MARGIN, PAGE_INNER, PAGE_WIDTH } from "../scene/layout.js";
import { createPalette } from "../scene/palette.js";
import { type Paint, ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { outcomeText, plural, taskLine } from "../text/episode-words.js";
import { formatNumber, formatPercent, formatSigned } from "../text/format-number.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const FIGURES_WIDTH = 226;
const CHART_HEIGHT = 236;
const PANEL_GAP = 32;

/** A whole episode: its end against the target, its curves, its key steps. */
export function summaryPicture(view: SummaryView, settings: PictureSettings): Scene {
  const builder = new SceneBuilder(createPalette(settings.color_scheme));
  const detail = detailOf(settings.image_quality);
  drawHeader(builder, view);
  let y = 92;
  y += drawGrids(builder, view, y, settings, detail);
  if (settings.include_metrics) {
    drawCharts(builder, view, y, detail);
    y += CHART_HEIGHT + 20;
  }
  y += drawKeySteps(
    builder,
    view.key_steps,
    view.key_step_count ?? view.key_steps.length,
    MARGIN,
    y,
    PAGE_INNER,
    detail,
  );
  const title = `Episode ${view.episode.number}, task ${cleanText(view.episode.task_id)}: ${outcomeText(view.outcome)}`;
  return builder.finish(PAGE_WIDTH, even(y + 8), title, describe(view));
}

function drawHeader(builder: SceneBuilder, view: SummaryView): void {
  const name = `Episode ${view.episode.number}`;
  builder.text(MARGIN, 44, name, { size: TEXT_SIZE.title, weight: 700 });
  builder.text(MARGIN + textWidth(`${name}  `, TEXT_SIZE.title), 44, outcomeText(view.outcome), {
    size: TEXT_SIZE.title,
    weight: 700,
    fill: view.outcome === "success" ? ROLE.positive : ROLE.negative,
  });
  builder.text(MARGIN, 68, taskLine(view.episode, PAGE_INNER, TEXT_SIZE.body), {
    size: TEXT_SIZE.body,
    fill: ROLE.muted,
  });
}

/** Start, final and target at one cell scale, and the figures beside them. Returns the height. */
function drawGrids(
  builder: SceneBuilder,
  view: SummaryView,
  y: number,
  settings: PictureSettings,
  detail: Detail,
): number {
  const { target, initial } = view.episode;
  const { grids, offset } = cropGrids(target ? [initial, view.final, target] : [initial, view.final]);
  const names = ["Start", "Final", "Target"];
  const gutter = settings.show_coordinates ? COORDINATE_GUTTER : { left: 0, top: 0 };
  const rows = Math.max(...grids.map((grid) => grid.shape[0]));
  const columns = grids.reduce((sum, grid) => sum + grid.shape[1], 0);
  const figures = settings.include_metrics ? FIGURES_WIDTH + PANEL_GAP : 0;
  const free = PAGE_INNER - figures - grids.length * (gutter.left + PANEL_GAP);
  const cell = cellSize([rows, columns], free, 380, Math.max(40, Math.min(64, Math.floor(190 / rows))));
  const errors = target ? gridErrors(grids[1] as Grid, grids[2] as Grid) : null;
  const caption = errorCaption(errors);
  const top = y + 20 + gutter.top;
  let x = MARGIN;
  let bottom = top + gridSide(rows, cell);
  for (const [index, grid] of grids.entries()) {
    const left = x + gutter.left;
    const name = names[index] as string;
    builder.text(left, y + 12, name, { size: TEXT_SIZE.heading, weight: 700 });
    builder.text(left + textWidth(`${name}  `, TEXT_SIZE.heading), y + 12, sizeLabel(grid.shape), {
      size: TEXT_SIZE.heading,
      fill: ROLE.muted,
    });
    const frame = drawGrid(builder, grid, { x: left, y: top, cell }, name.toLowerCase(), detail);
    if (settings.show_coordinates) drawCoordinates(builder, frame, offset);
    if (index === 1 && errors && settings.highlight_changes) drawErrors(builder, grid, frame, errors.wrong);
    if (index === 1)
      builder.text(left, top + gridSide(grid.shape[0], cell) + 20, caption, {
        size: TEXT_SIZE.caption,
        fill: ROLE.muted,
      });
    const label = textWidth(`${name}  ${sizeLabel(grid.shape)}`, TEXT_SIZE.heading);
    const below = index === 1 ? textWidth(caption, TEXT_SIZE.caption) : 0;
    x = even(left + Math.max(gridSide(grid.shape[1], cell), label, below) + PANEL_GAP);
  }
  if (settings.include_metrics) {
    const height = drawFigures(builder, view, Math.max(x, PAGE_WIDTH - MARGIN - FIGURES_WIDTH), y);
    bottom = Math.max(bottom, y + height - 24);
  }
  if (detail.legend && errors && errors.wrongCells > 0 && settings.highlight_changes) {
    drawLegend(
      builder,
      [{ sample: errorMark(builder, grids[1] as Grid, cell), text: "differs from the target" }],
      MARGIN,
      bottom + 30,
      PAGE_INNER,
    );
    bottom += 28;
  }
  return bottom + 44 - y;
}

function errorCaption(errors: ReturnType<typeof gridErrors> | null): string {
  if (errors === null) return "target not known";
  const parts = [
    ...(errors.wrongCells > 0 ? [`${errors.wrongCells} wrong`] : []),
    ...(errors.missing > 0 ? [`${errors.missing} missing`] : []),
  ];
  return parts.length === 0 ? "equals the target" : parts.join(", ");
}

/** The totals as a column. Returns its height. */
function drawFigures(builder: SceneBuilder, view: SummaryView, x: number, y: number): number {
  const { steps, reward, final_similarity, best_similarity } = view.totals;
  const lines: [string, string, Paint][] = [
    ["Steps", String(steps), ROLE.text],
    ["Total reward", formatSigned(reward), signPaint(reward)],
    ["Reward per step", steps > 0 ? formatSigned(reward / steps) : "n/a", ROLE.text],
    ["Final similarity", final_similarity === null ? "n/a" : formatPercent(final_similarity), ROLE.text],
    ["Best similarity", best_similarity === null ? "n/a" : formatPercent(best_similarity), ROLE.text],
    [
      "Start similarity",
      view.initial_similarity === null ? "n/a" : formatPercent(view.initial_similarity),
      ROLE.text,
    ],
  ];
  const pitch = 28;
  const height = lines.length * pitch + 14;
  builder.card(x, y, FIGURES_WIDTH, height);
  for (const [index, [label, value, fill]] of lines.entries()) {
    const baseline = y + 26 + index * pitch;
    builder.text(x + 12, baseline, label, { size: TEXT_SIZE.caption, fill: ROLE.muted });
    builder.text(x + FIGURES_WIDTH - 12, baseline, value, {
      size: TEXT_SIZE.heading,
      weight: 700,
      anchor: "end",
      fill,
    });
  }
  return height;
}

function drawCharts(builder: SceneBuilder, view: SummaryView, y: number, detail: Detail): void {
  const gap = 24;
  const width = Math.floor((PAGE_INNER - 2 * gap) / 3);
  const boxes = [0, 1, 2].map((index) => ({
    x: MARGIN + index * (width + gap),
    y,
    width,
    height: CHART_HEIGHT,
  })) as [ChartBox, ChartBox, ChartBox];
  const { rewards, similarities } = view;
  const steps = rewards.length;
  if (steps === 0) {
    for (const [index, title] of ["Reward per step", "Total reward", "Similarity"].entries()) {
      drawEmptyChart(builder, boxes[index] as ChartBox, title, "no steps");
    }
    return;
  }
  const xRange = { low: -0.5, high: steps - 0.5 };
  const shared = { xLabel: "step", xIntegers: true } as const;
  const xs = stepNumbers(steps);

  const range = robustRange(rewards);
  if (range === null) drawEmptyChart(builder, boxes[0], "Reward per step", "no finite reward");
  else {
    const shown = padRange({ low: Math.min(0, range.low), high: Math.max(0, range.high) });
    const unit = beyondText(rewards, shown.low, shown.high);
    const plot = drawChart(builder, boxes[0], xRange, shown, { title: "Reward per step", unit, ...shared });
    drawBars(builder, plot, rewards);
  }

  const totals = runningTotal(rewards);
  const total = robustRange(totals);
  if (total === null) drawEmptyChart(builder, boxes[1], "Total reward", "no finite reward");
  else {
    const shown = padRange({ low: Math.min(0, total.low), high: Math.max(0, total.high) });
    const plot = drawChart(builder, boxes[1], xRange, shown, {
      title: "Total reward",
      unit: beyondText(totals, shown.low, shown.high),
      ...shared,
    });
    drawCurve(builder, plot, xs, totals, { stroke: ROLE.reward, maxPoints: detail.curvePoints });
    drawBeyond(builder, plot, xs, totals);
  }

  if (extentOf(similarities) === null) {
    drawEmptyChart(builder, boxes[2], "Similarity", "no target to compare with");
    return;
  }
  const plot = drawChart(
    builder,
    boxes[2],
    xRange,
    { low: 0, high: 1.04 },
    {
      title: "Similarity",
      yLabels: percentLabels,
      yTicks: 4,
      keys: [
        { text: "target", stroke: ROLE.text, dash: [4, 4] },
        { text: "best so far", stroke: ROLE.accent, dash: [4, 2] },
      ],
      ...shared,
    },
  );
  drawReference(builder, plot, 1);
  const style = { maxPoints: detail.curvePoints };
  drawCurve(builder, plot, xs, runningBest(similarities, view.initial_similarity), {
    stroke: ROLE.accent,
    dash: [4, 2],
    ...style,
  });
  drawCurve(builder, plot, xs, similarities, { stroke: ROLE.similarity, ...style });
}

function describe(view: SummaryView): string {
  const { steps, reward, final_similarity, best_similarity } = view.totals;
  const similarity =
    final_similarity === null
      ? "The target is not known."
      : `Final similarity ${formatPercent(final_similarity)}, best ${best_similarity === null ? "n/a" : formatPercent(best_similarity)}.`;
  return `${plural(steps, "step")}, total reward ${formatNumber(reward)}. ${similarity} ${plural(view.key_step_count ?? view.key_steps.length, "key step")}.`;
}
