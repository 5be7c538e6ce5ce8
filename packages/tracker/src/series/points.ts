import type { RecordItem } from "@episcope/core";
import {
  type BatchRecord,
  type EpisodeEndRecord,
  type Histogram,
  type MetricsRecord,
  operationName,
  type StepRecord,
  SUBMIT_OPERATION,
} from "@episcope/records";
import { distributionOf, isHistogram } from "./distribution.js";

/** What a tracker draws of one record: numbers, texts and histograms at one place of one axis. */
export interface Point {
  /** What `step` counts: steps over the run from 0, episodes from 1, or the producer's own updates. */
  readonly axis: "step" | "episode" | "update";
  readonly step: number;
  /** Unix seconds. */
  readonly time: number;
  /** NaN and infinities among them. */
  readonly scalars: { readonly [name: string]: number };
  readonly texts: { readonly [name: string]: string };
  readonly histograms: { readonly [name: string]: Histogram };
}

/**
 * The point of a step (`reward`, `similarity`, `info/…`, the text `operation`), of an episode's end (`episode/…`), of metrics (under
 * the names that the producer gave) or of a batch (`batch/…`: means, distributions, and how many numbers were not finite); null
 * for other records.
 */
export function pointOf({ record, episode, global_step, similarity }: RecordItem): Point | null {
  switch (record.type) {
    case "step":
      return pointOfStep(record, global_step ?? 0, similarity);
    case "episode-end":
      return pointOfEnd(record, episode ?? 0);
    case "metrics":
      return pointOfMetrics(record);
    case "batch":
      return pointOfBatch(record);
    default:
      return null;
  }
}

/** First, last, submit and key steps: a tracker has them whatever its frequency is. */
export function isMarkedStep({ record, key }: RecordItem): boolean {
  return (
    record.type === "step" &&
    (key ||
      record.step === 0 ||
      record.terminated ||
      record.truncated ||
      record.action.operation === SUBMIT_OPERATION)
  );
}

function pointOfStep(record: StepRecord, step: number, similarity: number | null): Point {
  const scalars: { [name: string]: number } = { reward: record.reward };
  if (similarity !== null) scalars["similarity"] = similarity;
  for (const [name, value] of Object.entries(record.info.metrics ?? {})) scalars[`info/${name}`] = value;
  const texts = { operation: operationName(record.action) };
  return { axis: "step", step, time: record.time, scalars, texts, histograms: {} };
}

function pointOfEnd(record: EpisodeEndRecord, step: number): Point {
  const { steps, reward, final_similarity, best_similarity } = record.totals;
  const scalars: { [name: string]: number } = {
    "episode/success": record.outcome === "success" ? 1 : 0,
    "episode/steps": steps,
    "episode/reward": reward,
  };
  if (final_similarity !== null) scalars["episode/final_similarity"] = final_similarity;
  if (best_similarity !== null) scalars["episode/best_similarity"] = best_similarity;
  const texts = { "episode/outcome": record.outcome };
  return { axis: "episode", step, time: record.time, scalars, texts, histograms: {} };
}

function pointOfMetrics(record: MetricsRecord): Point {
  const sound = Object.entries(record.histograms ?? {}).filter(([, histogram]) => isHistogram(histogram));
  return {
    ...{ axis: "update", step: record.step, time: record.time, scalars: { ...record.values }, texts: {} },
    histograms: Object.fromEntries(sound),
  };
}

function pointOfBatch(record: BatchRecord): Point {
  const scalars: { [name: string]: number } = {};
  const histograms: { [name: string]: Histogram } = {};
  for (const [name, numbers] of Object.entries(record.arrays)) {
    const distribution = distributionOf(numbers);
    const nonFinite = distribution === null ? numbers.length : distribution.nonFinite;
    if (nonFinite > 0) scalars[`batch/${name}_nonfinite`] = nonFinite;
    if (distribution === null) continue;
    scalars[`batch/${name}`] = distribution.mean;
    histograms[`batch/${name}`] = distribution.histogram;
  }
  return { axis: "update", step: record.step, time: record.time, scalars, texts: {}, histograms };
}
