import type { Analysis, FailureCount, FailureExample, MetricCurve } from "../analyze/analysis.js";
import { findingsOf, MODE_WORDS } from "./findings.js";
import { htmlText } from "./html-text.js";
import { lineChart } from "./line-chart.js";
import { percent, short } from "./number-text.js";
import { STYLE } from "./style.js";
import {
  contrastsTable,
  metricsTable,
  numbersTable,
  operationsTable,
  runsTable,
  type TextTable,
  tasksTable,
  title,
  windowsTable,
} from "./tables.js";

export interface ReportOptions {
  /**
   * Draws the summary of an episode as SVG, for instance with `@episcope/plugin-svg`; null where it cannot be drawn.
   * Without it the report has no pictures.
   */
  readonly draw?: (example: FailureExample) => string | null;
}

const MOST_CURVES = 24;

/** An analysis as one self-contained HTML page: no script, nothing loaded from elsewhere. */
export function analysisHtml(analysis: Analysis, { draw }: ReportOptions = {}): string {
  const name = htmlText(title(analysis));
  const findings = findingsOf(analysis).map((finding) => `<li>${htmlText(finding)}</li>`);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${name}</title><style>${STYLE}</style></head><body><main><h1>${name}</h1>`,
    `<ul class="findings">${findings.join("")}</ul>`,
    section("Numbers", tableOf(numbersTable(analysis)) + tableOf(runsTable(analysis))),
    section("Why episodes failed", failures(analysis, draw)),
    section("Over time", windows(analysis)),
    section("Tasks", tableOf(tasksTable(analysis))),
    section("Operations", tableOf(operationsTable(analysis))),
    section("What successes did and failures did not", tableOf(contrastsTable(analysis))),
    section("Metrics of the producer", metrics(analysis)),
    "<footer>docs/analysis.md defines every rule and number.</footer></main></body></html>",
    "",
  ].join("\n");
}

/** Nothing without a body. */
function section(heading: string, body: string): string {
  return body === "" ? "" : `<section><h2>${heading}</h2>${body}</section>`;
}

function failures({ failures, runs, success }: Analysis, draw: ReportOptions["draw"]): string {
  const failed = success.of - success.successes;
  return failures.map((count) => failure(count, failed, runs, draw)).join("\n");
}

function failure(
  { mode, episodes, first, examples }: FailureCount,
  failed: number,
  runs: Analysis["runs"],
  draw: ReportOptions["draw"],
): string {
  const items = examples.map((example) => {
    const place = `${runs[example.run]!.name} episode ${example.episode}, ${example.task_id}: ${example.evidence}`;
    return `<li>${htmlText(place)}${stepsText(example.steps)}</li>`;
  });
  const share = episodes / failed;
  return [
    `<article><h3>${mode} <small>${htmlText(MODE_WORDS[mode]!)}</small></h3>`,
    `<div class="bar" role="presentation"><span style="width:${(100 * share).toFixed(1)}%"></span></div>`,
    `<p>${episodes} of ${failed} failed episodes (${percent(share)}); it explains most in ${first}.</p>`,
    `<ul>${items.join("")}</ul>${picture(examples[0], draw)}</article>`,
  ].join("");
}

function picture(example: FailureExample | undefined, draw: ReportOptions["draw"]): string {
  const svg = example === undefined ? null : (draw?.(example) ?? null);
  if (example === undefined || svg === null) return "";
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  const alt = htmlText(`Summary of episode ${example.episode}: ${example.evidence}`);
  return `<details><summary>Episode ${example.episode}</summary><img loading="lazy" alt="${alt}" src="${source}"></details>`;
}

function stepsText(steps: readonly number[]): string {
  if (steps.length === 0) return "";
  return ` <small>steps ${steps.slice(0, 12).join(", ")}${steps.length > 12 ? ", …" : ""}</small>`;
}

function windows(analysis: Analysis): string {
  const { windows } = analysis;
  if (windows.length < 2) return "";
  const points = windows.map(({ last, success }) => [last, success.rate ?? 0] as const);
  return lineChart("Success rate over the episodes", points) + tableOf(windowsTable(analysis));
}

function metrics(analysis: Analysis): string {
  const { metrics, runs } = analysis;
  if (metrics.length === 0) return "";
  const charts = metrics
    .slice(0, MOST_CURVES)
    .map((curve) => lineChart(captionOf(curve, runs), curve.points));
  return `<div class="charts">${charts.join("")}</div>${tableOf(metricsTable(analysis))}`;
}

function captionOf({ run, name, first, last, n }: MetricCurve, runs: Analysis["runs"]): string {
  const prefix = runs.length > 1 ? `${runs[run]!.name}: ` : "";
  return `${prefix}${name}, ${short(first)} to ${short(last)} over ${n} values`;
}

function tableOf({ headings, rows, left_out }: TextTable): string {
  if (rows.length === 0) return "";
  const head = headings.map((heading) => `<th scope="col">${htmlText(heading)}</th>`);
  const body = rows.map(([first = "", ...cells]) => {
    const rest = cells.map((cell) => `<td>${htmlText(cell)}</td>`);
    return `<tr><th scope="row">${htmlText(first)}</th>${rest.join("")}</tr>`;
  });
  const more = left_out === 0 ? "" : `<p><small>${left_out} more rows are left out.</small></p>`;
  return `<div class="table"><table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>${more}`;
}
