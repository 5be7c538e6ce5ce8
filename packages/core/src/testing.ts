/** For the tests of Episcope and of its plugins. */

export {
  createManualClock,
  emptyEpisode,
  largeEpisode,
  type ManualClock,
  paintingEpisode,
  randomNumbers,
  resizingEpisode,
  type SampleEpisode,
  sampleEpisodes,
  sampleViews,
  stepViewsOf,
  summaryViewOf,
} from "@episcope/records/testing";
export {
  describeCleanupPolicy,
  describeFormat,
  describeHooks,
  describeRenderer,
  describeSink,
  sampleInventory,
  sampleItems,
  type TestRunner,
} from "./testing/contracts.js";
export { createMemoryLogger, createPluginContext, type LoggedMessage } from "./testing/plugin-context.js";
