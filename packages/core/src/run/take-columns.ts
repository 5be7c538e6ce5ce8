import { EpiscopeError } from "@episcope/errors";
import {
  ColumnRecords,
  ColumnStream,
  copyGrid,
  type EpisodeRecord,
  type Grid,
  gridFromText,
  type Refusal,
  type RowCursor,
  type StepColumns,
  stepRecord,
} from "@episcope/records";
import { columnsOfEpisode } from "../contract/errors.js";

/** What became of columns. */
export interface StepsResult {
  /** Records that are in the queue: steps, starts and ends. */
  readonly accepted: number;
  /** Records that are not, and never will be. */
  readonly refused: number;
  /** Of the last record that was accepted; -1 if there is none. */
  readonly seq: number;
  /** Why records were refused, an entry for each environment and reason. */
  readonly refusals: readonly Refusal[];
  /** The columns could not be read as steps: nothing of them was taken. */
  readonly error?: EpiscopeError;
}

/** What columns need of their run. */
export interface ColumnHost {
  /** The number of the next record. */
  readonly seq: number;
  offer(
    record: EpisodeRecord,
    priority: number,
  ): { readonly accepted: boolean; readonly seq: number; readonly error?: EpiscopeError };
  /** Counts and reports records that were refused before they could be offered. */
  refuse(error: unknown, records: number): void;
}

/** Columns of the environments of a run, whose episodes go on from one call to the next. */
export class RunColumns {
  readonly #stream = new ColumnStream();
  readonly #maker = new ColumnRecords();

  take(columns: StepColumns, host: ColumnHost): StepsResult {
    return takeColumns(host, () => {
      const cursor = this.#stream.open(columns, { seq: host.seq });
      return { cursor, records: this.#maker.records(cursor) };
    });
  }
}

/** Columns that are steps of one episode, which `startEpisode` began and `end` ends. */
export class EpisodeColumns {
  readonly #stream = new ColumnStream();
  readonly #key: string;
  readonly #initial: Grid;
  /** Steps that the episode has if all of them came in columns. */
  #steps = 0;

  constructor(key: string, initial: Grid) {
    this.#key = key;
    this.#initial = Array.isArray(initial) ? gridFromText(initial) : copyGrid(initial);
  }

  /** `steps`: how many the episode has. After one that came alone, the grid before the first row is not known here. */
  take(columns: StepColumns, steps: number, host: ColumnHost): StepsResult {
    const result = takeColumns(host, () => {
      if (columns.shape?.[1] !== 1 || columns.starts !== undefined) throw columnsOfEpisode();
      const before = steps === 0 ? this.#initial : null;
      if (before !== null || steps !== this.#steps) this.#stream.resume(0, { key: this.#key, steps, before });
      const cursor = this.#stream.open({ ...columns, envs: [0] }, { seq: host.seq });
      return { cursor, records: stepsOf(cursor) };
    });
    this.#steps = steps + result.accepted;
    return result;
  }
}

/** The ends among them are left out: the program ends its episode itself. */
function* stepsOf(cursor: RowCursor): Generator<EpisodeRecord> {
  while (cursor.next()) if (cursor.kind === "step") yield stepRecord(cursor);
}

function takeColumns(
  host: ColumnHost,
  open: () => { readonly cursor: RowCursor; readonly records: Iterable<EpisodeRecord> },
): StepsResult {
  let accepted = 0;
  let seq = -1;
  try {
    const { cursor, records } = open();
    /** Errors that the run has reported itself. */
    const reported = new Set<unknown>();
    let dropped = 0;
    for (const record of records) {
      const result = host.offer(record, record.type === "step" ? cursor.step.priority : 0);
      if (result.accepted) {
        accepted += 1;
        seq = result.seq;
      } else if (result.error === undefined) dropped += 1;
      else {
        reported.add(result.error);
        cursor.refuse(result.error);
      }
    }
    const { refusals } = cursor;
    for (const { error, records: count } of refusals) if (!reported.has(error)) host.refuse(error, count);
    return { accepted, refused: cursor.refused + dropped, seq, refusals };
  } catch (cause) {
    // What the columns are wrong in as a whole, or what a hostile input throws when it is read.
    const error =
      cause instanceof EpiscopeError ? cause : new EpiscopeError("RECORD_INVALID", String(cause), { cause });
    host.refuse(error, 1);
    return { accepted, refused: 0, seq, refusals: [], error };
  }
}
