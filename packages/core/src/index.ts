export { EpiscopeError } from "@episcope/config/errors";
export { checkCombinations } from "./config/check-combinations.js";
export { checkConfig } from "./config/check-config.js";
export { type DebugConfig, debugConfigToOverrides } from "./config/debug-config.js";
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
  Durability,
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
  type ActionLogEntry,
  type EpisodeLogEntry,
  type EpisodeLogHead,
  type EpisodeLogSource,
  episodeLogEntry,
  episodeLogHead,
  type GridState,
  type StepLogEntry,
  stepLogEntries,
} from "./episode/episode-log.js";
export {
  EpisodeManager,
  type EpisodeManagerOptions,
  type RunInfo,
  type StartRunOptions,
} from "./episode/episode-manager.js";
export { type FoundStep, type JournalProblem, JournalReader } from "./episode/journal/journal-reader.js";
export { JournalTail } from "./episode/journal/journal-tail.js";
export { JournalWriter } from "./episode/journal/journal-writer.js";
export { type SealResult, sealJournal, writeSealedJournal } from "./episode/journal/seal-journal.js";
export { encodeJsonEpisode, JSON_EPISODE_VERSION } from "./episode/json-episode.js";
export {
  MANIFEST_FILE,
  MANIFEST_VERSION,
  type Manifest,
  type ManifestEpisode,
  type ManifestFile,
  readManifest,
} from "./episode/manifest.js";
export { compileNameFormat, type NameFormat } from "./episode/name-format.js";
export { type RecoverReport, recoverRun } from "./episode/recover.js";
export { type EpisodeRecords, episodeViewOf, Replayer } from "./episode/replayer.js";
export { RunReader, type RunReaderOptions } from "./episode/run-reader.js";
export {
  DiskSpaceError,
  handleStorageError,
  PermissionError,
  type StorageAnswer,
  StorageError,
  toStorageError,
} from "./episode/storage-errors.js";
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
  policyToken,
  rendererToken,
  sinkToken,
} from "./pipeline/container.js";
export { type DescribedPlugins, describePlugins, type PluginPlacement } from "./pipeline/describe-plugins.js";
export { createRunHooks, type RunHooks } from "./pipeline/hooks.js";
export { type Cleanup, openCleanup } from "./pipeline/open-cleanup.js";
export { type OpenRunOptions, openRun } from "./pipeline/open-run.js";
export { type OpenVisualizerOptions, openVisualizer } from "./pipeline/open-visualizer.js";
export {
  type DetailChange,
  type DrawingDetail,
  type MeasuredCall,
  PerformanceMonitor,
  type PerformanceMonitorOptions,
  type PerformanceReport,
  type StepImpact,
} from "./pipeline/performance-monitor.js";
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
export type { PluginPlace } from "./pipeline/plugin-place.js";
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
export type { FlushReport, Run, RunStats } from "./pipeline/run.js";
export type {
  EndOptions,
  Episode,
  StartEpisodeOptions,
  StepOptions,
  StepResult,
} from "./pipeline/run-episode.js";
export type { SavedConfig } from "./pipeline/run-files.js";
export { PartialFailure } from "./pipeline/sink-lane.js";
export type { StepInput } from "./pipeline/step-input.js";
export { StructuredLogger, type StructuredLoggerOptions } from "./pipeline/structured-logger.js";
export { type DrawingPlan, drawingPlan, drawsStep } from "./pipeline/trigger.js";
export {
  type NamedRenderer,
  type PictureFiles,
  type PicturePlace,
  Visualizer,
} from "./pipeline/visualizer.js";
export {
  type Accounting,
  type AckMessage,
  type AckRequestMessage,
  type Action,
  type BatchRecord,
  bytesEqual,
  type ColorScheme,
  type ComparisonType,
  type ComparisonView,
  checkGrid,
  countCells,
  createGrid,
  DEFAULT_PICTURE_SETTINGS,
  decodeMessagePack,
  decodeNdjson,
  decodeNdjsonMessage,
  type EpisodeEndRecord,
  type EpisodeHead,
  type EpisodeMode,
  EpisodeProgress,
  type EpisodeRecord,
  type EpisodeSeries,
  type EpisodeStartRecord,
  type EpisodeTotals,
  EpisodeTracker,
  type EpisodeView,
  type ErrorMessage,
  encodeMessagePack,
  encodeNdjson,
  encodeNdjsonMessage,
  escapePlain,
  type FlushedMessage,
  type FlushMessage,
  type Grid,
  gridFromRows,
  gridSimilarity,
  gridsEqual,
  gridToRows,
  type HelloMessage,
  type Histogram,
  type ImageQuality,
  isRealCell,
  type KeyStep,
  KeyStepDetector,
  type KeyStepReason,
  MAX_MESSAGE_BYTES,
  MAX_SIDE,
  MAX_VALUE,
  MessageSplitter,
  type MetricsRecord,
  type MetricsView,
  NEW_BEST_MARGIN,
  OPERATION_NAMES,
  type Outcome,
  operationName,
  type ParseRecordOptions,
  type PictureSettings,
  type PlainObject,
  type PlainValue,
  type ProducerMessage,
  type ProgressCheckpoint,
  parseMessage,
  parseRecord,
  RECORD_TYPES,
  type RecorderMessage,
  type RecordType,
  type RunEndRecord,
  type RunStartRecord,
  type RunView,
  type Selection,
  SIMILARITY_LEAP,
  STREAM_VERSION,
  type StepInfo,
  type StepRecord,
  type StepView,
  type StreamRecord,
  SUBMIT_OPERATION,
  type SummaryView,
  selectionMask,
  type TaskPair,
  type TaskView,
  type View,
  type ViewKind,
} from "./records.js";
