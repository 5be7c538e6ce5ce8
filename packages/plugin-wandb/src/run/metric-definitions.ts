import type { MetricRecord } from "../format/wandb-records.js";

/** Families of keys that are drawn against an axis of their own instead of W&B's step. */
const AXES: readonly { readonly prefix: string; readonly stepMetric: string }[] = [
  { prefix: "episode/", stepMetric: "episode" },
  { prefix: "metrics/", stepMetric: "metrics/step" },
  { prefix: "gradients/", stepMetric: "metrics/step" },
  { prefix: "batch/", stepMetric: "batch/step" },
];

/**
 * Says once which axis a family of keys has, and again for each key of it when the key first appears: the official
 * client resolves its globs while recording, not while uploading, so the log must hold the resolved names.
 */
export class MetricDefinitions {
  readonly #seen = new Set<string>();

  /** A definition that stands in the log: a name or a glob. */
  noteWritten(metric: string): void {
    this.#seen.add(metric);
  }

  /** Definitions that must stand in the log before a row with these keys. */
  definitionsFor(keys: Iterable<string>): MetricRecord[] {
    const records: MetricRecord[] = [];
    for (const key of keys) {
      const axis = AXES.find(({ prefix }) => key.startsWith(prefix));
      if (axis === undefined || key === axis.stepMetric || this.#seen.has(key)) continue;
      if (!this.#seen.has(axis.stepMetric)) records.push(this.#define({ name: axis.stepMetric }));
      const glob = `${axis.prefix}*`;
      const { stepMetric } = axis;
      if (!this.#seen.has(glob)) records.push(this.#define({ glob, stepMetric }));
      records.push(this.#define({ name: key, stepMetric, expandedFromGlob: true }));
    }
    return records;
  }

  #define(metric: Omit<MetricRecord, "kind">): MetricRecord {
    this.#seen.add(metric.glob ?? metric.name!);
    return { kind: "metric", ...metric };
  }
}
