import type { EpisodeSeries } from "@episcope/records";
import { MARGIN, PAGE_INNER } from "../scene/layout.js";
import { type Paint, ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { formatNumber, formatPercent, formatSigned } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";
import { padRange, type Range, robustRange } from "./axis.js";
import { drawChart, drawEmptyChart, percentLabels } from "./chart.js";
import { beyondText, drawBars } from "./curves.js";

const HEIGHT = 190;
const GAP = 20;

interface Measure {
  readonly title: string;
  readonly values: readonly number[];
  readonly fill: Paint;
  readonly range: Range | null;
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
      range: withZero(robustRange(rewards)),
      show: (value) => formatSigned(value, 2),
    },
    {
      title: "Final similarity",
      values: similarities,
      fill: ROLE.similarity,
      range: similarities.some(Number.isFinite) ? { low: 0, high: 1.12 } : null,
      show: formatPercent,
      labels: percentLabels,
    },
    {
      title: "Steps",
      values: steps,
      fill: ROLE.muted,
      range: withZero(robustRange(steps)),
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
  const { title, values, range, fill, show, labels } = measure;
  const box = { x: MARGIN, y, width: PAGE_INNER, height: HEIGHT };
  if (range === null) {
    drawEmptyChart(builder, box, title, "not known of any episode");
    return;
  }
  const slot = (PAGE_INNER - 80) / Math.max(1, values.length);
  const names = episodes.map(({ label }) => cleanText(label));
  const named = names.every((name) => textWidth(name, TEXT_SIZE.caption) + 8 <= slot);
  const plot = drawChart(builder, box, { low: -0.5, high: values.length - 0.5 }, range, {
    title,
    unit: beyondText(values, range.low, range.high, (index) => names[index] as string),
    xLabel: named ? "" : "episode",
    xIntegers: true,
    xTicks: !named,
    xTickShift: 1,
    ...(labels ? { yLabels: labels } : {}),
    ...(named ? {} : { xLabels: (ticks: readonly number[]) => ticks.map((tick) => nameAt(names, tick)) }),
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

/** Bars start at zero; above and below there is room for their values. */
function withZero(range: Range | null): Range | null {
  if (range === null) return null;
  const low = Math.min(0, range.low);
  const high = Math.max(0, range.high);
  if (low === high) return { low: 0, high: 1 };
  const { low: padded, high: top } = padRange({ low, high }, 0.14);
  return { low: low === 0 ? 0 : padded, high: high === 0 ? 0 : top };
}
