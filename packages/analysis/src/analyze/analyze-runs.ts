import type { Outcome } from "@episcope/records";
import { type FileSystem, RunReader } from "@episcope/records/store";
import { openStepTable } from "../table/open-table.js";
import { type RunRow, readRunRow } from "../table/run-row.js";
import type { EpisodeRow } from "../table/step-table.js";
import type { Analysis, MetricCurve, TaskAnalysis, TimeWindow } from "./analysis.js";
import { ContrastCounter } from "./contrasts.js";
import { FailureCounter } from "./failure-counter.js";
import { groupNumbers, shareOf } from "./group-numbers.js";
import { metricCurves } from "./metric-curves.js";
import { OperationCounter } from "./operation-uses.js";
import { WrongCells } from "./wrong-cells.js";

export interface AnalyzeOptions {
  readonly fs: FileSystem;
  /** Whether the tables that had to be made are kept beside their runs. Default true. */
  readonly keep?: boolean;
}

const MOST_WINDOWS = 10;
/** Shorter stretches say nothing. */
const FEWEST_IN_WINDOW = 5;
/** Failures of one task whose last grids are looked at. */
const MOST_GRIDS = 200;

/**
 * What runs have come to, and why episodes failed. The episodes of all runs are taken together, runs in the order given; one run's
 * steps are held at a time. Throws RUN_NOT_FOUND.
 */
export function analyzeRuns(dirs: readonly string[], { fs, keep = true }: AnalyzeOptions): Analysis {
  const runs: RunRow[] = [];
  const episodes: EpisodeRow[] = [];
  const metrics: MetricCurve[] = [];
  const tasks = new TaskGroups();
  const failures = new FailureCounter();
  const operations = new OperationCounter();
  const contrasts = new ContrastCounter();
  for (const [position, dir] of dirs.entries()) {
    const reader = new RunReader(dir, { fs });
    const table = openStepTable(reader, { fs, keep });
    runs.push(readRunRow(reader, fs));
    metrics.push(...metricCurves(reader, position));
    operations.add(table);
    contrasts.add(table);
    failures.add(position, table, taskKey);
    for (const episode of table.episodes) {
      episodes.push(episode);
      tasks.add(episode, reader);
    }
  }
  return {
    runs,
    episodes: episodes.length,
    outcomes: outcomesOf(episodes),
    ...groupNumbers(episodes),
    tasks: tasks.finish(failures),
    windows: windowsOf(episodes),
    failures: failures.finish(),
    unexplained: failures.unexplained,
    operations: operations.finish(),
    contrasts: contrasts.finish(),
    metrics,
  };
}

/** Episodes are of the same task where task, pair and mode are the same. */
export function taskKey({ task_id, pair_index, mode }: EpisodeRow): string {
  return JSON.stringify([task_id, pair_index, mode]);
}

class TaskGroups {
  readonly #groups = new Map<string, { episodes: EpisodeRow[]; wrong: WrongCells; grids: number }>();

  add(episode: EpisodeRow, reader: RunReader): void {
    const key = taskKey(episode);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { episodes: [], wrong: new WrongCells(), grids: 0 };
      this.#groups.set(key, group);
    }
    group.episodes.push(episode);
    if (episode.outcome === "success" || episode.target_shape === null || group.grids >= MOST_GRIDS) return;
    group.grids += 1;
    try {
      group.wrong.add(lastGridOf(reader, episode));
    } catch {
      // A journal that cannot be read any more takes no part.
    }
  }

  finish(failures: FailureCounter): TaskAnalysis[] {
    const tasks = [...this.#groups].map(([key, { episodes, wrong }]) => {
      const middle = episodes.length >> 1;
      const { task_id, pair_index, mode } = episodes[0]!;
      return {
        task_id,
        pair_index,
        mode,
        ...groupNumbers(episodes),
        earlier: shareOf(episodes.slice(0, middle)),
        later: shareOf(episodes.slice(middle)),
        failures: failures.ofTask(key),
        wrong_cells: wrong.finish(),
      };
    });
    const failed = ({ success }: TaskAnalysis): number => success.of - success.successes;
    return tasks.sort((a, b) => failed(b) - failed(a) || (a.task_id < b.task_id ? -1 : 1));
  }
}

/** The first record and the last step: enough to see what is wrong at the end. */
function* lastGridOf(reader: RunReader, { number, steps }: EpisodeRow) {
  using journal = reader.openJournal(number);
  const { first } = journal;
  if (first?.type === "episode-start") yield first;
  const last = steps === 0 ? undefined : journal.step(steps - 1);
  if (last !== undefined) yield last.record;
}

function outcomesOf(episodes: readonly EpisodeRow[]): { [Name in Outcome]?: number } {
  const outcomes: { [Name in Outcome]?: number } = {};
  for (const { outcome } of episodes) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}

function windowsOf(episodes: readonly EpisodeRow[]): TimeWindow[] {
  if (episodes.length === 0) return [];
  const count = Math.max(1, Math.min(MOST_WINDOWS, Math.floor(episodes.length / FEWEST_IN_WINDOW)));
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * episodes.length) / count);
    const to = Math.floor(((at + 1) * episodes.length) / count);
    return { first: from + 1, last: to, ...groupNumbers(episodes.slice(from, to)) };
  });
}
