/**
 * Records and what is computed from them, without any `node:` module: all that drawing, analysis and the
 * viewer import of core.
 */

export type { CheckedColumns, NamedColumns, SelectionColumn } from "./columns/check-columns.js";
export type { CheckedStarts } from "./columns/check-starts.js";
export type { NumberColumn } from "./columns/column-arrays.js";
export { ColumnRecords, startRecord, stepRecord } from "./columns/column-records.js";
export { ColumnStream, type OpenColumnsOptions } from "./columns/column-stream.js";
export type { OpenEpisode } from "./columns/environment.js";
export type { GridBuffer } from "./columns/grid-buffer.js";
export type { Refusal } from "./columns/refusals.js";
export type { RowCursor } from "./columns/row-cursor.js";
export type { StartRow } from "./columns/start-row.js";
export {
  type ColumnSizes,
  type EpisodeStarts,
  type IntegerArray,
  MAX_ROWS,
  type NumberArray,
  PADDING,
  type StepColumns,
} from "./columns/step-columns.js";
export type { StepRow } from "./columns/step-row.js";
export { CellBuffer } from "./record/cell-buffer.js";
export {
  bytesEqual,
  checkGrid,
  copyGrid,
  countCells,
  createGrid,
  type Grid,
  gridFromRows,
  gridsEqual,
  gridToRows,
  isRealCell,
  isSide,
  MAX_SIDE,
  MAX_VALUE,
} from "./record/grid.js";
export { gridFromText, gridToText } from "./record/grid-text.js";
export { OPERATION_NAMES, operationName, SUBMIT_OPERATION } from "./record/operations.js";
export { type ParseRecordOptions, parseRecord, RECORD_TYPES } from "./record/parse-record.js";
export { escapePlain, isObject, REFUSED_KEYS, unescapePlain } from "./record/plain.js";
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
} from "./record/record.js";
export { type OnRemark, REMARK_KINDS, type Remark, type RemarkKind } from "./record/remark.js";
export { checkSelection, copySelection, selectionMask } from "./record/selection.js";
export { cellAt, differingCells } from "./view/differing-cells.js";
export { EpisodeCheck } from "./view/episode-check.js";
export { type DetectKeySteps, EpisodeTracker } from "./view/episode-tracker.js";
export { KeyStepDetector, NEW_BEST_MARGIN, SIMILARITY_LEAP } from "./view/key-steps.js";
export { outcomeOf } from "./view/outcome.js";
export { EpisodeProgress, type ProgressCheckpoint } from "./view/progress.js";
export { RewardOutlierDetector } from "./view/reward-outlier.js";
export { gridSimilarity } from "./view/similarity.js";
export { stepTrouble } from "./view/step-trouble.js";
export {
  COMPARISON_TYPES,
  type ColorScheme,
  type ComparisonType,
  type ComparisonView,
  DEFAULT_PICTURE_SETTINGS,
  type EpisodeHead,
  type EpisodeSeries,
  type EpisodeView,
  type ImageQuality,
  KEY_STEP_REASONS,
  type KeyStep,
  type KeyStepReason,
  type MetricsView,
  type PictureLayout,
  type PictureSettings,
  type RunView,
  type StepView,
  type SummaryView,
  type TaskPair,
  type TaskView,
  VIEW_KINDS,
  type View,
  type ViewKind,
} from "./view/view.js";
export { encodeSteps } from "./wire/encode-steps.js";
export { decodeMessagePack, encodeMessagePack } from "./wire/message-pack.js";
export { MessageSplitter } from "./wire/message-splitter.js";
export {
  decodeNdjson,
  decodeNdjsonMessage,
  type EncodeNdjsonOptions,
  encodeNdjson,
  encodeNdjsonMessage,
} from "./wire/ndjson.js";
export { parseMessage } from "./wire/parse-message.js";
export { readJson } from "./wire/read-json.js";
export { RECORD_STREAM_SCHEMA } from "./wire/record-stream-schema.js";
export type { StepsMessage } from "./wire/steps-message.js";
export {
  type AckMessage,
  type AckRequestMessage,
  type DecodeOptions,
  type ErrorMessage,
  type FlushedMessage,
  type FlushMessage,
  type HelloMessage,
  MAX_MESSAGE_BYTES,
  type ProducerMessage,
  type RecorderMessage,
} from "./wire/wire.js";
