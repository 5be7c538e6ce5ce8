import type { StepRecord, StepView } from "@episcope/records";
import { encodeNdjson } from "@episcope/records";
import type { EpisodeManager } from "@episcope/records/store";

/**
 * Writes a step as `<step>.json` beside its pictures: the record in the form of the wire, with what the pipeline
 * computed of it. `time` is the producer's, in Unix seconds.
 */
export function dumpStep(manager: EpisodeManager, episode: number, record: StepRecord, view: StepView): void {
  const wire = JSON.parse(encodeNdjson({ ...record, before: view.before })) as Record<string, unknown>;
  const { reward_total, similarity, similarity_change, best_similarity, reasons } = view;
  const dump = {
    ...wire,
    derived: { reward_total, similarity, similarity_change, best_similarity, reasons },
  };
  const path = manager.getStepPath(episode, record.step, "json");
  manager.writeEpisodeFile(episode, path, Buffer.from(`${JSON.stringify(dump)}\n`));
}
