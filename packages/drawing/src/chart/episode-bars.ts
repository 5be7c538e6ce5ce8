import type { EpisodeSeries } from "@episcope/records";
import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { episodeNames } from "../text/episode-words.js";
import { formatNumber, formatPercent, formatSigned } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { drawChart, drawEmptyChart, percentLabels } from "./chart.js";
import { drawBars } from "./curves.js";
import { axisWithZero, LINEAR, type ValueAxis } from "./scale.js";
import { notFiniteText } from "./series.js";

const HEIGHT = 190;
const GAP = 20;
/** One for all measures, so that equal episodes stand under each other. */
const GUTTER = 70;

interface Measure {
  readonly title: string;
  readonly values: readonly number[];
  readonly fill: Paint;
  readonly axis: ValueAxis | null;
  readonly show: (value: number) => string;
  readonly labels?: (ticks: readonly number[]) => string[];
}

/**
 * Total reward, final similarity and steps as bars, one per episode in their order, each measure with a scale of
 * its own. Values stand at the bars while there is room. Returns the height.
 */
export function drawEpisodeBars(
  builder: SceneBuilder,
  episodes: readonly EpisodeSeries[],
  y: number,
): number {
  const rewards = episodes.map(({ totals }) => totals.reward);
  const similarities = episodes.map(({ totals }) => totals.final_similarity ?? Number.NaN);
  const steps = episodes.map(({ totals }) => totals.steps);
  const measures: Measure[] = [
    {
      title: "Total reward",
      values: rewards,
      fill: ROLE.reward,
      axis: axisWithZero(rewards, { room: 0.14 }),
      show: (value) => formatSigned(value, 2),
    },
    {
      title: "Final similarity",
      values: similarities,
      fill: ROLE.similarity,
      axis: similarities.some(Number.isFinite) ? { scale: LINEAR, range: { low: 0, high: 1.12 } } : null,
      show: formatPercent,
      labels: percentLabels,
    },
    {
      title: "Steps",
      values: steps,
      fill: ROLE.muted,
      axis: axisWithZero(steps, { room: 0.14 }),
      show: (value) => formatNumber(value, 0),
    },
  ];
  for (const [index, measure] of measures.entries()) {
    drawMeasure(builder, measure, episodes, y + index * (HEIGHT + GAP));
  }
  return measures.length * (HEIGHT + GAP) + 8;
}

function drawMeasure(
  builder: SceneBuilder,
  measure: Measure,
  episodes: readonly EpisodeSeries[],
  y: number,
): void {
  const { title, values, axis, fill, show, labels } = measure;
  const { margin, inner } = builder.page;
  const box = { x: margin, y, width: inner, height: HEIGHT };
  if (axis === null) {
    drawEmptyChart(builder, box, title, "not known of any episode");
    return;
  }
  const slot = (inner - 80) / Math.max(1, values.length);
  const names = episodeNames(episodes);
  const numbers = episodes.map(({ label }) => cleanText(label));
  const named = names.every((name) => textWidth(name, TEXT_SIZE.caption) + 8 <= slot);
  const plot = drawChart(builder, box, { low: -0.5, high: values.length - 0.5 }, axis.range, {
    title,
    unit: notFiniteText(values),
    yScale: axis.scale,
    xLabel: named ? "" : "episode",
    xIntegers: true,
    gutter: GUTTER,
    ...(named ? { xTicks: "none" } : {}),
    xTickShift: 1,
    ...(labels ? { yLabels: labels } : {}),
    ...(named ? {} : { xLabels: (ticks: readonly number[]) => ticks.map((tick) => nameAt(numbers, tick)) }),
  });
  drawBars(builder, plot, values, { fill, widest: 56 });
  for (const [index, value] of values.entries()) {
    const x = plot.xAt(index);
    if (named) {
      builder.text(x, plot.bottom + 16, names[index] as string, {
        size: TEXT_SIZE.caption,
        anchor: "middle",
        fill: ROLE.muted,
      });
    }
    const text = Number.isFinite(value) ? show(value) : "n/a";
    if (textWidth(text, TEXT_SIZE.caption) + 6 > slot) continue;
    const at = plot.yAt(Number.isFinite(value) ? value : 0);
    const below = value < 0;
    const baseline = Math.max(plot.top + 11, Math.min(plot.bottom - 4, below ? at + 14 : at - 6));
    builder.text(x, baseline, fitText(text, slot, TEXT_SIZE.caption), {
      size: TEXT_SIZE.caption,
      anchor: "middle",
    });
  }
}

function nameAt(names: readonly string[], tick: number): string {
  const name = names[tick];
  return name === undefined ? "" : fitText(name.replace(/^episode /, ""), 60, TEXT_SIZE.caption);
}
