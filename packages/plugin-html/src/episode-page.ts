import { formatPercent, outcomeText, reasonText, stepPicture, summaryPicture } from "@episcope/drawing";
import { SvgWriter } from "@episcope/plugin-svg";
import {
  DEFAULT_PICTURE_SETTINGS,
  type EpisodeView,
  operationName,
  type PictureSettings,
  type StepView,
  type SummaryView,
} from "@episcope/records";
import { isolated } from "./escape.js";
import { pageHead, picture } from "./page-parts.js";
import { signed, stepId, stepTableHead, stepTableRow } from "./step-table.js";

export interface EpisodePageOptions {
  /** Default: the defaults of `conf/visualization`. */
  readonly settings?: PictureSettings;
  /** Which steps have a picture; all are in the table. Default: "all". */
  readonly pictures?: "all" | "key";
}

/**
 * An episode as one HTML page that needs nothing else: no script, no network, no font. Pictures are SVG in the page.
 * Its own Content-Security-Policy allows its style sheet and its pictures, and nothing more. It is well-formed XML
 * too. Same episode, same bytes.
 */
export function episodePage(view: EpisodeView, options: EpisodePageOptions = {}): Uint8Array {
  const { settings = DEFAULT_PICTURE_SETTINGS, pictures = "all" } = options;
  const { summary } = view;
  const writer = new SvgWriter();
  const rows: string[] = [];
  const articles: string[] = [];
  for (const step of view.steps) {
    const drawn = pictures === "all" || step.reasons.length > 0;
    rows.push(stepTableRow(step, drawn));
    if (drawn) articles.push(stepArticle(step, settings, writer));
  }
  const title = `Episode ${summary.episode.number}, task ${summary.episode.task_id}: ${outcomeText(summary.outcome)}`;
  const parts = [
    pageHead(title),
    header(summary),
    `<section aria-labelledby="summary"><h2 id="summary">Summary</h2>${picture(summaryPicture(summary, settings), writer)}</section>`,
    `<section aria-labelledby="steps"><h2 id="steps">Steps</h2>`,
    rows.length === 0
      ? `<p class="muted">The episode has no steps.</p>`
      : `<div class="table"><table>${stepTableHead()}<tbody>${rows.join("\n")}</tbody></table></div>`,
    "</section>",
    articles.length === 0
      ? ""
      : `<section aria-labelledby="pictures"><h2 id="pictures">Pictures</h2>\n${articles.join("\n")}\n</section>`,
    "</main></body></html>\n",
  ];
  return new TextEncoder().encode(parts.join("\n"));
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
    `<ul class="figures">${figures.map(([name, value]) => `<li>${name}<b>${value}</b></li>`).join("")}</ul></header>`,
  ].join("\n");
}

function stepArticle(view: StepView, settings: PictureSettings, writer: SvgWriter): string {
  const reasons = view.reasons.length === 0 ? "" : ` · ${view.reasons.map(reasonText).join(", ")}`;
  const heading = `Step ${view.step}: ${isolated(operationName(view.action))}${reasons}`;
  return `<article id="${stepId(view.step)}"><h3>${heading}</h3>${picture(stepPicture(view, settings), writer)}</article>`;
}
