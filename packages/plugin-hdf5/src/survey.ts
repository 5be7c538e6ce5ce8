import {
  type EpisodeEndRecord,
  type EpisodeStartRecord,
  escapePlain,
  type Grid,
  operationName,
  type PlainValue,
  type StepRecord,
} from "@episcope/records";
import type { EpisodeSource } from "@episcope/records/store";
import { MAX_METRICS, metricDatasetName } from "./layout.js";

/** What has to be known before the first row is written; found in a first pass over the journal. */
export interface Survey {
  readonly start: EpisodeStartRecord;
  /** Null where the producer died. */
  readonly end: EpisodeEndRecord | null;
  /** Large enough for each grid of the episode. */
  readonly maxShape: readonly [rows: number, columns: number];
  /** Whether a grid has padding of its own. */
  readonly masked: boolean;
  readonly hasState: boolean;
  /** In the order in which they first occur. */
  readonly metrics: readonly string[];
  /** Longest texts, in bytes. */
  readonly nameBytes: number;
  readonly infoBytes: number;
  readonly stateBytes: number;
}

/** Null for an episode without a start. */
export function surveyEpisode(episode: EpisodeSource): Survey | null {
  let start: EpisodeStartRecord | null = null;
  let end: EpisodeEndRecord | null = null;
  let [rows, columns, masked, hasState] = [1, 1, false, false];
  let [nameBytes, stateBytes] = [0, 0];
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
    } else if (record.type === "episode-end") {
      end = record;
    } else {
      see(record.before);
      see(record.after);
      for (const name of Object.keys(record.info.metrics ?? {})) {
        if (metrics.has(name) || metrics.size === MAX_METRICS || datasets.has(metricDatasetName(name)))
          continue;
        metrics.add(name);
        datasets.add(metricDatasetName(name));
      }
      nameBytes = Math.max(nameBytes, Buffer.byteLength(operationName(record.action)));
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
    hasState,
    metrics: [...metrics],
    nameBytes,
    infoBytes,
    stateBytes,
  };
}

/** What of `info` has no column of its own. */
export function infoText(record: StepRecord, metrics: ReadonlySet<string>): string {
  const { similarity: _similarity, success: _success, metrics: all, ...rest } = record.info;
  const left = Object.entries(all ?? {}).filter(([name]) => !metrics.has(name));
  const others = Object.entries(rest).filter(
    (entry): entry is [string, PlainValue] => entry[1] !== undefined,
  );
  return jsonText(
    Object.fromEntries(left.length > 0 ? [...others, ["metrics", Object.fromEntries(left)]] : others),
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
