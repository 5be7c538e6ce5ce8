/** Search, failure analysis and comparison of what was recorded. */

export type {
  Analysis,
  Contrast,
  EpisodePlace,
  FailureCount,
  FailureExample,
  GroupNumbers,
  MetricCurve,
  OperationUse,
  Share,
  TaskAnalysis,
  TimeWindow,
  WrongCell,
} from "./analyze/analysis.js";
export { type AnalyzeOptions, analyzeRuns } from "./analyze/analyze-runs.js";
export {
  compareEpisodes,
  type EpisodeComparison,
  type EpisodeRef,
  type StepAt,
  type Stretch,
} from "./compare/align-episodes.js";
export {
  compareRuns,
  type PairedDifference,
  type RunComparison,
  type TaskPairing,
} from "./compare/compare-runs.js";
export type { ConfigDifference } from "./compare/config-differences.js";
export { type EpisodeTrace, traceOf } from "./failure/episode-trace.js";
export { FAILURE_MODES, type Failure, type FailureMode } from "./failure/failure-mode.js";
export { findFailures } from "./failure/find-failures.js";
export { FIELDS, type Field, type Read } from "./query/fields.js";
export { FUNCTIONS, type FunctionEntry } from "./query/functions.js";
export { LEVELS, type Level, type Scope } from "./query/scope.js";
export { describeQuery, type Match, type SearchOptions, search } from "./query/search.js";
export { comparisonMarkdown, episodeComparisonMarkdown } from "./report/comparison-markdown.js";
export { MODE_WORDS } from "./report/findings.js";
export { analysisHtml, type ReportOptions } from "./report/html.js";
export { analysisMarkdown } from "./report/markdown.js";
export type { Description } from "./statistics/describe.js";
export { type Interval, shareInterval } from "./statistics/intervals.js";
export { findRuns, isRunDirectory } from "./table/find-runs.js";
export { type OpenTableOptions, openStepTable, TABLE_FILE } from "./table/open-table.js";
export { type RunRow, type RunState, readRunRow } from "./table/run-row.js";
export {
  type EpisodeRow,
  type OperationEntry,
  STEP_FLAG,
  type StepTable,
  UNKNOWN_COUNT,
} from "./table/step-table.js";
