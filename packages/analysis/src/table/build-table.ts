import {
  type Action,
  CellBuffer,
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
import { FollowedGrid } from "./followed-grid.js";
import { countSet } from "./grid-facts.js";
import { GrowingColumns } from "./growing-columns.js";
import { listedFacts } from "./manifest-table.js";
import { type EpisodeRow, type OperationEntry, STEP_FLAG, type StepTable } from "./step-table.js";

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
  readonly #mask = new CellBuffer();
  readonly #episodes: EpisodeRow[] = [];
  readonly #operations: OperationEntry[] = [];
  readonly #operationIndex = new Map<string, number>();
  /** Of operations without a name of their own, by id. */
  readonly #unnamed = new Map<number, number>();
  /** States of the episode that is being added, by what `FollowedGrid` knows them. */
  #states = new Map<number, number>();

  add(episode: ManifestEpisode, records: Iterable<EpisodeRecord>): void {
    const first = this.#columns.rows;
    let start: EpisodeStartRecord | undefined;
    let last: Grid | undefined;
    let followed: FollowedGrid | undefined;
    try {
      for (const record of records) {
        if (record.type === "episode-start") {
          start = record;
          last = record.initial;
          followed = new FollowedGrid(record.initial, record.target);
          this.#states = new Map([[followed.state, 0]]);
        } else if (record.type === "step" && followed !== undefined) {
          this.#step(record, record.before ?? last!, start!.target, followed);
          last = record.after;
        }
      }
    } catch {
      // What could be read before stays; `verify` says what is wrong with the file.
    }
    this.#episodes.push({
      ...listedFacts(episode),
      meta: start?.meta ?? {},
      first,
      steps: this.#columns.rows - first,
      initial_similarity: start?.target == null ? null : gridSimilarity(start.initial, start.target),
      final_shape: last?.shape ?? [0, 0],
      target_shape: start?.target?.shape ?? null,
    });
  }

  build(): StepTable {
    return { episodes: this.#episodes, operations: this.#operations, ...this.#columns.finish() };
  }

  #step(record: StepRecord, before: Grid, target: Grid | null, followed: FollowedGrid): void {
    const { action, after, info } = record;
    const changed = followed.step(before, after, record.before !== undefined);
    const { wrong } = followed;
    this.#columns.push({
      step: record.step,
      operation: this.#operationOf(action),
      reward: record.reward,
      similarity: info.similarity ?? similarityOf(after, target, wrong),
      changed,
      wrong,
      selected: selectedCells(action.selection, before.shape, this.#mask),
      state: this.#stateOf(followed.state),
      flags: flagsOf(record, before),
    });
  }

  #stateOf(hash: number): number {
    let state = this.#states.get(hash);
    if (state === undefined) {
      state = this.#states.size;
      this.#states.set(hash, state);
    }
    return state;
  }

  #operationOf(action: Action): number {
    const known = action.name === undefined ? this.#unnamed.get(action.operation) : undefined;
    if (known !== undefined) return known;
    const name = operationName(action);
    const key = `${action.operation} ${name}`;
    let index = this.#operationIndex.get(key);
    if (index === undefined) {
      index = this.#operations.length;
      this.#operations.push({ operation: action.operation, name });
      this.#operationIndex.set(key, index);
    }
    if (action.name === undefined) this.#unnamed.set(action.operation, index);
    return index;
  }
}

/** As `gridSimilarity`; of grids of one shape without padding the cells that differ say it already. */
function similarityOf(after: Grid, target: Grid | null, wrong: number): number {
  if (target === null) return Number.NaN;
  const [rows, columns] = target.shape;
  const isSimple =
    after.mask === undefined &&
    target.mask === undefined &&
    after.shape[0] === rows &&
    after.shape[1] === columns;
  return isSimple ? (rows * columns - wrong) / (rows * columns) : gridSimilarity(after, target);
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

function selectedCells(
  selection: Selection | undefined,
  [rows, columns]: readonly [number, number],
  room: CellBuffer,
): number {
  if (selection === undefined) return 0;
  if (selection.kind === "point") return 1;
  if (selection.kind === "mask") return countSet(selection.mask, room);
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
