import { formatPercent, metricsPicture, outcomeText, runPicture, thumbnailPicture } from "@episcope/drawing";
import { SvgWriter } from "@episcope/plugin-svg";
import {
  DEFAULT_PICTURE_SETTINGS,
  type MetricsView,
  type PictureSettings,
  type RunView,
} from "@episcope/records";
import { escaped, isolated } from "./escape.js";
import { pageHead, picture } from "./page-parts.js";
import { signed } from "./step-table.js";

type RunEpisode = RunView["episodes"][number];

/** A link of the page: a path relative to it, with `/` between folders. */
export interface PageLink {
  readonly text: string;
  readonly path: string;
}

export interface RunPageOptions {
  /** Default: the defaults of `conf/visualization`. */
  readonly settings?: PictureSettings;
  /** Curves of the producer; without any the page has no such section. */
  readonly metrics?: MetricsView;
  /** What there is of an episode: its summary, its page. Default: nothing. */
  readonly linksOf?: (episode: number) => readonly PageLink[];
  /** Overviews of the tasks. */
  readonly tasks?: readonly PageLink[];
}

/** Final grids are shown of so many episodes; a larger page would be slow to open. */
const MOST_THUMBNAILS = 300;
/** Pixels that the final grid of an episode is fitted inside. */
const THUMBNAIL = 48;

/**
 * A run as one HTML page: its overview, its episodes with links to what was drawn of them, its tasks and the producer's
 * curves. Like the page of an episode it needs nothing else: no script, no network, no font. Same run, same bytes.
 */
export function runPage(view: RunView, options: RunPageOptions = {}): Uint8Array {
  const { settings = DEFAULT_PICTURE_SETTINGS, metrics, linksOf = () => [], tasks = [] } = options;
  const writer = new SvgWriter();
  const { episodes } = view;
  const parts = [
    pageHead(`Run ${view.run}`),
    header(view),
    section("overview", "Overview", picture(runPicture(view, settings), writer)),
    section("episodes", "Episodes", episodeTable(episodes, settings, linksOf, writer)),
    tasks.length === 0 ? "" : section("tasks", "Tasks", linkList(tasks)),
    metrics === undefined || metrics.curves.length + metrics.histograms.length === 0
      ? ""
      : section("metrics", "Metrics", picture(metricsPicture(metrics, settings), writer)),
    "</main></body></html>\n",
  ];
  return new TextEncoder().encode(parts.filter((part) => part !== "").join("\n"));
}

function section(id: string, title: string, content: string): string {
  return `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
}

function header({ run, episodes }: RunView): string {
  const solved = episodes.filter(({ outcome }) => outcome === "success").length;
  const steps = episodes.reduce((sum, { totals }) => sum + totals.steps, 0);
  const tasks = new Set(episodes.map(({ task_id }) => task_id)).size;
  const figures: [name: string, value: string][] = [
    ["Episodes", String(episodes.length)],
    ["Solved", episodes.length === 0 ? "n/a" : `${solved} (${formatPercent(solved / episodes.length)})`],
    ["Tasks", String(tasks)],
    ["Steps", String(steps)],
  ];
  return [
    `<header><h1>Run ${isolated(run)}</h1>`,
    `<ul class="figures">${figures.map(([name, value]) => `<li>${name}<b>${value}</b></li>`).join("")}</ul></header>`,
  ].join("\n");
}

function episodeTable(
  episodes: readonly RunEpisode[],
  settings: PictureSettings,
  linksOf: (episode: number) => readonly PageLink[],
  writer: SvgWriter,
): string {
  if (episodes.length === 0) return `<p class="muted">The run has no episodes.</p>`;
  const heads: [title: string, kind: string][] = [
    ["Episode", "number"],
    ["Final", "words"],
    ["Task", "words"],
    ["Outcome", "words"],
    ["Steps", "number"],
    ["Reward", "number"],
    ["Similarity", "number"],
    ["Pictures", "words"],
  ];
  const head = heads.map(([title, kind]) => `<th scope="col" class="${kind}">${title}</th>`).join("");
  const rows = episodes.map((episode, index) => {
    const drawn = index < MOST_THUMBNAILS ? thumbnail(episode, settings, writer) : "";
    return episodeRow(episode, drawn, linksOf(episode.number));
  });
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

function episodeRow(episode: RunEpisode, drawn: string, links: readonly PageLink[]): string {
  const { number, task_id, outcome, totals } = episode;
  const tone = outcome === "success" ? "good" : "bad";
  const similarity = totals.final_similarity === null ? "n/a" : formatPercent(totals.final_similarity);
  const first = links[0];
  const name = first === undefined ? String(number) : `<a href="${href(first.path)}">${number}</a>`;
  return [
    `<tr id="episode-${number}"><th scope="row" class="number">${name}</th>`,
    `<td>${drawn}</td>`,
    `<td class="words">${isolated(task_id)}</td>`,
    `<td><span class="${tone}">${outcomeText(outcome)}</span></td>`,
    `<td class="number">${totals.steps}</td>`,
    `<td class="number">${signed(totals.reward)}</td>`,
    `<td class="number">${similarity}</td>`,
    `<td>${links.map(anchor).join(" ")}</td></tr>`,
  ].join("");
}

function thumbnail(
  { label, final, target }: RunEpisode,
  settings: PictureSettings,
  writer: SvgWriter,
): string {
  const scene = thumbnailPicture(final, target, `Final grid of ${label}`, THUMBNAIL, settings);
  const data = Buffer.from(writer.write(scene)).toString("base64");
  return `<img width="${scene.width}" height="${scene.height}" loading="lazy" alt="${escaped(scene.title)}" src="data:image/svg+xml;base64,${data}" />`;
}

function linkList(links: readonly PageLink[]): string {
  return `<ul class="links">${links.map((link) => `<li>${anchor(link)}</li>`).join("")}</ul>`;
}

function anchor({ text, path }: PageLink): string {
  return `<a href="${href(path)}">${isolated(text)}</a>`;
}

/** A path as a link: no part of it can become a scheme or a query. */
function href(path: string): string {
  return escaped(path.split("/").map(encodeURIComponent).join("/"));
}
