/**
 * Records and what is computed from them, without any `node:` module: all that drawing, analysis and the
 * viewer import of core.
 */

export { EpisodeTracker } from "./episode/episode-tracker.js";
export {
  bytesEqual,
  checkGrid,
  countCells,
  createGrid,
  type Grid,
  gridFromRows,
  gridsEqual,
  gridToRows,
  isRealCell,
  MAX_SIDE,
  MAX_VALUE,
} from "./episode/grid.js";
export { KeyStepDetector, NEW_BEST_MARGIN, SIMILARITY_LEAP } from "./episode/key-steps.js";
export { decodeMessagePack, encodeMessagePack, MessageSplitter } from "./episode/message-pack.js";
export {
  decodeNdjson,
  decodeNdjsonMessage,
  encodeNdjson,
  encodeNdjsonMessage,
} from "./episode/ndjson.js";
export { OPERATION_NAMES, operationName, SUBMIT_OPERATION } from "./episode/operations.js";
export { parseMessage } from "./episode/parse-message.js";
export { type ParseRecordOptions, parseRecord, RECORD_TYPES } from "./episode/parse-record.js";
export { escapePlain } from "./episode/plain.js";
export { EpisodeProgress, type ProgressCheckpoint } from "./episode/progress.js";
export {
  type Accounting,
  type Action,
  type BatchRecord,
  type EpisodeEndRecord,
  type EpisodeMode,
  type EpisodeRecord,
  type EpisodeStartRecord,
  type EpisodeTotals,
  type Histogram,
  type MetricsRecord,
  type Outcome,
  type PlainObject,
  type PlainValue,
  type RecordType,
  type RunEndRecord,
  type RunStartRecord,
  type Selection,
  STREAM_VERSION,
  type StepInfo,
  type StepRecord,
  type StreamRecord,
} from "./episode/record.js";
export { RECORD_STREAM_SCHEMA } from "./episode/record-stream-schema.js";
export { selectionMask } from "./episode/selection.js";
export { gridSimilarity } from "./episode/similarity.js";
export {
  type ColorScheme,
  type ComparisonType,
  type ComparisonView,
  DEFAULT_PICTURE_SETTINGS,
  type EpisodeHead,
  type EpisodeSeries,
  type EpisodeView,
  type ImageQuality,
  type KeyStep,
  type KeyStepReason,
  type MetricsView,
  type PictureSettings,
  type RunView,
  type StepView,
  type SummaryView,
  type TaskPair,
  type TaskView,
  VIEW_KINDS,
  type View,
  type ViewKind,
} from "./episode/view.js";
export {
  type AckMessage,
  type AckRequestMessage,
  type ErrorMessage,
  type FlushedMessage,
  type FlushMessage,
  type HelloMessage,
  MAX_MESSAGE_BYTES,
  type ProducerMessage,
  type RecorderMessage,
} from "./episode/wire.js";
