import { formatPercent, inRecordedColors, outcomeText, summaryPicture } from "@episcope/drawing";
import {
  DEFAULT_PICTURE_SETTINGS,
  type EpisodeView,
  type PictureSettings,
  type SummaryView,
} from "@episcope/records";
import { isolated } from "./escape.js";
import { figureList, section, wholePage } from "./page-parts.js";
import { PagePictures } from "./page-pictures.js";
import { stepId, stepListHead, stepRow } from "./step-list.js";
import { signed, stepTable } from "./step-table.js";

export interface EpisodePageOptions {
  /** Default: the defaults of `conf/visualization`. */
  readonly settings?: PictureSettings;
  /** Which steps unfold to a picture; all are listed. Default: "all". */
  readonly pictures?: "all" | "key";
}

/**
 * An episode as one HTML page that needs nothing else: no network, no font, and no script to be read; a small one of its own
 * answers to keys. Steps are rows with the grid after them, which unfold to their pictures. Its own Content-Security-Policy allows
 * its style sheet and that script, and nothing more. It is well-formed XML too. Same episode, same bytes.
 */
export function episodePage(view: EpisodeView, options: EpisodePageOptions = {}): Uint8Array {
  const { pictures: which = "all" } = options;
  const settings = inRecordedColors(options.settings ?? DEFAULT_PICTURE_SETTINGS, view);
  const { summary } = view;
  const pictures = new PagePictures(settings);
  const steps = [...view.steps];
  const drawn = steps.filter(({ reasons }) => which === "all" || reasons.length > 0).map(({ step }) => step);
  const places = new Map(drawn.map((step, place) => [step, place]));
  const rows = steps.map((step) => {
    const place = places.get(step.step);
    const around =
      place === undefined ? null : { before: drawn[place - 1] ?? null, after: drawn[place + 1] ?? null };
    return stepRow(step, around, settings, pictures);
  });
  const linkOf = (step: number): string | null => (places.has(step) ? `#${stepId(step)}` : null);
  const title = `Episode ${summary.episode.number}, task ${summary.episode.task_id}: ${outcomeText(summary.outcome)}`;
  const wide = pictures.picture(summaryPicture(summary, settings));
  const narrow = pictures.picture(summaryPicture(summary, { ...settings, layout: "compact" }), "narrow");
  return wholePage(title, pictures, [
    header(summary),
    section("summary", "Summary", wide + narrow),
    section(
      "steps",
      "Steps",
      steps.length === 0
        ? `<p class="muted">The episode has no steps.</p>`
        : [
            `<p class="muted">A row unfolds to its picture; the keys → and ←, or j and k, go to the next and the one before.</p>`,
            `<div class="steps">${stepListHead()}${rows.join("\n")}</div>`,
            `<details class="folded"><summary>All steps as a table</summary>${stepTable(steps, linkOf)}</details>`,
          ].join("\n"),
    ),
  ]);
}

function header({ episode, totals, outcome }: SummaryView): string {
  const figures: [name: string, value: string][] = [
    ["Outcome", `<span class="${outcome === "success" ? "good" : "bad"}">${outcomeText(outcome)}</span>`],
    ["Steps", String(totals.steps)],
    ["Reward", signed(totals.reward)],
    ["Final similarity", totals.final_similarity === null ? "n/a" : formatPercent(totals.final_similarity)],
    ["Best similarity", totals.best_similarity === null ? "n/a" : formatPercent(totals.best_similarity)],
  ];
  return [
    `<header><h1>Episode ${episode.number}</h1>`,
    `<p class="muted">Task ${isolated(episode.task_id)} · ${episode.mode} pair ${episode.pair_index + 1}</p>`,
    `${figureList(figures)}</header>`,
  ].join("\n");
}
