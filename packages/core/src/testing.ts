/** For the tests of Episcope and of its plugins. */
export {
  emptyEpisode,
  largeEpisode,
  paintingEpisode,
  randomNumbers,
  resizingEpisode,
  type SampleEpisode,
  sampleEpisodes,
} from "./testing/sample-episodes.js";
