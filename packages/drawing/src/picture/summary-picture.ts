import type { PictureSettings, SummaryView } from "@episcope/records";
import { drawEpisodeCurves } from "../chart/episode-curves.js";
import { chooseKeySteps } from "../parts/choose-key-steps.js";
import { drawKeySteps } from "../parts/key-step-strip.js";
import { drawTitle, type TitlePart } from "../parts/picture-title.js";
import { drawFactColumn, drawFactLines, type Fact, fitsFactColumn } from "../parts/step-facts.js";
import {
  drawFigureColumn,
  drawFigureRow,
  FIGURES_WIDTH,
  type Figure,
  summaryFigures,
} from "../parts/summary-figures.js";
import { drawSummaryGrids, summaryGrids } from "../parts/summary-grids.js";
import { describeSummary } from "../parts/summary-words.js";
import { detailOf } from "../scene/detail.js";
import { type DrawnHeight, fitHeight } from "../scene/fit-height.js";
import { even } from "../scene/layout.js";
import { pageOf } from "../scene/page.js";
import { inRecordedColors } from "../scene/recorded-scheme.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { outcomeText, taskLine } from "../text/episode-words.js";
import { TEXT_SIZE } from "../text/text-size.js";

const BESIDE = 32;
const FACTS_GAP = 20;
/** Figures of a compact summary, and what they are called there. */
const SHORT: { readonly [label: string]: string } = {
  Steps: "steps",
  "Total reward": "reward",
  "Final similarity": "similarity",
  "Best similarity": "best",
  "Without effect": "idle",
  Failed: "failed",
};
/** Beyond a narrow page's grids. */
const GRIDS_HEIGHT = 380;
/** Of a picture that must fit into a height. */
const LEAST_GRIDS = 90;

/** What a picture that must fit into a height does without, in this order. */
interface SummaryParts {
  readonly curves: "all" | "similarity" | "none";
  readonly keySteps: boolean;
  /** What the picture is of, its figures, and the legend of its marks. */
  readonly texts: "all" | "no legend" | "none";
}

const EVERYTHING: SummaryParts = { curves: "all", keySteps: true, texts: "all" };
const FEWER_PARTS: readonly SummaryParts[] = [
  EVERYTHING,
  { curves: "all", keySteps: false, texts: "all" },
  { curves: "similarity", keySteps: false, texts: "no legend" },
  { curves: "none", keySteps: false, texts: "no legend" },
  { curves: "none", keySteps: false, texts: "none" },
];

/** A whole episode: its end against the target, its curves, its key steps. */
export function summaryPicture(view: SummaryView, given: PictureSettings): Scene {
  const settings = inRecordedColors(given, view);
  const page = pageOf(settings);
  if (page.layout !== "compact" || page.height === null)
    return drawSummary(view, settings, EVERYTHING, GRIDS_HEIGHT).scene;
  return fitHeight(page.height, FEWER_PARTS, LEAST_GRIDS, (parts, grids) =>
    drawSummary(view, settings, parts, Math.min(grids, GRIDS_HEIGHT)),
  );
}

function drawSummary(
  view: SummaryView,
  settings: PictureSettings,
  parts: SummaryParts,
  gridsHeight: number,
): DrawnHeight {
  const builder = SceneBuilder.for(settings);
  const { page } = builder;
  const { margin, inner } = page;
  const whole = detailOf(settings.image_quality);
  const detail = parts.texts === "all" ? whole : { ...whole, legend: false };
  const target = settings.highlight_changes ? view.episode.target : null;
  const shown = chooseKeySteps(view.key_steps, detail.thumbnails);
  const texts = parts.texts !== "none";
  let y = texts ? drawTitle(builder, titleOf(view), taskLine(view.episode, inner, TEXT_SIZE.body)) : margin;

  const all = summaryGrids(view, settings);
  const grids = texts ? all : { ...all, panels: all.panels.map((panel) => ({ ...panel, caption: "" })) };
  const beside = settings.include_metrics && !page.narrow && page.layout === "page";
  const free = inner - (beside ? FIGURES_WIDTH + BESIDE : 0);
  const drawn = drawSummaryGrids(builder, grids, margin, y, free, gridsHeight, settings, detail);
  let height = drawn.height;
  if (settings.include_metrics && texts && page.layout !== "figure") {
    const figures = summaryFigures(view);
    const short = page.layout === "compact";
    const facts = figures
      .filter(({ label }) => !short || label in SHORT)
      .flatMap((one) => factsOf(one, short));
    const aside = drawn.right + FACTS_GAP;
    if (beside && drawn.right <= margin + free) {
      height = Math.max(height, drawFigureColumn(builder, figures, margin + free + BESIDE, y));
    } else if (
      page.layout === "compact" &&
      fitsFactColumn(facts, page.width - margin - aside, drawn.grids + FACTS_GAP)
    )
      drawFactColumn(builder, facts, aside, y + FACTS_GAP);
    else if (page.layout === "page" && !page.narrow)
      height += drawFigureRow(builder, figures, margin, y + height, inner);
    else height += drawFactLines(builder, facts, margin, y + height, inner);
  }
  y += height + (page.layout === "page" ? 24 : 4);
  if (settings.include_metrics && parts.curves !== "none") {
    const flags = parts.keySteps ? shown.map(({ step: { step }, number }) => ({ step, number })) : [];
    const place = { x: margin, y, width: inner };
    y += drawEpisodeCurves(builder, view, place, flags, detail, parts.curves === "similarity");
  }
  if (parts.keySteps) {
    const count = view.key_step_count ?? view.key_steps.length;
    y += drawKeySteps(builder, shown, count, target, margin, y, inner, detail);
  }
  const title = `Episode ${view.episode.number}, task ${cleanText(view.episode.task_id)}: ${outcomeText(view.outcome)}`;
  const end = even(y + (page.layout === "page" ? 8 : 0));
  return { scene: builder.finish(page.width, end, title, describeSummary(view)), grids: drawn.grids };
}

function titleOf(view: SummaryView): TitlePart[] {
  return [
    { text: `Episode ${view.episode.number}`, weight: 700, space: 2 },
    {
      text: outcomeText(view.outcome),
      weight: 700,
      fill: view.outcome === "success" ? ROLE.positive : ROLE.negative,
    },
  ];
}

/** A figure in a line of words; what speaks against it stands behind it. */
function factsOf({ label, value, fill, note }: Figure, short: boolean): Fact[] {
  const fact = { name: short ? (SHORT[label] as string) : label.toLowerCase(), value, fill };
  return note === "" ? [fact] : [fact, { name: "", value: `(${note})`, fill: ROLE.negative }];
}
