import type { Histogram, MetricsView, PictureSettings } from "@episcope/records";
import { extentOf, padRange } from "../chart/axis.js";
import { type ChartBox, drawChart, drawEmptyChart } from "../chart/chart.js";
import { beyondText, drawBand, drawBeyond, drawCurve } from "../chart/curves.js";
import { curveRange } from "../chart/scale.js";
import { describeMetrics } from "../parts/chart-words.js";
import { drawTitle } from "../parts/picture-title.js";
import { type Detail, detailOf } from "../scene/detail.js";
import { columnsOfBoxes, even } from "../scene/layout.js";
import { ROLE, type Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { plural } from "../text/episode-words.js";
import { formatShort } from "../text/format-number.js";
import { TEXT_SIZE } from "../text/text-size.js";

/** `least`: width that a chart is readable at. */
const CHART = { height: 210, perRow: 3, least: 280, gap: 24, below: 18 } as const;

type CurveView = MetricsView["curves"][number];
type HistogramView = MetricsView["histograms"][number];

/** Scalar curves over the producer's steps, then each histogram: its last shape, and how its quantiles moved. */
export function metricsPicture(view: MetricsView, settings: PictureSettings): Scene {
  const builder = SceneBuilder.for(settings);
  const detail = detailOf(settings.image_quality);
  const names = [...new Set(view.histograms.map(({ name }) => name))];
  const { page } = builder;
  const count = `${plural(view.curves.length, "curve")}, ${plural(names.length, "histogram")}`;
  const title = [{ text: "Metrics", weight: 700 } as const, { text: cleanText(view.run) }];
  const top = drawTitle(builder, title, count);
  const drawings: ((box: ChartBox) => void)[] = [
    ...view.curves.map((curve) => (box: ChartBox) => drawScalars(builder, box, curve, detail)),
    ...names.flatMap((name) => {
      const history = view.histograms.filter((entry) => entry.name === name).sort((a, b) => a.step - b.step);
      const last = history.at(-1) as HistogramView;
      const shape = (box: ChartBox) => drawHistogram(builder, box, last);
      if (history.length < 2) return [shape];
      return [shape, (box: ChartBox) => drawHistory(builder, box, name, history, detail)];
    }),
  ];
  const perRow = Math.max(1, Math.min(CHART.perRow, Math.floor(page.inner / CHART.least)));
  const { width, lefts } = columnsOfBoxes(perRow, page.margin, page.inner, CHART.gap);
  for (const [index, draw] of drawings.entries()) {
    const y = top + Math.floor(index / perRow) * (CHART.height + CHART.below);
    draw({ x: lefts[index % perRow] as number, y, width, height: CHART.height });
  }
  if (drawings.length === 0)
    builder.text(page.margin, top + 16, "No metrics were sent.", { size: TEXT_SIZE.body, fill: ROLE.muted });
  const rows = Math.max(1, Math.ceil(drawings.length / perRow));
  const height = drawings.length === 0 ? top + 36 : top + rows * (CHART.height + CHART.below);
  return builder.finish(page.width, even(height), `Metrics of ${cleanText(view.run)}`, describeMetrics(view));
}

function drawScalars(builder: SceneBuilder, box: ChartBox, curve: CurveView, detail: Detail): void {
  const title = cleanText(curve.name);
  const steps = extentOf(curve.steps);
  const range = curveRange(curve.values);
  if (steps === null || range === null) {
    drawEmptyChart(builder, box, title, "no finite value");
    return;
  }
  const yRange = padRange(range);
  const integers = curve.steps.every(Number.isInteger);
  const xRange = steps.low === steps.high ? { low: steps.low - 0.5, high: steps.high + 0.5 } : steps;
  const beyond = beyondText(
    curve.values,
    yRange.low,
    yRange.high,
    (index) => `step ${formatShort(curve.steps[index] as number)}`,
  );
  const last = formatShort(curve.values.at(-1) as number);
  const plot = drawChart(builder, box, xRange, yRange, {
    title,
    unit: beyond || `last ${last}`,
    xLabel: "step",
    xIntegers: integers,
  });
  drawCurve(builder, plot, curve.steps, curve.values, { stroke: ROLE.reward, maxPoints: detail.curvePoints });
  drawBeyond(builder, plot, curve.steps, curve.values);
}

/** Bars whose area is their count: bins may differ in width, so the height is count by width. */
function drawHistogram(builder: SceneBuilder, box: ChartBox, { name, step, histogram }: HistogramView): void {
  const title = cleanText(name);
  const { values, bins } = histogram;
  const total = values.reduce((sum, value) => sum + value, 0);
  const xRange = extentOf(bins);
  if (!(total > 0) || xRange === null || xRange.low === xRange.high || bins.length !== values.length + 1) {
    drawEmptyChart(builder, box, title, "an empty histogram");
    return;
  }
  const densities = values.map((value, index) => {
    const width = (bins[index + 1] as number) - (bins[index] as number);
    return width > 0 ? value / total / width : 0;
  });
  const plot = drawChart(
    builder,
    box,
    xRange,
    { low: 0, high: Math.max(...densities) * 1.05 },
    {
      title,
      unit: `density at step ${formatShort(step)}, ${formatShort(total)} values`,
    },
  );
  for (const [index, density] of densities.entries()) {
    const left = Math.round(plot.xAt(bins[index] as number));
    const right = Math.round(plot.xAt(bins[index + 1] as number));
    const top = Math.round(plot.yAt(density));
    builder.rect(
      left,
      top,
      Math.max(1, right - left - (right - left > 3 ? 1 : 0)),
      plot.bottom - top,
      ROLE.reward,
    );
  }
}

/** Median and the middle nine tenths of a histogram over the steps. */
function drawHistory(
  builder: SceneBuilder,
  box: ChartBox,
  name: string,
  history: readonly HistogramView[],
  detail: Detail,
): void {
  const usable = history.filter(({ histogram }) => histogram.values.some((value) => value > 0));
  const xs = usable.map(({ step }) => step);
  const at = (share: number) => usable.map(({ histogram }) => histogramQuantile(histogram, share));
  const [low, median, high] = [at(0.05), at(0.5), at(0.95)];
  const title = `${cleanText(name)}, over time`;
  const yRange = extentOf([...low, ...high]);
  const xRange = extentOf(xs);
  if (yRange === null || xRange === null || xRange.low === xRange.high) {
    drawEmptyChart(builder, box, title, "too few steps");
    return;
  }
  const plot = drawChart(builder, box, xRange, padRange(yRange), {
    title,
    unit: "median, middle nine tenths",
    xLabel: "step",
    xIntegers: xs.every(Number.isInteger),
  });
  drawBand(builder, plot, xs, low, high, ROLE.rewardPale);
  drawCurve(builder, plot, xs, median, { stroke: ROLE.reward, maxPoints: detail.curvePoints });
}

/** The value below which `share` of a histogram lies, linear inside its bin. */
function histogramQuantile({ values, bins }: Histogram, share: number): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  let below = 0;
  for (const [index, value] of values.entries()) {
    if (value > 0 && below + value >= share * total) {
      const from = bins[index] as number;
      return from + (((bins[index + 1] as number) - from) * (share * total - below)) / value;
    }
    below += value;
  }
  return bins.at(-1) as number;
}
