import type { EpisodeRecorder } from "@episcope/arc-env";
import {
  type EpisodeStartRecord,
  EpisodeTracker,
  encodeNdjson,
  encodeNdjsonMessage,
  STREAM_VERSION,
  type StepRecord,
} from "@episcope/records";

interface RecordEmitterOptions {
  /** Gets each message as a line with its line feed; awaited at the end of an episode. */
  write(line: string): Promise<void>;
  /** Unix seconds. */
  now(): number;
  /** Name and version of the program. */
  readonly producer: string;
}

/** Writes the record stream that a recorder would have taken, as NDJSON: `play --emit ndjson`. */
export class RecordEmitter implements EpisodeRecorder {
  readonly #options: RecordEmitterOptions;
  #seq = 0;
  #episodes = 0;
  #written: Promise<void>;

  constructor(options: RecordEmitterOptions) {
    this.#options = options;
    const { producer } = options;
    this.#written = options.write(
      `${encodeNdjsonMessage({ type: "hello", version: STREAM_VERSION, producer })}\n`,
    );
  }

  startEpisode(
    options: Parameters<EpisodeRecorder["startEpisode"]>[0],
  ): ReturnType<EpisodeRecorder["startEpisode"]> {
    this.#episodes += 1;
    const key = String(this.#episodes);
    const start: EpisodeStartRecord = {
      type: "episode-start",
      seq: this.#seq++,
      episode: key,
      time: this.#options.now(),
      task_id: options.taskId,
      pair_index: options.pairIndex,
      mode: options.mode,
      initial: options.initial,
      input: options.input,
      target: options.target,
      meta: options.meta,
    };
    const tracker = new EpisodeTracker(start, this.#episodes);
    this.#emit(encodeNdjson(start));
    return {
      step: (input) => {
        const record: StepRecord = {
          type: "step",
          seq: this.#seq++,
          episode: key,
          step: tracker.totals.steps,
          time: this.#options.now(),
          ...input,
        };
        tracker.step(record);
        this.#emit(encodeNdjson(record));
      },
      end: ({ outcome }) => {
        const { totals } = tracker;
        const time = this.#options.now();
        this.#emit(
          encodeNdjson({ type: "episode-end", seq: this.#seq++, episode: key, time, outcome, totals }),
        );
        return this.#written;
      },
    };
  }

  #emit(line: string): void {
    this.#written = this.#written.then(() => this.#options.write(`${line}\n`));
  }

  /** Resolves when everything has been written. */
  finish(): Promise<void> {
    return this.#written;
  }
}
