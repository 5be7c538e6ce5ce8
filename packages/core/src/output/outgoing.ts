import type { StepView, StreamRecord, SummaryView } from "@episcope/records";
import { EpisodeTracker } from "@episcope/records";
import type { RunHooks } from "../contract/hooks.js";

/** What sinks see of a record. */
export interface Passed {
  /** Null: it is withheld. */
  readonly record: StreamRecord | null;
  /** Of a step, or of the last one at an episode's end: what their pictures are drawn from; null where there is none. */
  readonly view: StepView | null;
  /** Of an episode's end. */
  readonly summary: SummaryView | null;
}

/**
 * Passes the records of a run, in their order, through the hook `outgoing`, and follows the episodes as they come out of it, so that the
 * pictures that sinks get show nothing else.
 */
export class Outgoing {
  readonly #hook: RunHooks["outgoing"];
  readonly #trackers: Map<number, EpisodeTracker> = new Map();

  constructor({ outgoing }: RunHooks) {
    this.#hook = outgoing;
  }

  /** `episode` is its number in the run; null for records of the run. */
  pass(given: StreamRecord, episode: number | null): Passed {
    const record = this.#hook.call(ownCopy(given), episode);
    if (episode === null || record === null) return { record, view: null, summary: null };
    switch (record.type) {
      case "episode-start":
        this.#trackers.set(episode, new EpisodeTracker(record, episode));
        return { record, view: null, summary: null };
      case "step":
        return { record, view: this.#trackers.get(episode)?.step(record) ?? null, summary: null };
      case "episode-end": {
        const tracker = this.#trackers.get(episode);
        this.#trackers.delete(episode);
        return { record, view: tracker?.lastView ?? null, summary: tracker?.summary(record) ?? null };
      }
      default:
        return { record, view: null, summary: null };
    }
  }
}

/** So that a tap which changes `info` or `meta` where it stands changes nothing that the journal or others have. */
function ownCopy(record: StreamRecord): StreamRecord {
  if (record.type === "step") return { ...record, info: structuredClone(record.info) };
  if (record.type === "episode-start" || record.type === "run-start")
    return { ...record, meta: structuredClone(record.meta) };
  return { ...record };
}
