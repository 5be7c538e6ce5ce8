/** For the tests of Episcope and of its plugins. */
export {
  describeFormat,
  describeRenderer,
  describeSink,
  sampleItems,
  type TestRunner,
} from "./testing/contracts.js";
export { createManualClock, type ManualClock } from "./testing/manual-clock.js";
export { createMemoryLogger, createPluginContext, type LoggedMessage } from "./testing/plugin-context.js";
export {
  emptyEpisode,
  largeEpisode,
  paintingEpisode,
  randomNumbers,
  resizingEpisode,
  type SampleEpisode,
  sampleEpisodes,
} from "./testing/sample-episodes.js";
export { sampleViews, stepViewsOf, summaryViewOf } from "./testing/sample-views.js";
