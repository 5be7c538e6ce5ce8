import {
  type Action,
  type EpisodeEndRecord,
  type EpisodeStartRecord,
  escapePlain,
  type Grid,
  operationName,
  type PlainValue,
  type StepRecord,
} from "@episcope/records";
import type { EpisodeSource } from "@episcope/records/store";
import { MAX_METRICS, metricDatasetName, UNUSED } from "./layout.js";

/** How many of an episode's steps something holds for. */
export type Extent = "none" | "some" | "all";

/** What has to be known before the first row is written; found in a first pass over the journal. */
export interface Survey {
  readonly start: EpisodeStartRecord;
  /** Null where the producer died. */
  readonly end: EpisodeEndRecord | null;
  /** Large enough for each grid of the episode. */
  readonly maxShape: readonly [rows: number, columns: number];
  /** Whether a grid has padding of its own. */
  readonly masked: boolean;
  /** Of the grids before and after the steps: whether they have padding of their own. */
  readonly stepMasks: Extent;
  /** Whether the producer gave the steps' similarity. */
  readonly similarities: Extent;
  /** An operation, a pair or a place of a selection is beyond 32 bits. */
  readonly isWide: boolean;
  /** Names of operations that no text of HDF5 holds, see `isPlainText`. */
  readonly hasOddNames: boolean;
  readonly hasState: boolean;
  /** In the order in which they first occur. */
  readonly metrics: readonly string[];
  /** Longest texts, in bytes. */
  readonly nameBytes: number;
  readonly nameJsonBytes: number;
  readonly infoBytes: number;
  readonly stateBytes: number;
}

/** Null for an episode without a start. */
export function surveyEpisode(episode: EpisodeSource): Survey | null {
  let start: EpisodeStartRecord | null = null;
  let end: EpisodeEndRecord | null = null;
  let [rows, columns, masked, hasState] = [1, 1, false, false];
  let [nameBytes, nameJsonBytes, stateBytes] = [0, 0, 0];
  let [isWide, hasOddNames] = [false, false];
  const stepMasks = new Count();
  const similarities = new Count();
  let last: Grid | null = null;
  const metrics = new Set<string>();
  const datasets = new Set<string>();
  const see = (grid: Grid | null | undefined): void => {
    if (grid === null || grid === undefined) return;
    rows = Math.max(rows, grid.shape[0]);
    columns = Math.max(columns, grid.shape[1]);
    masked ||= grid.mask !== undefined;
  };
  for (const record of episode.records()) {
    if (record.type === "episode-start") {
      start = record;
      for (const grid of [record.initial, record.input, record.target]) see(grid);
      isWide = !isInt32(record.pair_index);
      last = record.initial;
    } else if (record.type === "episode-end") {
      end = record;
    } else {
      see(record.before);
      see(record.after);
      const before: Grid | null = record.before ?? last;
      stepMasks.add(before?.mask !== undefined);
      stepMasks.add(record.after.mask !== undefined);
      last = record.after;
      similarities.add(record.info.similarity !== undefined);
      isWide ||= !integersOf(record.action).every(isInt32);
      for (const name of Object.keys(record.info.metrics ?? {})) {
        if (metrics.has(name) || metrics.size === MAX_METRICS) continue;
        if (datasets.has(metricDatasetName(name)) || /\p{Surrogate}/u.test(name)) continue;
        metrics.add(name);
        datasets.add(metricDatasetName(name));
      }
      const called = operationName(record.action);
      nameBytes = Math.max(nameBytes, Buffer.byteLength(called));
      nameJsonBytes = Math.max(nameJsonBytes, jsonText(called).length);
      hasOddNames ||= !isPlainText(called);
      if (record.state !== undefined) {
        hasState = true;
        stateBytes = Math.max(stateBytes, jsonText(record.state).length);
      }
    }
  }
  if (start === null) return null;
  // A third look, at `info`, since what goes into its text depends on which metrics have columns.
  let infoBytes = 0;
  for (const record of episode.records()) {
    if (record.type === "step") infoBytes = Math.max(infoBytes, infoText(record, metrics).length);
  }
  return {
    start,
    end,
    maxShape: [rows, columns],
    masked,
    stepMasks: stepMasks.extent,
    similarities: similarities.extent,
    isWide,
    hasOddNames,
    hasState,
    metrics: [...metrics],
    nameBytes,
    nameJsonBytes,
    infoBytes,
    stateBytes,
  };
}

class Count {
  #all = 0;
  #held = 0;

  add(holds: boolean): void {
    this.#all += 1;
    if (holds) this.#held += 1;
  }

  get extent(): Extent {
    if (this.#held === 0) return "none";
    return this.#held === this.#all ? "all" : "some";
  }
}

function isInt32(value: number): boolean {
  // The smallest stands for a place that is not used.
  return value === (value | 0) && value !== UNUSED;
}

function integersOf({ operation, selection }: Action): readonly number[] {
  if (selection === undefined || selection.kind === "mask") return [operation];
  return [operation, ...(selection.kind === "point" ? selection.point : selection.bbox)];
}

/** Whether a text of HDF5 holds it: those end at NUL, and UTF-8 has no lone surrogates. */
export function isPlainText(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

/** What of `info` has no column of its own, and metrics that are NaN: in a column that says "not given". */
export function infoText(record: StepRecord, metrics: ReadonlySet<string>): string {
  const { similarity: _similarity, success: _success, metrics: all, ...rest } = record.info;
  const left = Object.entries(all ?? {}).filter(([name, value]) => !metrics.has(name) || Number.isNaN(value));
  const isEmpty = all !== undefined && Object.keys(all).length === 0;
  const others = Object.entries(rest).filter(
    (entry): entry is [string, PlainValue] => entry[1] !== undefined,
  );
  return jsonText(
    Object.fromEntries(
      left.length > 0 || isEmpty ? [...others, ["metrics", Object.fromEntries(left)]] : others,
    ),
  );
}

/**
 * JSON in ASCII, so that one character is one byte, and with the stream's words for what JSON has no notation for
 * (NaN, the infinities, -0; docs/formats.md).
 */
export function jsonText(value: PlainValue): string {
  return JSON.stringify(escapePlain(value)).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
