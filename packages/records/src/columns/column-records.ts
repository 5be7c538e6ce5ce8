import type {
  Action,
  EpisodeEndRecord,
  EpisodeRecord,
  EpisodeStartRecord,
  PlainValue,
  Selection,
  StepInfo,
  StepRecord,
} from "../record/record.js";
import { outcomeOf } from "../view/outcome.js";
import { EpisodeProgress } from "../view/progress.js";
import type { StepView } from "../view/view.js";
import type { NamedColumns } from "./check-columns.js";
import type { OpenEpisode } from "./environment.js";
import type { RowCursor } from "./row-cursor.js";

interface Followed {
  readonly progress: EpisodeProgress;
  last: StepView | null;
}

/**
 * Makes records, with arrays of their own, of what cursors come to. It follows the episodes of one `ColumnStream` to say
 * what each came to at its end.
 */
export class ColumnRecords {
  readonly #episodes: WeakMap<OpenEpisode, Followed> = new WeakMap();

  /** The records of a cursor from where it is on; the cursor is at the record that was given last. */
  *records(cursor: RowCursor): Generator<EpisodeRecord, void> {
    while (cursor.next()) yield this.#record(cursor);
  }

  #record(cursor: RowCursor): EpisodeRecord {
    if (cursor.kind === "episode-start") {
      const start = startRecord(cursor);
      this.#episodes.set(cursor.episode, { progress: new EpisodeProgress(start, 0), last: null });
      return start;
    }
    const followed = this.#episodes.get(cursor.episode);
    if (cursor.kind === "step") {
      const step = stepRecord(cursor);
      if (followed !== undefined) followed.last = followed.progress.step(step, undefined, false);
      return step;
    }
    if (followed === undefined) throw new TypeError("the start of this episode was not made here");
    return endRecord(cursor, followed);
  }
}

/** The start that the cursor is at. */
export function startRecord({ seq, time, episode, start }: RowCursor): EpisodeStartRecord {
  return {
    type: "episode-start",
    seq,
    episode: episode.key,
    time,
    task_id: start.task,
    pair_index: start.pair,
    mode: start.mode,
    initial: start.initial.toGrid(),
    ...(start.input === null ? {} : { input: start.input.toGrid() }),
    target: start.target?.toGrid() ?? null,
    meta: start.meta,
  };
}

/** The step that the cursor is at. */
export function stepRecord(cursor: RowCursor): StepRecord {
  const { seq, time, episode, step } = cursor;
  const { number, before, bringsBefore, after, reward, terminated, truncated } = step;
  return {
    type: "step",
    seq,
    episode: episode.key,
    step: number,
    time,
    ...(bringsBefore ? { before: before.toGrid() } : {}),
    action: actionOf(cursor),
    after: after.toGrid(),
    reward,
    terminated,
    truncated,
    info: infoOf(cursor),
  };
}

function endRecord(
  { seq, time, episode, outcome }: RowCursor,
  { progress, last }: Followed,
): EpisodeEndRecord {
  return {
    type: "episode-end",
    seq,
    episode: episode.key,
    time,
    outcome: outcome ?? outcomeOf(last),
    totals: progress.totals,
  };
}

function actionOf({ step, columns }: RowCursor): Action {
  const { operation } = step;
  const { operationNames } = columns;
  const name =
    operationNames === null ? undefined : (operationNames as { readonly [key: number]: string })[operation];
  const selection = selectionOf(step.mask, step.corners);
  return {
    operation,
    ...(name === undefined ? {} : { name }),
    ...(selection === undefined ? {} : { selection }),
  };
}

function selectionOf(mask: Uint8Array | null, corners: readonly number[]): Selection | undefined {
  if (mask !== null) return { kind: "mask", mask: mask.slice() };
  const [row, column, row2, column2] = corners;
  if (row === undefined || column === undefined) return undefined;
  if (row2 === undefined || column2 === undefined) return { kind: "point", point: [row, column] };
  return { kind: "bbox", bbox: [row, column, row2, column2] };
}

function infoOf({ step, columns }: RowCursor): StepInfo {
  const { similarity, success, place } = step;
  const info: { [name: string]: PlainValue } = {};
  if (!Number.isNaN(similarity)) info["similarity"] = similarity;
  if (success !== null) info["success"] = success;
  if (columns.metrics.length > 0) {
    const metrics: { [name: string]: number } = {};
    readNamed(columns.metrics, place, metrics, info, "metrics.");
    info["metrics"] = metrics;
  }
  readNamed(columns.info, place, info, info, "");
  return info as StepInfo;
}

/** Integers beyond 2^53 become texts, which only `info` can hold. */
function readNamed(
  columns: NamedColumns,
  place: number,
  numbers: { [name: string]: PlainValue },
  texts: { [name: string]: PlainValue },
  prefix: string,
): void {
  for (const [name, { values, exact }] of columns) {
    const value = values[place]!;
    if (exact === null || Number.isSafeInteger(value)) numbers[name] = value;
    else texts[`${prefix}${name}`] = String(exact[place]);
  }
}
