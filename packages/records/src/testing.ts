/** Invented episodes, views and a clock for tests. */
export { createManualClock, type ManualClock } from "./testing/manual-clock.js";
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
