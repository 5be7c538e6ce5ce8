import type { ManifestEpisode, RunReader } from "@episcope/records/store";
import { GrowingColumns } from "./growing-columns.js";
import type { EpisodeRow, StepTable } from "./step-table.js";

/** What the manifest alone says of a run's episodes, as a table without steps: no journal is read. */
export function manifestTable(run: RunReader): StepTable {
  const episodes = run.episodes.map((episode) => ({
    ...listedFacts(episode),
    meta: {},
    first: 0,
    steps: 0,
    initial_similarity: null,
    final_shape: [0, 0] as const,
    target_shape: null,
  }));
  return { episodes, operations: [], ...new GrowingColumns().finish() };
}

/** What a manifest lists of an episode and a table keeps. */
export function listedFacts(
  episode: ManifestEpisode,
): Pick<
  EpisodeRow,
  "number" | "key" | "task_id" | "pair_index" | "mode" | "outcome" | "started" | "ended" | "totals"
> {
  const { number, key, task_id, pair_index, mode, outcome, started, ended, totals } = episode;
  return { number, key, task_id, pair_index, mode, outcome, started, ended, totals };
}
