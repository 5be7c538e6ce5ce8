import {
  type Action,
  type EpisodeRecord,
  type EpisodeStartRecord,
  type Grid,
  gridSimilarity,
  operationName,
  type Selection,
  type StepRecord,
  SUBMIT_OPERATION,
} from "@episcope/records";
import type { ManifestEpisode } from "@episcope/records/store";
import { differingCells, gridHash } from "./grid-facts.js";
import { GrowingColumns } from "./growing-columns.js";
import {
  type EpisodeRow,
  type OperationEntry,
  STEP_FLAG,
  type StepTable,
  UNKNOWN_COUNT,
} from "./step-table.js";

/** What the table is made from: a run's reader, or anything that gives the same. */
export interface EpisodeRecordSource {
  readonly episodes: readonly ManifestEpisode[];
  records(number: number): Iterable<EpisodeRecord>;
}

/** Reads every step of a run once. An episode whose journal is lost keeps its row, without steps. */
export function buildStepTable(run: EpisodeRecordSource): StepTable {
  const builder = new TableBuilder();
  for (const episode of run.episodes) builder.add(episode, run.records(episode.number));
  return builder.build();
}

class TableBuilder {
  readonly #columns = new GrowingColumns();
  readonly #episodes: EpisodeRow[] = [];
  readonly #operations: OperationEntry[] = [];
  readonly #operationIndex = new Map<string, number>();

  add(episode: ManifestEpisode, records: Iterable<EpisodeRecord>): void {
    const first = this.#columns.rows;
    let start: EpisodeStartRecord | undefined;
    let last: Grid | undefined;
    try {
      for (const record of records) {
        if (record.type === "episode-start") {
          start = record;
          last = record.initial;
        } else if (record.type === "step" && last !== undefined) {
          this.#step(record, record.before ?? last, start!.target);
          last = record.after;
        }
      }
    } catch {
      // What could be read before stays; `verify` says what is wrong with the file.
    }
    this.#episodes.push({
      number: episode.number,
      key: episode.key,
      task_id: episode.task_id,
      pair_index: episode.pair_index,
      mode: episode.mode,
      outcome: episode.outcome,
      started: episode.started,
      ended: episode.ended,
      totals: episode.totals,
      meta: start?.meta ?? {},
      first,
      steps: this.#columns.rows - first,
      initial_state: start === undefined ? 0 : gridHash(start.initial),
      initial_similarity: start?.target == null ? null : gridSimilarity(start.initial, start.target),
      final_shape: last?.shape ?? [0, 0],
      target_shape: start?.target?.shape ?? null,
    });
  }

  build(): StepTable {
    return { episodes: this.#episodes, operations: this.#operations, ...this.#columns.finish() };
  }

  #step(record: StepRecord, before: Grid, target: Grid | null): void {
    const { action, after, info } = record;
    const own = info.similarity;
    this.#columns.push({
      step: record.step,
      operation: this.#operationOf(action),
      reward: record.reward,
      similarity: own ?? (target === null ? Number.NaN : gridSimilarity(after, target)),
      changed: differingCells(before, after),
      wrong: target === null ? UNKNOWN_COUNT : differingCells(after, target),
      selected: selectedCells(action.selection, before.shape),
      state: gridHash(after),
      flags: flagsOf(record, before),
    });
  }

  #operationOf(action: Action): number {
    const name = operationName(action);
    const key = `${action.operation} ${name}`;
    let index = this.#operationIndex.get(key);
    if (index === undefined) {
      index = this.#operations.length;
      this.#operations.push({ operation: action.operation, name });
      this.#operationIndex.set(key, index);
    }
    return index;
  }
}

function flagsOf({ action, after, info, terminated, truncated }: StepRecord, before: Grid): number {
  let flags = terminated ? STEP_FLAG.terminated : 0;
  if (truncated) flags |= STEP_FLAG.truncated;
  if (info.success === true) flags |= STEP_FLAG.success;
  if (reachesOutside(action.selection, before.shape)) flags |= STEP_FLAG.outside;
  if (before.shape[0] !== after.shape[0] || before.shape[1] !== after.shape[1]) flags |= STEP_FLAG.resized;
  if (isSubmit(action)) flags |= STEP_FLAG.submit;
  return flags;
}

/** By the standard id, where the producer gives the id no other meaning; else by the name. */
function isSubmit({ operation, name }: Action): boolean {
  return name === undefined ? operation === SUBMIT_OPERATION : name.toLowerCase() === "submit";
}

function selectedCells(selection: Selection | undefined, [rows, columns]: readonly [number, number]): number {
  if (selection === undefined) return 0;
  if (selection.kind === "point") return 1;
  if (selection.kind === "mask") {
    let count = 0;
    for (const cell of selection.mask) if (cell !== 0) count++;
    return count;
  }
  const [r1, c1, r2, c2] = selection.bbox;
  return span(r1, r2, rows) * span(c1, c2, columns);
}

/** How many of `size` rows or columns lie between two, both inclusive. */
function span(a: number, b: number, size: number): number {
  return Math.max(0, Math.min(Math.max(a, b), size - 1) - Math.max(Math.min(a, b), 0) + 1);
}

function reachesOutside(
  selection: Selection | undefined,
  [rows, columns]: readonly [number, number],
): boolean {
  if (selection === undefined || selection.kind === "mask") return false;
  const places = selection.kind === "point" ? selection.point : selection.bbox;
  return places.some((value, at) => value < 0 || value >= (at % 2 === 0 ? rows : columns));
}
