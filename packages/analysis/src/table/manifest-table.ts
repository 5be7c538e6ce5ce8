import type { RunReader } from "@episcope/records/store";
import { GrowingColumns } from "./growing-columns.js";
import type { StepTable } from "./step-table.js";

/** What the manifest alone says of a run's episodes, as a table without steps: no journal is read. */
export function manifestTable(run: RunReader): StepTable {
  const episodes = run.episodes.map((episode) => ({
    number: episode.number,
    key: episode.key,
    task_id: episode.task_id,
    pair_index: episode.pair_index,
    mode: episode.mode,
    outcome: episode.outcome,
    started: episode.started,
    ended: episode.ended,
    totals: episode.totals,
    meta: {},
    first: 0,
    steps: 0,
    initial_similarity: null,
    final_shape: [0, 0] as const,
    target_shape: null,
  }));
  return { episodes, operations: [], ...new GrowingColumns().finish() };
}
