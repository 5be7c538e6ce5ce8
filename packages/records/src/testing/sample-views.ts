import { type Grid, gridFromRows } from "../record/grid.js";
import type { EpisodeRecord } from "../record/record.js";
import { episodeViewOf } from "../store/replayer.js";
import { EpisodeTracker } from "../view/episode-tracker.js";
import type { EpisodeSeries, StepView, SummaryView, View, ViewKind } from "../view/view.js";
import { largeEpisode, paintingEpisode, resizingEpisode } from "./sample-episodes.js";

/** All step views of an episode, as the pipeline makes them. */
export function stepViewsOf(records: readonly EpisodeRecord[], number = 1): StepView[] {
  return [...episodeViewOf({ number, records: () => records }).steps];
}

/** The summary of an episode; without an `episode-end` it is that of a crash. */
export function summaryViewOf(records: readonly EpisodeRecord[], number = 1): SummaryView {
  const [start] = records;
  if (start?.type !== "episode-start") throw new Error("the records begin with 'episode-start'");
  const tracker = new EpisodeTracker(start, number);
  for (const record of records) if (record.type === "step") tracker.step(record);
  const end = records.at(-1);
  return tracker.summary(end?.type === "episode-end" ? end : undefined);
}

/** Views of every kind, or of those named: each kind at least once, steps of all sample episodes. */
export function sampleViews(kinds?: readonly ViewKind[]): View[] {
  const episodes = [paintingEpisode(), resizingEpisode(), largeEpisode(12)];
  const summaries = episodes.map((records, at) => summaryViewOf(records, at + 1));
  const series = summaries.map((summary): EpisodeSeries => seriesOf(summary));
  const views: View[] = [
    ...episodes.flatMap((records, at) => stepViewsOf(records, at + 1)),
    ...summaries,
    ...episodes.map((records, at) => episodeViewOf({ number: at + 1, records: () => records })),
    {
      kind: "task",
      task_id: "sample-painting",
      train: [taskPair()],
      test: [{ ...taskPair(), output: null }],
    },
    { kind: "comparison", comparison: "reward_progression", episodes: series },
    { kind: "comparison", comparison: "similarity", episodes: series },
    { kind: "comparison", comparison: "performance", episodes: series },
    {
      kind: "run",
      run: "run_test",
      episodes: summaries.map((summary) => ({
        ...seriesOf(summary),
        number: summary.episode.number,
        final: summary.final,
        target: summary.episode.target,
      })),
    },
    {
      kind: "metrics",
      run: "run_test",
      curves: [
        {
          name: "loss",
          steps: Float64Array.from([0, 1, 2]),
          values: Float64Array.from([1, 0.5, Number.NaN]),
        },
      ],
      histograms: [{ name: "weights", step: 2, histogram: { values: [1, 4, 2], bins: [-1, 0, 1, 2] } }],
    },
  ];
  return kinds === undefined ? views : views.filter(({ kind }) => kinds.includes(kind));
}

function seriesOf(summary: SummaryView): EpisodeSeries {
  const { episode, outcome, totals, rewards, similarities } = summary;
  return {
    label: `episode ${episode.number}`,
    task_id: episode.task_id,
    outcome,
    totals,
    rewards,
    similarities,
  };
}

function taskPair(): { input: Grid; output: Grid } {
  return { input: gridFromRows([[1, 0]]), output: gridFromRows([[0, 1]]) };
}
