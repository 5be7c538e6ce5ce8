import type { EpisodeMode } from "@episcope/records";
import { type FileSystem, RunReader } from "@episcope/records/store";
import { mean } from "d3-array";
import type { Share } from "../analyze/analysis.js";
import { taskKey } from "../analyze/analyze-runs.js";
import { shareOf } from "../analyze/group-numbers.js";
import { type Interval, meanInterval, signTest } from "../statistics/intervals.js";
import { openStepTable } from "../table/open-table.js";
import { type RunRow, readRunRow } from "../table/run-row.js";
import type { EpisodeRow } from "../table/step-table.js";
import { type ConfigDifference, configDifferences } from "./config-differences.js";

/** A task that both runs played. Several episodes of it are taken together. */
export interface TaskPairing {
  readonly task_id: string;
  readonly pair_index: number;
  readonly mode: EpisodeMode;
  readonly a: Share;
  readonly b: Share;
  /** Means over its episodes. */
  readonly returns: readonly [number, number];
  /** Means of the best similarities; null where unknown. */
  readonly best_similarity: readonly [number, number] | null;
  /** `newly_solved`: never in A, at least once in B; `newly_broken` the other way round. */
  readonly change: "newly_solved" | "newly_broken" | "both_solve" | "neither_solves";
}

/** B minus A over the tasks that both played. */
export interface PairedDifference {
  readonly name: "success_rate" | "mean_return" | "best_similarity" | "steps";
  /** Number of tasks. */
  readonly n: number;
  readonly mean: number;
  /** 95 %, bootstrap over tasks; null for fewer than six tasks. */
  readonly interval: Interval | null;
}

export interface RunComparison {
  readonly a: RunRow;
  readonly b: RunRow;
  readonly tasks: readonly TaskPairing[];
  /** Tasks that only one of them played. */
  readonly only_a: readonly string[];
  readonly only_b: readonly string[];
  readonly differences: readonly PairedDifference[];
  /**
   * Of the tasks that changed sides: chance of a split at least as uneven if nothing had changed (two-sided sign test);
   * 1 where none changed.
   */
  readonly chance: number;
  readonly config: readonly ConfigDifference[];
}

/** Compares two runs task by task. Throws RUN_NOT_FOUND. */
export function compareRuns(dirA: string, dirB: string, { fs }: { readonly fs: FileSystem }): RunComparison {
  const a = openSide(dirA, fs);
  const b = openSide(dirB, fs);
  const tasks: TaskPairing[] = [];
  const steps: number[] = [];
  for (const [key, ofA] of a.tasks) {
    const ofB = b.tasks.get(key);
    if (ofB === undefined) continue;
    tasks.push(pairingOf(ofA, ofB));
    steps.push(meanOf(ofB, (e) => e.totals.steps)! - meanOf(ofA, (e) => e.totals.steps)!);
  }
  const solved = tasks.filter(({ change }) => change === "newly_solved").length;
  const broken = tasks.filter(({ change }) => change === "newly_broken").length;
  return {
    a: a.row,
    b: b.row,
    tasks,
    only_a: onlyIn(a, b),
    only_b: onlyIn(b, a),
    differences: differencesOf(tasks, steps),
    chance: signTest(solved, broken),
    config: configDifferences(fs, dirA, dirB),
  };
}

interface Side {
  readonly row: RunRow;
  readonly tasks: ReadonlyMap<string, readonly EpisodeRow[]>;
}

function openSide(dir: string, fs: FileSystem): Side {
  const reader = new RunReader(dir, { fs });
  const tasks = new Map<string, EpisodeRow[]>();
  for (const episode of openStepTable(reader, { fs }).episodes) {
    const key = taskKey(episode);
    const group = tasks.get(key);
    if (group === undefined) tasks.set(key, [episode]);
    else group.push(episode);
  }
  return { row: readRunRow(reader, fs), tasks };
}

function onlyIn(side: Side, other: Side): string[] {
  const names = new Set<string>();
  for (const [key, [episode]] of side.tasks) if (!other.tasks.has(key)) names.add(episode!.task_id);
  return [...names].sort();
}

function pairingOf(a: readonly EpisodeRow[], b: readonly EpisodeRow[]): TaskPairing {
  const { task_id, pair_index, mode } = a[0]!;
  const shares = { a: shareOf(a), b: shareOf(b) };
  const best = [meanOf(a, bestOf), meanOf(b, bestOf)] as const;
  return {
    task_id,
    pair_index,
    mode,
    ...shares,
    returns: [meanOf(a, ({ totals }) => totals.reward) ?? 0, meanOf(b, ({ totals }) => totals.reward) ?? 0],
    best_similarity: best[0] === null || best[1] === null ? null : [best[0], best[1]],
    change: changeOf(shares.a.successes > 0, shares.b.successes > 0),
  };
}

function bestOf({ totals }: EpisodeRow): number | null {
  return totals.best_similarity;
}

function changeOf(a: boolean, b: boolean): TaskPairing["change"] {
  if (a) return b ? "both_solve" : "newly_broken";
  return b ? "newly_solved" : "neither_solves";
}

function differencesOf(tasks: readonly TaskPairing[], steps: readonly number[]): PairedDifference[] {
  const similarities = tasks.flatMap(({ best_similarity: best }) =>
    best === null ? [] : [best[1] - best[0]],
  );
  return [
    differenceOf(
      "success_rate",
      tasks.map(({ a, b }) => b.rate! - a.rate!),
    ),
    differenceOf(
      "mean_return",
      tasks.map(({ returns }) => returns[1] - returns[0]),
    ),
    differenceOf("best_similarity", similarities),
    differenceOf("steps", steps),
  ].flatMap((difference) => difference ?? []);
}

function differenceOf(name: PairedDifference["name"], values: readonly number[]): PairedDifference | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  return { name, n: finite.length, mean: mean(finite)!, interval: meanInterval(finite) };
}

/** Null without a finite value. */
function meanOf(episodes: readonly EpisodeRow[], of: (episode: EpisodeRow) => number | null): number | null {
  const values = episodes
    .map(of)
    .filter((value): value is number => value !== null && Number.isFinite(value));
  return mean(values) ?? null;
}
