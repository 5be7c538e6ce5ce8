import type { StepRecord, StepView } from "@episcope/records";
import { encodeNdjson } from "@episcope/records";
import type { EpisodeManager } from "@episcope/records/store";

/** By the producer's clock, in seconds. */
export interface StepTiming {
  /** Since the start of its episode. */
  readonly since_start: number;
  /** Since the step before, of the first since the start. */
  readonly since_previous: number;
}

/** A step to be written as a file. */
export interface StepToDump {
  readonly record: StepRecord;
  readonly view: StepView;
  readonly timing: StepTiming;
}

/**
 * Writes a step as `<step>.json` beside its pictures: the record in the form of the wire, with what the pipeline
 * computed of it. `time` is the producer's, in Unix seconds.
 */
export function dumpStep(
  manager: EpisodeManager,
  episode: number,
  { record, view, timing }: StepToDump,
): void {
  const wire = JSON.parse(encodeNdjson({ ...record, before: view.before })) as Record<string, unknown>;
  const { reward_total, similarity, similarity_change, best_similarity, reasons } = view;
  const dump = {
    ...wire,
    derived: { reward_total, similarity, similarity_change, best_similarity, reasons },
    timing,
  };
  const path = manager.getStepPath(episode, record.step, "json");
  manager.writeEpisodeFile(episode, path, Buffer.from(`${JSON.stringify(dump)}\n`));
}
