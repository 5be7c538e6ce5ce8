import { isSweepOverride, keyElement, type Override } from "../override/override.js";
import { sweepItems } from "../override/sweep-items.js";
import { IntervalSweep } from "../override/value.js";
import { writeValue } from "../override/write-value.js";
import type { VersionBase } from "../version/version-base.js";
import { batchSizeInvalid, sweepTooLarge, sweepTypeUnsupported } from "./errors.js";

export interface SplitSweepOptions {
  /** Jobs per batch; undefined puts all into one. */
  readonly maxBatchSize?: number | undefined;
  /** Names of the options of a config group, for `glob`. */
  readonly groupOptions?: (group: string) => readonly string[];
  /** Uniform in [0, 1), for `shuffle`. Default: `Math.random`. */
  readonly random?: () => number;
  /** Jobs that one sweep may have. Default: `MAX_SWEEP_JOBS`. */
  readonly maxJobs?: number;
  /** Which generation of Hydra's rules to follow. Default: `1.3`. */
  readonly versionBase?: VersionBase;
}

export const MAX_SWEEP_JOBS = 1_000_000;

/** The overrides of one job. */
export type JobOverrides = readonly string[];

/**
 * The jobs of a sweep as Hydra's basic sweeper makes them: every combination of the values that the overrides name,
 * the last override varying fastest. A later override of a key replaces the earlier one, in its place.
 */
export function splitSweep(
  overrides: readonly Override[],
  options: SplitSweepOptions = {},
): readonly (readonly JobOverrides[])[] {
  const { maxBatchSize, maxJobs = MAX_SWEEP_JOBS } = options;
  const choices = new Map<string, readonly string[]>();
  for (const override of overrides) choices.set(keyElement(override), valuesOf(override, options, maxJobs));
  let count = 1;
  for (const values of choices.values()) count *= values.length;
  if (count > maxJobs) throw sweepTooLarge(maxJobs);
  const jobs = product([...choices.values()], count);
  if (maxBatchSize === undefined) return [jobs];
  if (maxBatchSize <= 0) throw batchSizeInvalid(maxBatchSize);
  const batches: JobOverrides[][] = [];
  for (let start = 0; start < jobs.length; start += maxBatchSize)
    batches.push(jobs.slice(start, start + maxBatchSize));
  return batches;
}

function valuesOf(override: Override, options: SplitSweepOptions, maxJobs: number): readonly string[] {
  const key = keyElement(override);
  if (!isSweepOverride(override)) return [`${key}=${writeValue(override.value)}`];
  if (override.value instanceof IntervalSweep) throw sweepTypeUnsupported(key, override.valueType!);
  const values: string[] = [];
  for (const item of sweepItems(override, options)) {
    if (values.length === maxJobs) throw sweepTooLarge(maxJobs);
    values.push(`${key}=${writeValue(item)}`);
  }
  return values;
}

function product(lists: readonly (readonly string[])[], count: number): string[][] {
  const jobs: string[][] = [];
  for (let number = 0; number < count; number++) {
    const job = new Array<string>(lists.length);
    let rest = number;
    for (let index = lists.length - 1; index >= 0; index--) {
      const list = lists[index]!;
      job[index] = list[rest % list.length]!;
      rest = Math.floor(rest / list.length);
    }
    jobs.push(job);
  }
  return jobs;
}
