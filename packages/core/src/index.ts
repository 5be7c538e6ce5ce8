export { EpiscopeError } from "@episcope/config/errors";
export { checkCombinations } from "./config/check-combinations.js";
export { checkConfig } from "./config/check-config.js";
export { presetDirectory } from "./config/preset-directory.js";
export {
  CONFIG_SCHEMA,
  LOGGING_SCHEMA,
  OVERFLOW_POLICIES,
  STORAGE_SCHEMA,
  VISUALIZATION_SCHEMA,
} from "./config/schema.js";
export type {
  AsyncLoggerConfig,
  DebugLevel,
  EpiscopeConfig,
  EpisodeConfig,
  LoggingConfig,
  LogLevel,
  OverflowPolicy,
  PluginNode,
  PluginNodes,
  StepPictures,
  VisualizationConfig,
  WandbConfig,
} from "./config/types.js";
export {
  EpisodeManager,
  type EpisodeManagerOptions,
  type RunInfo,
  type StartRunOptions,
} from "./episode/episode-manager.js";
export {
  MANIFEST_FILE,
  type Manifest,
  type ManifestEpisode,
  type ManifestFile,
} from "./episode/manifest.js";
export { compileNameFormat, type NameFormat } from "./episode/name-format.js";
export { type RecoverReport, recoverRun } from "./episode/recover.js";
export { type EpisodeRecords, Replayer } from "./episode/replayer.js";
export { RunReader, type RunReaderOptions } from "./episode/run-reader.js";
export { DiskSpaceError, PermissionError, StorageError, toStorageError } from "./episode/storage-errors.js";
export { type Finding, type FindingKind, type VerifyReport, verifyRun } from "./episode/verify.js";
export {
  AsyncLogger,
  type AsyncLoggerOptions,
  type NamedSink,
  type PictureJob,
} from "./pipeline/async-logger.js";
export { configHash } from "./pipeline/config-hash.js";
export { createClock, createConsoleLogger } from "./pipeline/console-logger.js";
export {
  CLOCK,
  createContainer,
  type DependencyContainer,
  FILE_SYSTEM,
  formatToken,
  LOGGER,
  rendererToken,
  sinkToken,
} from "./pipeline/container.js";
export { createRunHooks, type RunHooks } from "./pipeline/hooks.js";
export { type OpenRunOptions, openRun } from "./pipeline/open-run.js";
export { type OpenVisualizerOptions, openVisualizer } from "./pipeline/open-visualizer.js";
export {
  type Clock,
  definePlugin,
  type FileSystem,
  type JsonSchema,
  type Logger,
  type PluginContext,
  type PluginDefinition,
  type PluginKind,
  type PluginPaths,
  type PluginRoles,
} from "./pipeline/plugin.js";
export { type PluginEntry, type PluginModule, PluginRegistry } from "./pipeline/plugin-registry.js";
export type { Problem } from "./pipeline/problem-log.js";
export type {
  Artifact,
  CleanupLimits,
  CleanupPolicy,
  CleanupStep,
  EpisodeSource,
  Format,
  HooksPlugin,
  Inventory,
  InventoryEpisode,
  RecordItem,
  Renderer,
  RunIdentity,
  Sink,
  SinkItem,
} from "./pipeline/roles.js";
export type {
  EndOptions,
  Episode,
  FlushReport,
  Run,
  RunStats,
  StartEpisodeOptions,
  StepInput,
  StepOptions,
  StepResult,
} from "./pipeline/run.js";
export type { SavedConfig } from "./pipeline/run-files.js";
export { type DrawingPlan, drawingPlan, drawsStep } from "./pipeline/trigger.js";
export {
  type NamedRenderer,
  type PictureFiles,
  type PicturePlace,
  Visualizer,
} from "./pipeline/visualizer.js";
export * from "./records.js";
