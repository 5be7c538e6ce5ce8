import { describe } from "../statistics/describe.js";
import { shareInterval } from "../statistics/intervals.js";
import type { EpisodeRow } from "../table/step-table.js";
import type { GroupNumbers, Share } from "./analysis.js";

export function groupNumbers(episodes: readonly EpisodeRow[]): GroupNumbers {
  return {
    success: shareOf(episodes),
    returns: describe(episodes.map(({ totals }) => totals.reward)),
    final_similarity: describe(episodes.map(({ totals }) => totals.final_similarity)),
    best_similarity: describe(episodes.map(({ totals }) => totals.best_similarity)),
    steps: describe(episodes.map(({ totals }) => totals.steps)),
  };
}

export function shareOf(episodes: readonly EpisodeRow[]): Share {
  const successes = episodes.filter(({ outcome }) => outcome === "success").length;
  const of = episodes.length;
  return { of, successes, rate: of === 0 ? null : successes / of, interval: shareInterval(successes, of) };
}
