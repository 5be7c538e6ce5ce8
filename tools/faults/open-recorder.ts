import { type EpiscopeConfig, type OpenRunOptions, openRun, type Run } from "@episcope/core";
import { collectLines } from "@episcope/testing/collect-lines";
import { presetConfig } from "@episcope/testing/preset-config";

/** Log only: no pictures, no exports, whatever a row adds to that. */
const BASE = [
  "visualization=debug_off",
  "logging=local_only",
  "+logging.formats.json.enabled=false",
  "storage.min_free_gb=0",
];

/** A config of the presets, with the overrides of a row. */
export function faultConfig(overrides: readonly string[]): EpiscopeConfig {
  return presetConfig([...BASE, ...overrides]);
}

export interface FaultRun {
  readonly run: Run;
  /** What it told the user, one line each: "warn …". */
  readonly lines: readonly string[];
}

/** Opens a run below `base`; it does not watch the process unless asked. */
export async function openFaultRun(
  base: string,
  overrides: readonly string[] = [],
  options: OpenRunOptions = {},
): Promise<FaultRun> {
  const { logger, lines } = collectLines({ debug: false });
  const config = faultConfig([
    `storage.base_output_dir=${JSON.stringify(base)}`,
    "storage.run_name=run",
    ...overrides,
  ]);
  return { run: await openRun(config, { process: null, logger, cwd: base, ...options }), lines };
}
