import { composeSync } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { type EpiscopeConfig, type OpenRunOptions, openRun, presetDirectory, type Run } from "@episcope/core";

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A run of the presets that keeps the log only, below `base`. */
export function openBenchRun(
  base: string,
  overrides: readonly string[] = [],
  options: OpenRunOptions = {},
): Promise<Run> {
  const { config } = composeSync({
    source: fileSource(presetDirectory()),
    name: "config",
    overrides: [
      "visualization=debug_off",
      "logging=local_only",
      "+logging.formats.json.enabled=false",
      "storage.min_free_gb=0",
      `storage.base_output_dir=${JSON.stringify(base)}`,
      ...overrides,
    ],
    env: {},
    now: new Date(),
  });
  return openRun(config as unknown as EpiscopeConfig, { process: null, logger: SILENT, ...options });
}
