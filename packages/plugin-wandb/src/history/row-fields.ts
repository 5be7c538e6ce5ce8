import {
  type BatchRecord,
  type EpisodeEndRecord,
  type EpisodeStartRecord,
  type MetricsRecord,
  operationName,
  type StepRecord,
} from "@episcope/records";
import { distributionOf } from "@episcope/tracker";
import { stringifyExtended } from "../format/extended-json.js";
import { wandbHistogram } from "./histogram.js";
import type { Fields } from "./history-rows.js";

/** What an episode's end needs of its start. */
export type EpisodeBeginning = Pick<EpisodeStartRecord, "task_id" | "pair_index" | "mode" | "time">;

/** A step: `episode`, `episode_step`, `global_step`, `reward`, `similarity`, `operation` and `info/<metric>`. */
export function stepFields(
  record: StepRecord,
  episode: number,
  globalStep: number,
  similarity: number | null,
): Fields {
  const fields = new Map<string, string>([
    ["episode", stringifyExtended(episode)],
    ["episode_step", stringifyExtended(record.step)],
    ["global_step", stringifyExtended(globalStep)],
    ["reward", stringifyExtended(record.reward)],
    ["operation", stringifyExtended(operationName(record.action))],
  ]);
  if (similarity !== null) fields.set("similarity", stringifyExtended(similarity));
  for (const [name, value] of Object.entries(record.info.metrics ?? {})) {
    fields.set(`info/${name}`, stringifyExtended(value));
  }
  return fields;
}

/** The end of an episode: `episode` and `episode/…`. */
export function episodeFields(
  record: EpisodeEndRecord,
  episode: number,
  start: EpisodeBeginning | undefined,
): Fields {
  const { totals } = record;
  const fields = new Map<string, string>([
    ["episode", stringifyExtended(episode)],
    ["episode/outcome", stringifyExtended(record.outcome)],
    ["episode/success", record.outcome === "success" ? "1" : "0"],
    ["episode/steps", stringifyExtended(totals.steps)],
    ["episode/reward", stringifyExtended(totals.reward)],
  ]);
  if (totals.final_similarity !== null) {
    fields.set("episode/final_similarity", stringifyExtended(totals.final_similarity));
  }
  if (totals.best_similarity !== null) {
    fields.set("episode/best_similarity", stringifyExtended(totals.best_similarity));
  }
  if (start !== undefined) {
    fields.set("episode/task_id", stringifyExtended(start.task_id));
    fields.set("episode/pair_index", stringifyExtended(start.pair_index));
    fields.set("episode/mode", stringifyExtended(start.mode));
    fields.set("episode/seconds", stringifyExtended(Math.max(0, record.time - start.time)));
  }
  return fields;
}

/** Scalars with a clock of the producer's own: `metrics/<name>` against `metrics/step`. */
export function metricsFields(record: MetricsRecord): Fields {
  const fields = new Map<string, string>([["metrics/step", stringifyExtended(record.step)]]);
  for (const [name, value] of Object.entries(record.values)) {
    fields.set(`metrics/${name}`, stringifyExtended(value));
  }
  return fields;
}

/**
 * Histograms of a `metrics` record: `gradients/<name>`, against `metrics/step`. A name that already begins with
 * `gradients/` or `parameters/` (as the official `watch` names them) is kept. `unsound` names those that are none.
 */
export function histogramFields(record: MetricsRecord): {
  readonly fields: Fields;
  readonly unsound: string[];
} {
  const fields = new Map<string, string>();
  const unsound: string[] = [];
  for (const [name, histogram] of Object.entries(record.histograms ?? {})) {
    const value = wandbHistogram(histogram);
    const key = /^(gradients|parameters)\//.test(name) ? name : `gradients/${name}`;
    if (value === null || fields.has(key)) unsound.push(name);
    else fields.set(key, stringifyExtended(value));
  }
  if (fields.size > 0) fields.set("metrics/step", stringifyExtended(record.step));
  return { fields, unsound };
}

/**
 * Arrays over the environments of one update: `batch/<name>` is the mean of the finite numbers, `batch/<name>_histogram` their
 * distribution, `batch/<name>_nonfinite` how many others there were; against `batch/step`.
 */
export function batchFields(record: BatchRecord): Fields {
  const fields = new Map<string, string>([["batch/step", stringifyExtended(record.step)]]);
  for (const [name, numbers] of Object.entries(record.arrays)) {
    const distribution = distributionOf(numbers);
    const nonFinite = distribution === null ? numbers.length : distribution.nonFinite;
    if (nonFinite > 0) fields.set(`batch/${name}_nonfinite`, stringifyExtended(nonFinite));
    if (distribution === null) continue;
    fields.set(`batch/${name}`, stringifyExtended(distribution.mean));
    fields.set(`batch/${name}_histogram`, stringifyExtended(wandbHistogram(distribution.histogram)));
  }
  return fields;
}
