/**
 * The door for programs and plugins: compose a config, open a run, write a plugin. How a run is read again is in
 * `@episcope/records/store`, records and views are in `@episcope/records`; what a user of a run needs of them is here too.
 */

export { type ComposeOptions, type Composition, compose } from "@episcope/config";
export { EpiscopeError } from "@episcope/errors";
export {
  type Action,
  createGrid,
  type Grid,
  gridFromRows,
  type Selection,
  type StepColumns,
  type View,
} from "@episcope/records";
export {
  type CleanupPolicy,
  type Clock,
  DiskSpaceError,
  EpisodeManager,
  type EpisodeSource,
  type FileSystem,
  handleStorageError,
  PermissionError,
  Replayer,
  RunReader,
  StorageError,
  type StoragePlaces,
} from "@episcope/records/store";
export { checkCombinations } from "./config/check-combinations.js";
export { checkConfig } from "./config/check-config.js";
export { createDebugConfig, type DebugConfig, debugConfigToOverrides } from "./config/debug-config.js";
export { presetDirectory } from "./config/preset-directory.js";
export { CONFIG_SCHEMA } from "./config/schema.js";
export type {
  AsyncLoggerConfig,
  EpiscopeConfig,
  LoggingConfig,
  OverflowPolicy,
  PluginNode,
  StorageConfig,
  VisualizationConfig,
} from "./config/types.js";
export type { RunHooks } from "./contract/hooks.js";
export {
  definePlugin,
  type JsonSchema,
  type Logger,
  type PluginContext,
  type PluginDefinition,
  type PluginKind,
} from "./contract/plugin.js";
export type {
  Artifact,
  Format,
  HooksPlugin,
  PictureSize,
  RecordItem,
  Renderer,
  RunIdentity,
  Sink,
  SinkItem,
} from "./contract/roles.js";
export {
  CLOCK,
  EPISODE_MANAGER,
  type EpisodeKeySteps,
  FILE_SYSTEM,
  formatToken,
  KEY_STEP_DETECTION,
  type KeyStepDetection,
  LOGGER,
  policyToken,
  RUN_IDENTITY,
  rendererToken,
  type Services,
  type ServiceToken,
  STEP_TRIGGER,
  type StepTrigger,
  serviceToken,
  sinkToken,
} from "./contract/services.js";
export { createClock, createConsoleLogger } from "./host/console-logger.js";
export { createContainer, type DependencyContainer } from "./host/container.js";
export { type DescribedPlugins, describePlugins, type PluginPlacement } from "./host/describe-plugins.js";
export type { PluginEntry, PluginModule } from "./host/plugin-registry.js";
export { STRUCTURED_LOGGER, StructuredLogger } from "./log/structured-logger.js";
export { AsyncLogger } from "./output/async-logger.js";
export { openVisualizer } from "./output/open-visualizer.js";
export { PartialFailure } from "./output/sink-lane.js";
export { type PictureFiles, RENDERERS, VISUALIZER, Visualizer } from "./output/visualizer.js";
export { openCleanup } from "./pipeline/open-cleanup.js";
export {
  PERFORMANCE_MONITOR,
  PerformanceMonitor,
  type PerformanceReport,
} from "./pipeline/performance-monitor.js";
export type { Problem } from "./pipeline/problem-log.js";
export type { StepInput } from "./pipeline/step-input.js";
export { CONSOLE_FILE, type ConsoleChunk } from "./run/console-file.js";
export type { IncompleteOutput } from "./run/incomplete-outputs.js";
export {
  type ConfigLock,
  type LockCommand,
  lockFileOf,
  lockText,
  lockValues,
  makeLock,
  readLock,
  stampByLock,
} from "./run/lock-file.js";
export type { ResumeRunOptions } from "./run/open-recorded-run.js";
export { type OpenRunOptions, openRun } from "./run/open-run.js";
export { type RenderReport, renderMissing } from "./run/render-missing.js";
export { type ResumeReport, resumeRun } from "./run/resume-run.js";
export type { FlushOptions, FlushReport, Run, RunStats } from "./run/run.js";
export type { Episode, StartEpisodeOptions, StepResult } from "./run/run-episode.js";
export type { SavedConfig } from "./run/run-files.js";
export { type SendReport, type SendRunOptions, sendRun } from "./run/send-run.js";
export type { StepsResult } from "./run/take-columns.js";
