import type { Grid } from "../../record/grid.js";
import type { EpisodeStartRecord } from "../../record/record.js";
import { datasetOf } from "../../view/progress.js";
import type {
  ComparisonType,
  ComparisonView,
  EpisodeSeries,
  MetricsView,
  RunView,
  SummaryView,
  TaskPair,
  TaskView,
} from "../../view/view.js";
import { COMPARISON_TYPES } from "../../view/view.js";
import { comparisonUnknown } from "../errors.js";
import { Replayer } from "../replayer.js";
import type { RunReader } from "../run-reader.js";

/**
 * The views that show a whole run, built from its journals: for pictures of runs, comparisons, tasks and metrics. Each
 * episode is read once, at the first call that needs it; what is kept of it are two numbers a step, its first, last and
 * wanted grids.
 *
 *     const views = new RunViews(new RunReader("outputs/…/run_1", { fs }));
 *     const scene = runPicture(views.run(), settings);
 */
export class RunViews {
  readonly #reader: RunReader;
  readonly #replayer: Replayer;
  readonly #summaries = new Map<number, SummaryView>();

  constructor(reader: RunReader) {
    this.#reader = reader;
    this.#replayer = new Replayer(reader);
  }

  /** Throws EPISODE_NOT_FOUND. */
  summary(number: number): SummaryView {
    this.#reader.episode(number);
    let summary = this.#summaries.get(number);
    if (summary === undefined) {
      // Key steps have grids of their own: a run does not need them.
      summary = { ...this.#replayer.summary(number), key_steps: [] };
      this.#summaries.set(number, summary);
    }
    return summary;
  }

  /** All episodes of the run at a glance, in the order of their numbers. */
  run(): RunView {
    const episodes = this.#numbers().map((number) => {
      const summary = this.summary(number);
      const { final, episode } = summary;
      const { dataset } = episode;
      const origin = dataset === undefined ? {} : { dataset };
      return { ...seriesOf(summary), number, ...origin, final, target: episode.target };
    });
    return { kind: "run", run: this.#reader.name, episodes };
  }

  /**
   * Episodes beside each other; without `numbers` all of the run. Throws COMPARISON_UNKNOWN for a type that does not
   * exist, EPISODE_NOT_FOUND.
   */
  comparison(
    type: ComparisonType = "reward_progression",
    numbers: readonly number[] = this.#numbers(),
  ): ComparisonView {
    if (!COMPARISON_TYPES.includes(type)) throw comparisonUnknown(type, COMPARISON_TYPES);
    const episodes = numbers.map((number) => seriesOf(this.summary(number)));
    return { kind: "comparison", comparison: type, episodes };
  }

  /** The curves and histograms that the producer sent as `metrics` records, in the order in which their names came. */
  metrics(): MetricsView {
    const curves = new Map<string, { steps: number[]; values: number[] }>();
    const histograms: MetricsView["histograms"][number][] = [];
    for (const record of this.#reader.readableRunRecords()) {
      if (record.type !== "metrics") continue;
      for (const [name, value] of Object.entries(record.values)) {
        const curve = curves.get(name) ?? { steps: [], values: [] };
        curves.set(name, curve);
        curve.steps.push(record.step);
        curve.values.push(value);
      }
      for (const [name, histogram] of Object.entries(record.histograms ?? {})) {
        histograms.push({ name, step: record.step, histogram });
      }
    }
    return {
      kind: "metrics",
      run: this.#reader.name,
      curves: [...curves].map(([name, { steps, values }]) => ({
        name,
        steps: Float64Array.from(steps),
        values: Float64Array.from(values),
      })),
      histograms,
    };
  }

  /** The tasks of the run, with those of their pairs that were played, in the order of their first episodes. */
  tasks(): TaskView[] {
    const tasks = new Map<string, PlayedTask>();
    for (const number of this.#numbers()) {
      const start = this.#start(number);
      if (start === undefined) continue;
      const task = tasks.get(start.task_id) ?? { ...datasetOf(start), train: new Map(), test: new Map() };
      tasks.set(start.task_id, task);
      task[start.mode].set(start.pair_index, pairOf(start));
    }
    const inOrder = (pairs: ReadonlyMap<number, TaskPair>): TaskPair[] =>
      [...pairs].sort(([a], [b]) => a - b).map(([, pair]) => pair);
    return [...tasks].map(([task_id, { train, test, ...origin }]) => ({
      kind: "task",
      task_id,
      ...origin,
      train: inOrder(train),
      test: inOrder(test),
    }));
  }

  /** Of the episodes that can be shown: of one that is lost there is nothing. */
  #numbers(): number[] {
    const reader = this.#reader;
    return reader.episodes.map(({ number }) => number).filter((number) => reader.isKept(number));
  }

  #start(number: number): EpisodeStartRecord | undefined {
    for (const record of this.#reader.records(number)) {
      return record.type === "episode-start" ? record : undefined;
    }
    return undefined;
  }
}

interface PlayedTask {
  readonly dataset?: string;
  readonly train: Map<number, TaskPair>;
  readonly test: Map<number, TaskPair>;
}

function pairOf({ input, initial, target, pair_index }: EpisodeStartRecord): TaskPair {
  const shown: Grid = input ?? initial;
  return { input: shown, output: target, number: pair_index };
}

/** An episode as comparisons and overviews need it. */
function seriesOf({ episode, outcome, totals, rewards, similarities }: SummaryView): EpisodeSeries {
  return {
    label: `episode ${episode.number}`,
    task_id: episode.task_id,
    outcome,
    totals,
    rewards,
    similarities,
  };
}
