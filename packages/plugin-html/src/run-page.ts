import {
  formatPercent,
  inRecordedColors,
  metricsPicture,
  outcomeText,
  runPicture,
  thumbnailPicture,
} from "@episcope/drawing";
import {
  DEFAULT_PICTURE_SETTINGS,
  type MetricsView,
  type PictureSettings,
  type RunView,
} from "@episcope/records";
import { escaped, isolated } from "./escape.js";
import { figureList, scrollingTable, section, wholePage } from "./page-parts.js";
import { PagePictures } from "./page-pictures.js";
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
  const { metrics, linksOf = () => [], tasks = [] } = options;
  const settings = inRecordedColors(options.settings ?? DEFAULT_PICTURE_SETTINGS, view);
  const pictures = new PagePictures(settings);
  const compact = { ...settings, layout: "compact" } as const;
  const { episodes } = view;
  const hasMetrics = metrics !== undefined && metrics.curves.length + metrics.histograms.length > 0;
  const content = [
    header(view),
    section(
      "overview",
      "Overview",
      pictures.picture(runPicture(view, settings)) + pictures.picture(runPicture(view, compact), "narrow"),
    ),
    section("episodes", "Episodes", episodeTable(episodes, settings, linksOf, pictures)),
    tasks.length === 0 ? "" : section("tasks", "Tasks", linkList(tasks)),
    hasMetrics
      ? section(
          "metrics",
          "Metrics",
          pictures.picture(metricsPicture(metrics, settings)) +
            pictures.picture(metricsPicture(metrics, compact), "narrow"),
        )
      : "",
  ];
  return wholePage(`Run ${view.run}`, pictures, content, "");
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
  return [`<header><h1>Run ${isolated(run)}</h1>`, `${figureList(figures)}</header>`].join("\n");
}

function episodeTable(
  episodes: readonly RunEpisode[],
  settings: PictureSettings,
  linksOf: (episode: number) => readonly PageLink[],
  pictures: PagePictures,
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
    const drawn = index < MOST_THUMBNAILS ? thumbnail(episode, settings, pictures) : "";
    return episodeRow(episode, drawn, linksOf(episode.number));
  });
  return scrollingTable("Table of the episodes", `<thead><tr>${head}</tr></thead>`, rows);
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
  pictures: PagePictures,
): string {
  const scene = thumbnailPicture(final, target, `Final grid of ${label}`, THUMBNAIL, settings);
  return pictures.picture(scene, "thumb");
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
