import {
  type ComparisonType,
  type ComparisonView,
  DEFAULT_PICTURE_SETTINGS,
  type EpisodeRecord,
  type EpisodeSeries,
  gridFromRows,
  type MetricsView,
  type PictureSettings,
  type RunView,
  type StepView,
  type SummaryView,
  type TaskView,
} from "@episcope/records";
import {
  largeEpisode,
  paintingEpisode,
  resizingEpisode,
  stepViewsOf,
  summaryViewOf,
} from "@episcope/records/testing";

export interface Played {
  readonly steps: readonly StepView[];
  readonly summary: SummaryView;
}

/** The views of a recorded episode, made as the pipeline makes them. */
export function play(records: readonly EpisodeRecord[], number = 1): Played {
  return { steps: stepViewsOf(records, number), summary: summaryViewOf(records, number) };
}

export function settings(changes: Partial<PictureSettings> = {}): PictureSettings {
  return { ...DEFAULT_PICTURE_SETTINGS, ...changes };
}

export function seriesOf(summary: SummaryView, number: number): EpisodeSeries {
  const { episode, outcome, totals, rewards, similarities } = summary;
  return { label: `episode ${number}`, task_id: episode.task_id, outcome, totals, rewards, similarities };
}

/** `count` episodes of different lengths and outcomes. */
export function manySeries(count: number): EpisodeSeries[] {
  return Array.from({ length: count }, (_, index) => {
    const records = [paintingEpisode, resizingEpisode, () => largeEpisode(5 + index)][index % 3]?.() ?? [];
    return seriesOf(play(records, index + 1).summary, index + 1);
  });
}

export function comparison(type: ComparisonType, episodes: readonly EpisodeSeries[]): ComparisonView {
  return { kind: "comparison", comparison: type, episodes };
}

export function runView(count: number): RunView {
  const summaries = Array.from({ length: count }, (_, index) => play(paintingEpisode(), index + 1).summary);
  return {
    kind: "run",
    run: "run_20260102_030405",
    episodes: summaries.map((summary, index) => ({
      ...seriesOf(summary, index + 1),
      number: index + 1,
      final: summary.final,
      target: summary.episode.target,
    })),
  };
}

export function taskView(hidden = false): TaskView {
  const small = gridFromRows([
    [1, 2],
    [3, 4],
  ]);
  const wide = gridFromRows([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  return {
    kind: "task",
    task_id: "0d3d703e",
    train: [
      { input: small, output: wide },
      { input: wide, output: small },
    ],
    test: [{ input: small, output: hidden ? null : wide }],
  };
}

export function metricsView(): MetricsView {
  const steps = Float64Array.from({ length: 50 }, (_, index) => index * 10);
  const bins = [-2, -1, 0, 1, 2];
  return {
    kind: "metrics",
    run: "run_1",
    curves: [
      { name: "loss", steps, values: steps.map((step) => 1 / (1 + step)) },
      { name: "entropy", steps, values: steps.map((step) => (step === 200 ? Number.NaN : 2 - step / 300)) },
    ],
    histograms: [
      { name: "gradients", step: 0, histogram: { bins, values: [1, 5, 5, 1] } },
      { name: "gradients", step: 490, histogram: { bins, values: [0, 1, 9, 2] } },
    ],
  };
}
