import type { EpisodeRecord, Grid, PlainValue, Selection, StepInfo } from "@episcope/records";
import type { EpisodeSource } from "@episcope/records/store";
import { grid } from "@episcope/testing/text-grids";

export interface SampleStep {
  readonly operation: number;
  readonly name?: string;
  readonly selection?: Selection;
  readonly before?: Grid;
  readonly after: Grid;
  readonly reward?: number;
  readonly info?: StepInfo;
  readonly state?: PlainValue;
}

/** An episode on a target of 2 by 3, from an initial grid of 2 by 2. */
export function sampleEpisode(steps: readonly SampleStep[], ends = true): EpisodeSource {
  const records: EpisodeRecord[] = [
    {
      type: "episode-start",
      seq: 0,
      episode: "env-7",
      time: 1000.25,
      task_id: "été/1",
      pair_index: 3,
      mode: "train",
      initial: grid("12/30"),
      input: grid("12/30"),
      target: grid("123/456"),
      meta: { agent: "search", note: "日本", odd: [Number.NaN, null] },
    },
  ];
  for (const [
    index,
    { operation, name, selection, before, after, reward = 0, info = {}, state },
  ] of steps.entries())
    records.push({
      type: "step",
      seq: index + 1,
      episode: "env-7",
      step: index,
      time: 1001 + index / 8,
      ...(before === undefined ? {} : { before }),
      action: {
        operation,
        ...(name === undefined ? {} : { name }),
        ...(selection === undefined ? {} : { selection }),
      },
      after,
      reward,
      terminated: index === steps.length - 1,
      truncated: false,
      info,
      ...(state === undefined ? {} : { state }),
    });
  if (ends)
    records.push({
      type: "episode-end",
      seq: steps.length + 1,
      episode: "env-7",
      time: 2000.5,
      outcome: "failure",
      totals: { steps: steps.length, reward: 0.75, final_similarity: null, best_similarity: 0.5 },
    });
  return { number: 12, records: () => records };
}
