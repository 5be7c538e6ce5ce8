import type { ComparisonType, ComparisonView, EpisodeSeries, PictureSettings } from "@episcope/records";
import { extentOf, padRange, quantile, type Range, ticksOf } from "../chart/axis.js";
import { drawChart, drawEmptyChart, type Plot, percentLabels } from "../chart/chart.js";
import { drawBand, drawCurve } from "../chart/curves.js";
import { drawEpisodeBars } from "../chart/episode-bars.js";
import { drawHeatStrips, MOST_SMALL_CHARTS } from "../chart/heat-strips.js";
import { runningTotal, stepNumbers } from "../chart/series.js";
import { describeEpisodes } from "../parts/chart-words.js";
import { drawTitle } from "../parts/picture-title.js";
import { drawTaskTable } from "../parts/task-table.js";
import { type Detail, detailOf } from "../scene/detail.js";
import { columnsOfBoxes, even } from "../scene/layout.js";
import { type Paint, ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { episodeNames, outcomeText, plural } from "../text/episode-words.js";
import { formatPercent, formatSigned } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const MAIN_HEIGHT = 320;
const SMALL = { height: 132, perRow: 5, least: 180, gap: 16 } as const;
/** Up to so many episodes are told apart as curves in one chart; more become bands. */
const MOST_CURVES = 6;
const CURVES: readonly { readonly stroke: Paint; readonly dash?: readonly [number, number] }[] = [
  { stroke: ROLE.reward },
  { stroke: ROLE.accent },
  { stroke: ROLE.similarity },
  { stroke: ROLE.text, dash: [6, 3] },
  { stroke: ROLE.negative, dash: [2, 2] },
  { stroke: ROLE.muted, dash: [10, 3] },
];

const BANDS_UNIT =
  "median, middle half and middle nine tenths · ended episodes keep their last value · n: episodes still running";

const TITLES: { readonly [type in ComparisonType]: string } = {
  reward_progression: "Total reward, episode by episode",
  similarity: "Similarity, episode by episode",
  performance: "Performance of the episodes",
};

/** One of the curves of a comparison. */
interface Curve {
  readonly episode: EpisodeSeries;
  readonly values: Float64Array;
}

/** Several episodes beside each other: few as curves, many as quantile bands, each as a small chart, and a table by task. */
export function comparisonPicture(view: ComparisonView, settings: PictureSettings): Scene {
  const builder = SceneBuilder.for(settings);
  const { page } = builder;
  const detail = detailOf(settings.image_quality);
  const { comparison, episodes } = view;
  const solved = episodes.filter(({ outcome }) => outcome === "success").length;
  const heading = TITLES[comparison];
  const count = `${plural(episodes.length, "episode")}, ${solved} solved`;
  let y = drawTitle(builder, [{ text: heading, weight: 700 }], count);
  if (episodes.length === 0) {
    builder.text(page.margin, y + 14, "There is nothing to compare.", {
      size: TEXT_SIZE.body,
      fill: ROLE.muted,
    });
    y += 30;
  } else {
    y +=
      comparison === "performance"
        ? drawEpisodeBars(builder, episodes, y)
        : drawProgression(builder, comparison, episodes, y, detail);
    y += drawTaskTable(builder, episodes, page.margin, y, page.inner, 40);
  }
  return builder.finish(page.width, even(y + 12), heading, describeEpisodes(episodes));
}

function drawProgression(
  builder: SceneBuilder,
  comparison: Exclude<ComparisonType, "performance">,
  episodes: readonly EpisodeSeries[],
  y: number,
  detail: Detail,
): number {
  const similarity = comparison === "similarity";
  const curves = episodes.map((episode) => ({
    episode,
    values: similarity ? episode.similarities : runningTotal(episode.rewards),
  }));
  const longest = Math.max(...curves.map(({ values }) => values.length));
  const yRange = similarity ? SHARES : rewardRange(curves);
  const title = similarity ? "Similarity" : "Total reward";
  const { page } = builder;
  const box = { x: page.margin, y, width: page.inner, height: MAIN_HEIGHT };
  if (longest === 0 || curves.every(({ values }) => extentOf(values) === null)) {
    drawEmptyChart(builder, box, title, similarity ? "no similarity is known" : "no steps");
    return MAIN_HEIGHT + 24;
  }
  const few = curves.length <= MOST_CURVES;
  const names = episodeNames(episodes);
  const labels = similarity ? { yLabels: percentLabels } : {};
  const plot = drawChart(builder, box, { low: -0.5, high: longest - 0.5 }, yRange, {
    title,
    unit: few ? "" : BANDS_UNIT,
    keys: few
      ? (page.narrow ? [] : curves).map((_, index) => ({
          text: fitText(names[index] as string, 120, TEXT_SIZE.caption),
          ...(CURVES[index] as (typeof CURVES)[number]),
        }))
      : byOutcome(curves).map(({ solved, curves: some }) => ({
          text: `${solved ? "solved" : "not solved"} (${some.length})`,
          stroke: bandPaints(solved).stroke,
        })),
    xLabel: "step",
    xIntegers: true,
    yTicks: 6,
    ...labels,
  });
  if (few) {
    for (const [index, { values }] of curves.entries()) {
      drawCurve(builder, plot, stepNumbers(values.length), values, {
        ...(CURVES[index] as (typeof CURVES)[number]),
        maxPoints: detail.curvePoints,
      });
    }
  } else {
    for (const { solved, curves: some } of byOutcome(curves)) {
      drawQuantiles(builder, plot, some, bandPaints(solved), detail);
    }
    drawRunning(builder, plot, curves, longest);
  }
  const above = MAIN_HEIGHT + 20 + (few ? 0 : RUNNING_LINE);
  if (curves.length > MOST_SMALL_CHARTS)
    return above + drawHeatStrips(builder, curves, similarity ? "similarity" : "reward", y + above);
  return above + drawSmallMultiples(builder, curves, names, y + above, yRange, similarity, detail);
}

/** Height of the line below an axis that counts. */
const RUNNING_LINE = 16;

/** Below the steps how many episodes were still running: what bands say where few are left is said of few. */
function drawRunning(builder: SceneBuilder, plot: Plot, curves: readonly Curve[], longest: number): void {
  const style = { size: TEXT_SIZE.caption, fill: ROLE.muted } as const;
  const y = plot.bottom + 16 + RUNNING_LINE;
  builder.text(plot.left - 6, y, "n", { ...style, anchor: "end" });
  const ticks = ticksOf({ low: 0, high: Math.max(1, longest - 1) }, (plot.right - plot.left) / 90, true);
  for (const step of ticks) {
    const running = String(curves.filter(({ values }) => values.length > step).length);
    const half = textWidth(running, TEXT_SIZE.caption) / 2;
    const x = Math.max(plot.left - 2 + half, Math.min(plot.right + 4 - half, plot.xAt(step)));
    builder.text(x, y, running, { ...style, anchor: "middle" });
  }
}

const SHARES: Range = { low: 0, high: 1.04 };

/** All of them: the success of an episode is in its last values, and they are what one compares. */
function rewardRange(curves: readonly Curve[]): Range {
  const range = extentOf(curves.flatMap(({ values }) => [...values])) ?? { low: 0, high: 1 };
  return padRange({ low: Math.min(0, range.low), high: Math.max(0, range.high) });
}

/** Solved episodes and the others, where both are there: of one band over both nothing could be read. */
function byOutcome(
  curves: readonly Curve[],
): readonly { readonly solved: boolean; readonly curves: readonly Curve[] }[] {
  return [false, true]
    .map((solved) => ({
      solved,
      curves: curves.filter(({ episode }) => (episode.outcome === "success") === solved),
    }))
    .filter(({ curves: some }) => some.length > 0);
}

function bandPaints(solved: boolean): { readonly stroke: Paint; readonly pale: Paint } {
  return solved
    ? { stroke: ROLE.similarity, pale: ROLE.similarityPale }
    : { stroke: ROLE.reward, pale: ROLE.rewardPale };
}

function drawQuantiles(
  builder: SceneBuilder,
  plot: Plot,
  curves: readonly Curve[],
  { stroke, pale }: ReturnType<typeof bandPaints>,
  detail: Detail,
): void {
  const longest = Math.max(...curves.map(({ values }) => values.length));
  const places = Math.min(longest, Math.min(detail.curvePoints, 240));
  const xs: number[] = [];
  const shares = [0.05, 0.25, 0.5, 0.75, 0.95];
  const lines: number[][] = shares.map(() => []);
  for (let place = 0; place < places; place++) {
    const step = places === 1 ? 0 : Math.round((place * (longest - 1)) / (places - 1));
    const column = curves
      .filter(({ values }) => values.length > 0)
      .map(({ values }) => values[Math.min(step, values.length - 1)] as number)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    if (column.length === 0) continue;
    xs.push(step);
    for (const [index, share] of shares.entries()) lines[index]?.push(quantile(column, share));
  }
  const [p5, p25, p50, p75, p95] = lines as [number[], number[], number[], number[], number[]];
  drawBand(builder, plot, xs, p5, p95, pale);
  for (const edge of [p25, p75])
    drawCurve(builder, plot, xs, edge, { stroke, weight: 1, dash: [3, 3], maxPoints: 2000 });
  drawCurve(builder, plot, xs, p50, { stroke, weight: 3, maxPoints: 2000 });
}

/** Each episode in a chart of its own, all with the same axes. */
function drawSmallMultiples(
  builder: SceneBuilder,
  curves: readonly Curve[],
  names: readonly string[],
  y: number,
  yRange: Range,
  similarity: boolean,
  detail: Detail,
): number {
  const most = detail.legend ? 60 : 30;
  const shown = curves.slice(0, most);
  const { page } = builder;
  const perRow = Math.max(
    1,
    Math.min(SMALL.perRow, Math.floor((page.inner + SMALL.gap) / (SMALL.least + SMALL.gap))),
  );
  const { width, lefts } = columnsOfBoxes(perRow, page.margin, page.inner, SMALL.gap);
  const longest = Math.max(...curves.map(({ values }) => values.length));
  for (const [index, { episode, values }] of shown.entries()) {
    const x = lefts[index % perRow] as number;
    const top = y + Math.floor(index / perRow) * (SMALL.height + 12);
    const plot = drawChart(
      builder,
      { x, y: top, width, height: SMALL.height },
      { low: -0.5, high: longest - 0.5 },
      yRange,
      {
        title: names[index] as string,
        unit: finalText(episode, similarity, width - 6 - textWidth(`${names[index]} `, TEXT_SIZE.body)),
        xIntegers: true,
        yTicks: 3,
        ...(similarity ? { yLabels: percentLabels } : {}),
      },
    );
    const stroke = episode.outcome === "success" ? ROLE.positive : similarity ? ROLE.similarity : ROLE.reward;
    // Where its legend has no room, a curve of the large chart is known by the small one.
    const own = page.narrow && curves.length <= MOST_CURVES ? CURVES[index] : undefined;
    drawCurve(builder, plot, stepNumbers(values.length), values, { ...(own ?? { stroke }), maxPoints: 150 });
  }
  const rows = Math.ceil(shown.length / perRow);
  let height = rows * (SMALL.height + 12) + 8;
  if (curves.length > shown.length) {
    builder.text(
      page.margin,
      y + height + 4,
      `and ${curves.length - shown.length} more episodes, in the bands and the table`,
      {
        size: TEXT_SIZE.caption,
        fill: ROLE.muted,
      },
    );
    height += 24;
  }
  return height;
}

/** Outcome and result, as much of it as has room: a number is never cut. */
function finalText({ outcome, totals }: EpisodeSeries, similarity: boolean, room: number): string {
  const share = totals.final_similarity;
  const result = !similarity ? formatSigned(totals.reward, 2) : share === null ? "n/a" : formatPercent(share);
  const word = outcome === "success" ? `${outcomeText(outcome).toLowerCase()}, ` : "";
  return [word + result, result].find((text) => textWidth(text, TEXT_SIZE.caption) <= room) ?? "";
}
