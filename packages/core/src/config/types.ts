import type { PictureSettings, PlainObject } from "@episcope/records";
import type { EpisodeConfig } from "@episcope/records/store";

export type DebugLevel = "off" | "minimal" | "standard" | "verbose" | "full";
export type StepPictures = "none" | "key" | "all";
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";
/** What a full queue does: `docs/hooks.md` says what each policy means. */
export type OverflowPolicy =
  | "catch_up"
  | "block"
  | "drop_oldest"
  | "drop_newest"
  | "drop_low_priority"
  | "sample"
  | "error";

/** A config node that names its plugin; keys other than the pipeline's own are the plugin's options. */
export interface PluginNode {
  readonly _target_: string;
  readonly enabled?: boolean;
  readonly overflow?: OverflowPolicy;
  readonly [option: string]: unknown;
}

export type PluginNodes = { readonly [name: string]: PluginNode };

/** The `visualization` group: what is drawn. */
export interface VisualizationConfig extends PictureSettings {
  readonly debug_level: DebugLevel;
  /** Names of entries of `renderers`. */
  readonly output_formats: readonly string[];
  readonly step_pictures: "auto" | StepPictures;
  readonly summary_picture: "auto" | boolean;
  readonly state_dumps: "auto" | boolean;
  readonly renderers: PluginNodes;
}

/** `logging.async_logger`. */
export interface AsyncLoggerConfig {
  /** Entries per sink. */
  readonly queue_size: number;
  /** Bytes over all queues. */
  readonly queue_bytes: number;
  /** Threads that draw; each sink has one beside them. 0: everything in process. */
  readonly worker_threads: number;
  /** Records that a sink gets in one `write`, at most. */
  readonly batch_size: number;
  /** Seconds: longest time a record waits before it is written. */
  readonly flush_interval: number;
  /** Whether sealed journal files are compressed. */
  readonly enable_compression: boolean;
  /** Seconds that an interrupted run may take to close before what remains is dropped and counted. */
  readonly shutdown_timeout: number;
  /** Seconds that one call of a sink or renderer may take before it gets nothing more. */
  readonly worker_timeout: number;
}

/** `logging.performance_monitor`. */
export interface PerformanceMonitorConfig {
  /** Share of the producer's time that recording may take before detail is reduced; null = never reduce. */
  readonly target_overhead: number | null;
}

/** The `log_format` that makes no export: an episode is its journal alone. */
export const NO_FORMAT: string = "none";

/** The `logging` group: what is kept, and who gets it. A mapping with a `_target_` beside these keys is a sink too. */
export interface LoggingConfig {
  /** False: no journal, hence no replay. */
  readonly structured_logging: boolean;
  /** Name of an entry of `formats`; "none": no export is made. */
  readonly log_format: string;
  /** Whether the export of `log_format` is compressed. */
  readonly compression: boolean;
  readonly include_full_states: boolean;
  readonly log_level: LogLevel;
  readonly formats: PluginNodes;
  readonly async_logger: AsyncLoggerConfig;
  readonly performance_monitor: PerformanceMonitorConfig;
  readonly sinks: PluginNodes;
}

/** The `storage` group: where runs go. */
export interface StorageConfig extends EpisodeConfig {
  readonly policies: PluginNodes;
}

/** The composed config of a run. Keys of a verb's own primary config may stand beside the groups. */
export interface EpiscopeConfig {
  readonly visualization: VisualizationConfig;
  readonly logging: LoggingConfig;
  readonly storage: StorageConfig;
  readonly hydra?: PlainObject;
}
