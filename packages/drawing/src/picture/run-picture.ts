import type { PictureSettings, RunView } from "@episcope/records";
import { drawEpisodeBars } from "../chart/episode-bars.js";
import { drawHeatStrips, MOST_SMALL_CHARTS, type Strip } from "../chart/heat-strips.js";
import { drawErrors } from "../grid/error-marks.js";
import { gridErrors } from "../grid/grid-difference.js";
import { cropGrids } from "../grid/grid-frame.js";
import { cellSize, drawGrid, gridSide } from "../grid/grid-panel.js";
import { describeEpisodes } from "../parts/chart-words.js";
import { drawTitle } from "../parts/picture-title.js";
import { drawTaskTable } from "../parts/task-table.js";
import { detailOf } from "../scene/detail.js";
import { even } from "../scene/layout.js";
import { inRecordedColors } from "../scene/recorded-scheme.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { outcomeText, plural } from "../text/episode-words.js";
import { formatPercent, formatSigned } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

type RunEpisode = RunView["episodes"][number];

const CARD = { width: 182, gap: 12, picture: 132, text: 58 } as const;

/** All episodes of a run: their measures as bars, a table by task, and what each left as a thumbnail. */
export function runPicture(view: RunView, given: PictureSettings): Scene {
  const settings = inRecordedColors(given, view);
  const builder = SceneBuilder.for(settings);
  const { page } = builder;
  const detail = detailOf(settings.image_quality);
  const { episodes } = view;
  const solved = episodes.filter(({ outcome }) => outcome === "success").length;
  const steps = episodes.reduce((sum, { totals }) => sum + totals.steps, 0);
  const name = cleanText(view.run);
  const count = `${plural(episodes.length, "episode")}, ${solved} solved, ${plural(steps, "step")}`;
  let y = drawTitle(builder, [{ text: "Run", weight: 700 }, { text: name }], count);
  if (episodes.length > 0) {
    if (settings.include_metrics) {
      y += drawEpisodeBars(builder, episodes, y);
      if (episodes.length > MOST_SMALL_CHARTS)
        y += drawHeatStrips(builder, stripsOf(episodes), "similarity", y);
      y += drawTaskTable(builder, episodes, page.margin, y, page.inner, 30) + 16;
    }
    y += drawEpisodes(builder, episodes, y, detail.legend ? 120 : 48, settings);
  }
  return builder.finish(page.width, even(y + 12), `Run ${name}`, describeEpisodes(episodes));
}

function stripsOf(episodes: readonly RunEpisode[]): Strip[] {
  return episodes.map((episode) => ({ episode, values: episode.similarities }));
}

/** The final grid of each episode, wrong cells marked. Returns the height. */
function drawEpisodes(
  builder: SceneBuilder,
  episodes: readonly RunEpisode[],
  y: number,
  most: number,
  settings: PictureSettings,
): number {
  const { margin, inner } = builder.page;
  const perRow = Math.max(1, Math.floor((inner + CARD.gap) / (CARD.width + CARD.gap)));
  const shown = episodes.slice(0, most);
  builder.text(margin, y + 14, "Episodes", { size: TEXT_SIZE.heading, weight: 700 });
  const left = episodes.length - shown.length;
  const each = "the final grid of each";
  const first = `the first ${shown.length}`;
  const note = left === 0 ? each : builder.page.narrow ? first : `${first}; ${each}`;
  builder.text(margin + textWidth("Episodes  ", TEXT_SIZE.heading), y + 14, note, {
    size: TEXT_SIZE.caption,
    fill: ROLE.muted,
  });
  let top = y + 26;
  for (let start = 0; start < shown.length; start += perRow) {
    const row = shown.slice(start, start + perRow).map(cardOf);
    const height = Math.max(...row.map(({ grid, cell }) => gridSide(grid.shape[0], cell)));
    for (const [index, { episode, grid, target, cell }] of row.entries()) {
      const x = margin + index * (CARD.width + CARD.gap);
      builder.card(x, top, CARD.width, height + 20 + CARD.text);
      const place = {
        x: even(x + (CARD.width - gridSide(grid.shape[1], cell)) / 2),
        y: even(top + 10 + (height - gridSide(grid.shape[0], cell)) / 2),
        cell,
      };
      const frame = drawGrid(builder, grid, place, `final of ${cleanText(episode.label)}`, {
        gridLines: true,
      });
      if (target && settings.highlight_changes) {
        drawErrors(builder, grid, frame, gridErrors(grid, target).wrong);
      }
      drawCaption(builder, episode, x + 10, top + height + 20);
    }
    top += height + 20 + CARD.text + CARD.gap;
  }
  return top - y;
}

function cardOf(episode: RunEpisode): {
  readonly episode: RunEpisode;
  readonly grid: RunEpisode["final"];
  readonly target: RunEpisode["final"] | null;
  readonly cell: number;
} {
  const { grids } = cropGrids(episode.target ? [episode.final, episode.target] : [episode.final]);
  const grid = grids[0] as RunEpisode["final"];
  return {
    episode,
    grid,
    target: grids[1] ?? null,
    cell: cellSize(grid.shape, CARD.width - 20, CARD.picture, 24),
  };
}

function drawCaption(builder: SceneBuilder, episode: RunEpisode, x: number, y: number): void {
  const room = CARD.width - 20;
  const { totals, outcome } = episode;
  const similarity = totals.final_similarity === null ? "" : formatPercent(totals.final_similarity);
  builder.text(
    x,
    y + 14,
    fitText(cleanText(episode.label), room - textWidth(`${similarity} `, TEXT_SIZE.caption), TEXT_SIZE.body),
    {
      size: TEXT_SIZE.body,
      weight: 700,
    },
  );
  builder.text(x + room, y + 14, similarity, { size: TEXT_SIZE.caption, anchor: "end", fill: ROLE.muted });
  builder.text(x, y + 31, fitText(cleanText(episode.task_id), room, TEXT_SIZE.caption), {
    size: TEXT_SIZE.caption,
  });
  const reward = formatSigned(totals.reward, 2);
  const word = fitText(
    outcomeText(outcome),
    room - textWidth(`${reward} `, TEXT_SIZE.caption),
    TEXT_SIZE.caption,
  );
  builder.text(x, y + 48, word, {
    size: TEXT_SIZE.caption,
    fill: outcome === "success" ? ROLE.positive : ROLE.negative,
    weight: outcome === "success" ? 700 : 400,
  });
  builder.text(x + room, y + 48, reward, { size: TEXT_SIZE.caption, anchor: "end", fill: ROLE.muted });
}
