import type { Grid } from "../../record/grid.js";
import { gridsEqual } from "../../record/grid.js";
import { OPERATION_NAMES } from "../../record/operations.js";
import { parseRecord } from "../../record/parse-record.js";
import { isObject } from "../../record/plain.js";
import type { EpisodeEndRecord, EpisodeRecord, EpisodeStartRecord, StepRecord } from "../../record/record.js";

/** An episode as an export holds it. */
export interface ExportedEpisode {
  /** In its run, from 1. */
  readonly number: number;
  /** Hash of its run's config; "" where the export does not say. */
  readonly configHash: string;
  /**
   * Equal to those that were recorded, but for `seq`, which no export holds: it counts from 0 here. Without an `episode-end` where
   * the producer died.
   */
  readonly records: readonly EpisodeRecord[];
}

/** Reads the exports of one format back: the other direction of `Format`. */
export interface ExportReader {
  /** As in `logging.log_format`. */
  readonly format: string;
  /** Of the files, without the dot. */
  readonly extensions: readonly string[];
  /** Throws EXPORT_UNREADABLE; `path` is for its message. */
  read(bytes: Uint8Array, path: string): ExportedEpisode;
}

/** Members of an object that nobody has checked. */
type Members = { readonly [name: string]: unknown };

/**
 * Makes records of an EpisodeLogEntry as an export gives it back: `head` without its steps, and its steps one by one. A grid's
 * cells and a mask may be nested rows, or an array with its shape. Throws RECORD_INVALID and the like, naming what is wrong.
 */
export function exportedEpisode(head: Members, steps: Iterable<unknown>): ExportedEpisode {
  const { episode_num: number, config_hash: configHash } = head;
  if (!Number.isSafeInteger(number) || (number as number) < 1)
    throw new Error("it has no number of an episode");
  if (head["start_timestamp"] === null) throw new Error("it was made of an episode whose start is lost");
  const start = parseRecord({
    type: "episode-start",
    seq: 0,
    episode: head["episode_key"],
    time: head["start_timestamp"],
    task_id: head["task_id"],
    pair_index: head["pair_index"],
    mode: head["mode"],
    initial: plainGrid(head["initial"]),
    ...(isMissing(head["input"]) ? {} : { input: plainGrid(head["input"]) }),
    target: isMissing(head["target"]) ? null : plainGrid(head["target"]),
    meta: head["metadata"],
  }) as EpisodeStartRecord;
  const records: EpisodeRecord[] = [start];
  let last = start.initial;
  for (const step of steps) {
    const record = stepRecord(step, start.episode, records.length, last);
    records.push(record);
    last = record.after;
  }
  if (!isMissing(head["end_timestamp"])) {
    records.push(
      parseRecord({
        type: "episode-end",
        seq: records.length,
        episode: start.episode,
        time: head["end_timestamp"],
        outcome: head["outcome"],
        totals: {
          steps: head["total_steps"],
          reward: head["total_reward"],
          final_similarity: head["final_similarity"],
          best_similarity: head["best_similarity"],
        },
      }) as EpisodeEndRecord,
    );
  }
  const hash = typeof configHash === "string" ? configHash : "";
  return { number: number as number, configHash: hash, records };
}

function stepRecord(step: unknown, episode: string, seq: number, last: Grid): StepRecord {
  if (!isObject(step)) throw new Error(`step ${seq - 1} is no object`);
  const { action, before_state: before } = step;
  if (!isObject(action)) throw new Error(`step ${seq - 1} has no action`);
  const { before: stated, ...record } = parseRecord({
    type: "step",
    seq,
    episode,
    step: step["step_num"],
    time: step["timestamp"],
    ...(isMissing(before) ? {} : { before: plainGrid(before) }),
    action: plainAction(action),
    after: plainGrid(step["after_state"]),
    reward: step["reward"],
    terminated: step["terminated"],
    truncated: step["truncated"],
    info: step["info"],
    ...(step["full_state"] === undefined ? {} : { state: step["full_state"] }),
  }) as StepRecord;
  // Exports say it of every step, records where it is not the grid of the step before.
  return stated === undefined || gridsEqual(stated, last) ? record : { ...record, before: stated };
}

/** Exports say a name for every operation, records where the producer gave one of its own. */
function plainAction({ operation, operation_name: name, selection }: Members): Members {
  const standard = OPERATION_NAMES[operation as number] ?? `Operation ${operation}`;
  return {
    operation,
    ...(name === standard || isMissing(name) ? {} : { name }),
    ...(isMissing(selection) ? {} : { selection: plainSelection(selection) }),
  };
}

function plainSelection(selection: unknown): unknown {
  if (!isObject(selection) || selection["kind"] !== "mask") return selection;
  const { mask } = selection;
  return { kind: "mask", mask: isObject(mask) ? mask["data"] : mask };
}

function plainGrid(state: unknown): unknown {
  if (!isObject(state)) return state;
  const { grid, mask } = state;
  const cells = plainCells(grid);
  return isMissing(mask) ? cells : { ...cells, mask: plainCells(mask).data };
}

function plainCells(cells: unknown): { readonly shape: unknown; readonly data: unknown } {
  if (isObject(cells)) return { shape: cells["shape"], data: cells["data"] };
  if (!Array.isArray(cells)) throw new Error("a grid has no cells");
  const width: unknown = Array.isArray(cells[0]) ? cells[0].length : 0;
  if (!cells.every((row) => Array.isArray(row) && row.length === width)) {
    throw new Error("the rows of a grid are not of one length");
  }
  return { shape: [cells.length, width], data: cells.flat() };
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
