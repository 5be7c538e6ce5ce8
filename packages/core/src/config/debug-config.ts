import type { ColorScheme } from "@episcope/records";
import type { DebugLevel } from "./types.js";

/** The original design's `DebugConfig`: a typed convenience over the keys of the config tree, each optional. */
export interface DebugConfig {
  readonly level?: DebugLevel;
  readonly outputDir?: string;
  readonly formats?: readonly string[];
  readonly maxEpisodes?: number;
  readonly cleanupPolicy?: string;
  /** 10^9 bytes. */
  readonly maxStorageGb?: number;
  /** False: everything in process. */
  readonly asyncLogging?: boolean;
  readonly queueSize?: number;
  readonly showCoordinates?: boolean;
  readonly showOperationNames?: boolean;
  readonly highlightChanges?: boolean;
  readonly colorScheme?: ColorScheme;
  /** Option of the `logging` group: `local_only`, `wandb_basic`, `wandb_full`. */
  readonly logging?: string;
  /** Keys of `logging.wandb`. */
  readonly wandb?: {
    readonly [key: string]: string | number | boolean | null | readonly (string | number)[];
  };
}

type WithDefault =
  | "level"
  | "outputDir"
  | "formats"
  | "maxEpisodes"
  | "cleanupPolicy"
  | "maxStorageGb"
  | "asyncLogging"
  | "queueSize"
  | "showCoordinates"
  | "showOperationNames"
  | "highlightChanges"
  | "colorScheme";

/** The defaults of the original design. */
const DEFAULTS: Required<Pick<DebugConfig, WithDefault>> = {
  level: "standard",
  outputDir: "outputs/debug",
  formats: ["svg"],
  maxEpisodes: 100,
  cleanupPolicy: "size_based",
  maxStorageGb: 5,
  asyncLogging: true,
  queueSize: 1000,
  showCoordinates: false,
  showOperationNames: true,
  highlightChanges: true,
  colorScheme: "default",
};

/** A `DebugConfig` as the original design has it: what is not said has its default there. */
export function createDebugConfig(
  debug: DebugConfig = {},
): DebugConfig & Required<Pick<DebugConfig, WithDefault>> {
  return { ...DEFAULTS, ...debug };
}

const KEY_OF: {
  readonly [Name in Exclude<keyof DebugConfig, "asyncLogging" | "logging" | "wandb">]: string;
} = {
  level: "visualization.debug_level",
  outputDir: "storage.base_output_dir",
  formats: "visualization.output_formats",
  maxEpisodes: "storage.max_episodes_per_run",
  cleanupPolicy: "storage.cleanup_policy",
  maxStorageGb: "storage.max_storage_gb",
  queueSize: "logging.async_logger.queue_size",
  showCoordinates: "visualization.show_coordinates",
  showOperationNames: "visualization.show_operation_names",
  highlightChanges: "visualization.highlight_changes",
  colorScheme: "visualization.color_scheme",
};

/** The overrides, in Hydra's grammar, that say what a `DebugConfig` says; groups come first. */
export function debugConfigToOverrides(debug: DebugConfig): string[] {
  const overrides: string[] = [];
  if (debug.logging !== undefined) overrides.push(`logging=${debug.logging}`);
  for (const [name, key] of Object.entries(KEY_OF)) {
    const value = debug[name as keyof typeof KEY_OF];
    if (value !== undefined) overrides.push(`${key}=${written(value)}`);
  }
  if (debug.asyncLogging === false) overrides.push("logging.async_logger.worker_threads=0");
  for (const [key, value] of Object.entries(debug.wandb ?? {}))
    overrides.push(`logging.wandb.${key}=${written(value)}`);
  return overrides;
}

/** Texts are quoted always: quotes are the only form that every text has. */
function written(value: string | number | boolean | null | readonly (string | number)[]): string {
  if (typeof value === "string") return `'${value.replace(/\\+(?='|$)/g, "$&$&").replaceAll("'", "\\'")}'`;
  if (typeof value === "object" && value !== null) return `[${value.map(written).join(",")}]`;
  return String(value);
}
