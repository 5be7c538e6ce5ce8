import type { EpiscopeConfig } from "@episcope/core";
import { presetConfig } from "./preset-config.js";

export type DeepPartial<T> = T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> } : T;

/** The base options of each group of `conf/`: no preset of a level, of logging or of storage. */
const BASE = presetConfig([
  "visualization=base",
  "logging=base",
  "storage=base",
  // What the tests register; nodes of other plugins would have to be installed.
  "visualization.output_formats=[]",
  "~visualization.renderers.svg",
  "~visualization.renderers.png",
  "~visualization.renderers.html",
  "+visualization.renderers.text={_target_: text}",
  "~logging.formats.hdf5",
  "~logging.formats.pickle",
  // In this thread, on a disk in memory, whatever the machine has left.
  "logging.async_logger.worker_threads=0",
  "storage.base_output_dir=outputs",
  "storage.run_name=test",
  "storage.min_free_gb=0",
]);

/**
 * A config for a small run of a test: what `conf/` says, without threads and pictures, below `outputs/test`; with the
 * changes laid over it, key by key.
 */
export function testConfig(changes: DeepPartial<EpiscopeConfig> = {}): EpiscopeConfig {
  return merge(BASE, changes) as EpiscopeConfig;
}

function merge(base: unknown, changes: unknown): unknown {
  if (!isMapping(base) || !isMapping(changes)) return changes === undefined ? base : changes;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) merged[key] = merge(merged[key], value);
  return merged;
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
