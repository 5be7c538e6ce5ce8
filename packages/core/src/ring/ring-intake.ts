import { episodeUnknown } from "../contract/errors.js";
import type { EpisodeIntake } from "../pipeline/pipeline.js";
import type { StepInput } from "../pipeline/step-input.js";

/** What the producer knows of an open episode: enough to say whether a step is one. */
export interface OpenEpisode {
  readonly key: string;
  readonly number: number;
  steps: number;
  /** Of the grid before the next step. */
  rows: number;
  columns: number;
  isOpen: boolean;
}

/** False for a step that is not of the usual form, and for every step once the thread is gone. */
export type WriteStep = (
  episode: OpenEpisode,
  step: number,
  seq: number,
  time: number,
  input: StepInput,
  priority: number,
) => boolean;

/** Takes the steps of one episode into the ring. */
export class RingIntake implements EpisodeIntake {
  readonly number: number;
  readonly #episode: OpenEpisode;
  readonly #write: WriteStep;

  constructor(episode: OpenEpisode, write: WriteStep) {
    this.number = episode.number;
    this.#episode = episode;
    this.#write = write;
  }

  get steps(): number {
    if (!this.#episode.isOpen) throw episodeUnknown(this.#episode.key);
    return this.#episode.steps;
  }

  take(seq: number, time: number, input: StepInput, priority: number): boolean | null {
    return this.#write(this.#episode, this.#episode.steps, seq, time, input, priority) ? true : null;
  }
}
