import { composeSync } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import {
  type EpiscopeConfig,
  type Logger,
  type OpenRunOptions,
  openRun,
  presetDirectory,
  type Run,
} from "@episcope/core";

/** Log only: no pictures, no exports, whatever a row adds to that. */
const BASE = [
  "visualization=debug_off",
  "logging=local_only",
  "+logging.formats.json.enabled=false",
  "storage.min_free_gb=0",
];

/** A config of the presets, with the overrides of a row. */
export function faultConfig(overrides: readonly string[]): EpiscopeConfig {
  const source = fileSource(presetDirectory());
  const { config } = composeSync({
    source,
    name: "config",
    overrides: [...BASE, ...overrides],
    env: {},
    now: new Date(),
  });
  // The preset tree has this type; `openRun` checks it.
  return config as unknown as EpiscopeConfig;
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
  const { logger, lines } = collectLines();
  const config = faultConfig([
    `storage.base_output_dir=${JSON.stringify(base)}`,
    "storage.run_name=run",
    ...overrides,
  ]);
  return { run: await openRun(config, { process: null, logger, cwd: base, ...options }), lines };
}

export function collectLines(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}
