/** Runs on the disk: journals, manifest, reader, replayer, repair. Needs Node, or a file system of the same calls. */

export { type Decisions, NOTHING_DECIDED, type RecordCounts } from "./coding/decisions.js";
export type { Clock } from "./disk/clock.js";
export { copyFile } from "./disk/copy-file.js";
export type { Durability } from "./disk/durability.js";
export type { FileSystem } from "./disk/file-system.js";
export { makeDirectories } from "./disk/make-directories.js";
export {
  DiskSpaceError,
  handleStorageError,
  PermissionError,
  runExists,
  runMoved,
  StorageError,
  type StoragePlaces,
  toStorageError,
} from "./disk/storage-errors.js";
export { syncDirectory, writeAtomicallyAsync } from "./disk/write-atomically.js";
export type { JournalIndex } from "./journal/journal-index.js";
export { JournalMaker, type JournalMakerOptions, type SealedEpisode } from "./journal/journal-maker.js";
export { type FoundStep, type JournalProblem, JournalReader } from "./journal/journal-reader.js";
export { JournalWriter } from "./journal/journal-writer.js";
export { type SealResult, sealJournal, writeSealedJournal } from "./journal/seal-journal.js";
export {
  type LogItem,
  type LogProblem,
  LogReader,
  type LogReaderOptions,
  type RunItem,
} from "./log/log-reader.js";
export { LogWriter, type LogWriterOptions } from "./log/log-writer.js";
export { LOG_DIRECTORY, type LogTally, removeLog } from "./log/segments.js";
export { emptyRuns, removeEmptyRuns } from "./repair/empty-runs.js";
export { type RecoverReport, recoverRun } from "./repair/recover.js";
export { type Finding, type FindingKind, type VerifyReport, verifyRun } from "./repair/verify.js";
export { applyCleanup } from "./store/apply-cleanup.js";
export type {
  CleanupLimits,
  CleanupPolicy,
  CleanupStep,
  Inventory,
  InventoryEpisode,
} from "./store/cleanup-policy.js";
export type { EpisodeConfig } from "./store/episode-config.js";
export {
  type CleanupRules,
  EpisodeManager,
  type EpisodeManagerOptions,
  type RunInfo,
  type StartRunOptions,
} from "./store/episode-manager.js";
export type { EpisodeSource } from "./store/episode-source.js";
export { episodeNotFound, exportUnreadable } from "./store/errors.js";
export {
  type ActionLogEntry,
  type DrawnStepLogEntry,
  type EpisodeLogEntry,
  type EpisodeLogHead,
  type EpisodeLogSource,
  type EpisodePictures,
  episodeLogEntry,
  episodeLogHead,
  type GridState,
  type StepLogEntry,
  stepLogEntries,
} from "./store/exports/episode-log.js";
export {
  type ExportedEpisode,
  type ExportReader,
  exportedEpisode,
} from "./store/exports/exported-episode.js";
export { encodeJsonEpisode, JSON_EPISODE_VERSION } from "./store/exports/json-episode.js";
export { jsonExports } from "./store/exports/json-exports.js";
export { exportReaderOf, readExport } from "./store/exports/read-export.js";
export { finishedRuns, type InventoryRun, inventoryEpisode, inventoryOf } from "./store/inventory.js";
export { episodeViewFrom, findEpisode, journalSource } from "./store/journal-view.js";
export {
  EPISODE_JOURNAL,
  MANIFEST_FILE,
  MANIFEST_VERSION,
  type Manifest,
  type ManifestEpisode,
  type ManifestFile,
  manifestEpisode,
  RUN_JOURNAL,
  readManifest,
  writeManifest,
} from "./store/manifest.js";
export { ManifestWriter } from "./store/manifest-writer.js";
export { checkName, compileNameFormat, type NameFormat, stampFormat } from "./store/name-format.js";
export { type EpisodeRecords, episodeViewOf, Replayer } from "./store/replayer.js";
export { holdRunLock, isRunLocked, lockRun, RENEW_MS, renewLock, unlockRun } from "./store/run-lock.js";
export { RunReader, type RunReaderOptions } from "./store/run-reader.js";
export { RunViews } from "./store/views/run-views.js";
export { runHead } from "./stream/run-head.js";
export { RunStream, type RunStreamOptions } from "./stream/run-stream.js";
export { type RunTally, tallyRun } from "./stream/tally-run.js";
