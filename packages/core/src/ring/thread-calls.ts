import { CONTROL } from "./layout.js";
import type { RingMemory } from "./ring-memory.js";
import type { PipelineChannel, PipelineRequest } from "./thread-messages.js";

export interface ThreadCallsOptions {
  readonly channel: PipelineChannel;
  readonly memory: RingMemory;
  /** Longest time without a sign of life of the thread, while it owes an answer. */
  readonly patienceMs: number;
  onSilence(): void;
}

/** What the pipeline's thread owes. Only then it keeps the process alive, and is watched. */
export class ThreadCalls {
  readonly #options: ThreadCallsOptions;
  /** By the number of the episode. */
  readonly #ends: Map<number, () => void> = new Map();
  /** What answers the calls that the thread will not. */
  #abandoned: { readonly error: unknown } | null = null;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: ThreadCallsOptions) {
    this.#options = options;
  }

  /** Rejects with what was thrown there, or with what `abandon` was given; null of that resolves with undefined. */
  async ask<Result>(request: PipelineRequest): Promise<Result | undefined> {
    const answer = this.#options.channel.call<Result>(request);
    this.#hold();
    try {
      return await answer;
    } catch (error) {
      if (this.#abandoned === null) throw error;
      if (this.#abandoned.error !== null) throw this.#abandoned.error;
      return undefined;
    } finally {
      this.#letGo();
    }
  }

  /** Resolves when the episode is sealed and exported. */
  end(episode: number): Promise<void> {
    return new Promise((resolve) => {
      this.#ends.set(episode, resolve);
      this.#options.channel.hold();
      this.#hold();
    });
  }

  ended(episode: number): void {
    const resolve = this.#ends.get(episode);
    if (resolve === undefined) return;
    this.#ends.delete(episode);
    this.#options.channel.release();
    this.#letGo();
    resolve();
  }

  /** The thread is gone: nobody waits for it any more. `error` is what stands in the way of the records; null if nothing. */
  abandon(error: unknown): void {
    this.#abandoned = { error };
    this.#options.channel.end("the thread of the pipeline is gone");
    for (const episode of [...this.#ends.keys()]) this.ended(episode);
    this.#letGo();
  }

  #hold(): void {
    if (this.#watch !== null) return;
    const { channel, memory, patienceMs, onSilence } = this.#options;
    let beat: number | null = null;
    this.#watch = setInterval(() => {
      const next = Atomics.load(memory.control, CONTROL.beat);
      if (next === beat) onSilence();
      beat = next;
      // One that sleeps has a beat when it is woken.
      channel.tell({ do: "wake" });
    }, patienceMs).unref();
  }

  #letGo(): void {
    if (this.#watch === null || this.#options.channel.pending + this.#ends.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = null;
  }
}
