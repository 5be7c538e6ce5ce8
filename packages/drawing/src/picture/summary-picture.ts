import type { PictureSettings, SummaryView } from "@episcope/records";
import { drawEpisodeCurves } from "../chart/episode-curves.js";
import { chooseKeySteps } from "../parts/choose-key-steps.js";
import { drawKeySteps } from "../parts/key-step-strip.js";
import { drawFigureColumn, drawFigureRow, FIGURES_WIDTH, summaryFigures } from "../parts/summary-figures.js";
import { drawSummaryGrids, summaryGrids } from "../parts/summary-grids.js";
import { describeSummary } from "../parts/summary-words.js";
import { detailOf } from "../scene/detail.js";
import { even, MARGIN, PAGE_INNER, PAGE_WIDTH } from "../scene/layout.js";
import { createPalette } from "../scene/palette.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { outcomeText, taskLine } from "../text/episode-words.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const BESIDE = 32;

/** A whole episode: its end against the target, its curves, its key steps. */
export function summaryPicture(view: SummaryView, settings: PictureSettings): Scene {
  const builder = new SceneBuilder(createPalette(settings.color_scheme, settings.theme));
  const detail = detailOf(settings.image_quality);
  const target = settings.highlight_changes ? view.episode.target : null;
  const shown = chooseKeySteps(view.key_steps, detail.thumbnails);
  drawHeader(builder, view);

  let y = 92;
  const grids = summaryGrids(view, settings);
  const free = PAGE_INNER - (settings.include_metrics ? FIGURES_WIDTH + BESIDE : 0);
  const drawn = drawSummaryGrids(builder, grids, MARGIN, y, free, settings, detail);
  let height = drawn.height;
  if (settings.include_metrics) {
    const figures = summaryFigures(view);
    if (drawn.right <= MARGIN + free) {
      height = Math.max(height, drawFigureColumn(builder, figures, MARGIN + free + BESIDE, y));
    } else height += drawFigureRow(builder, figures, MARGIN, y + height, PAGE_INNER);
  }
  y += height + 24;
  if (settings.include_metrics) {
    const flags = shown.map(({ step: { step }, number }) => ({ step, number }));
    y += drawEpisodeCurves(builder, view, { x: MARGIN, y, width: PAGE_INNER }, flags, detail);
  }
  const count = view.key_step_count ?? view.key_steps.length;
  y += drawKeySteps(builder, shown, count, target, MARGIN, y, PAGE_INNER, detail);
  const title = `Episode ${view.episode.number}, task ${cleanText(view.episode.task_id)}: ${outcomeText(view.outcome)}`;
  return builder.finish(PAGE_WIDTH, even(y + 8), title, describeSummary(view));
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
