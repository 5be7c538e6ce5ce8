import type { Decisions } from "../coding/decisions.js";
import type { RunItem } from "../log/log-reader.js";
import type { StreamRecord } from "../record/record.js";
import { KeyStepDetector } from "../view/key-steps.js";
import { EpisodeProgress } from "../view/progress.js";
import type { KeyStepReason } from "../view/view.js";

const NO_REASONS: readonly KeyStepReason[] = [];

interface Followed {
  readonly progress: EpisodeProgress;
  readonly detector: KeyStepDetector;
}

/**
 * Decides about the records of a run of version 1, in order, what its recorder did not keep: positions, global steps, why a
 * step is a key step. Priorities are lost, and whether a step is drawn is for the run's config to say.
 */
export class DecisionsAnew {
  readonly #episodes: Map<number, Followed> = new Map();
  #position: number;
  #globalStep: number;

  /** The first record gets the position `first`, the first step the global step `globalStep`. */
  constructor({ first = 0, globalStep = 0 }: { readonly first?: number; readonly globalStep?: number } = {}) {
    this.#position = first - 1;
    this.#globalStep = globalStep - 1;
  }

  decide(record: StreamRecord, number: number): RunItem {
    this.#position += 1;
    if (record.type === "step") this.#globalStep += 1;
    const global_step = this.#globalStep < 0 ? null : this.#globalStep;
    const decisions: Decisions = { global_step, priority: 0, key: this.#reasons(record, number), draw: null };
    const episode = number === 0 ? null : number;
    return { position: this.#position, record, episode, decisions, lost: null };
  }

  #reasons(record: StreamRecord, number: number): readonly KeyStepReason[] {
    if (record.type === "episode-start") {
      const progress = new EpisodeProgress(record, number);
      this.#episodes.set(number, { progress, detector: new KeyStepDetector(progress.initialSimilarity) });
    } else if (record.type === "episode-end") this.#episodes.delete(number);
    const episode = this.#episodes.get(number);
    if (record.type !== "step" || episode === undefined) return NO_REASONS;
    const { selection: _unused, ...action } = record.action;
    return episode.detector.reasons(episode.progress.step({ ...record, action }, undefined, false));
  }
}
