import type { Worker } from "node:worker_threads";
import { CONTROL } from "./layout.js";
import type { RingMemory } from "./ring-memory.js";
import type { PipelineRequest } from "./thread-messages.js";

export interface ThreadCallsOptions {
  readonly worker: Worker;
  readonly memory: RingMemory;
  /** Longest time without a sign of life of the thread, while it owes an answer. */
  readonly patienceMs: number;
  onSilence(): void;
}

/** What the pipeline's thread owes. Only then it keeps the process alive, and is watched. */
export class ThreadCalls {
  readonly #options: ThreadCallsOptions;
  readonly #answers: Map<number, (errors: readonly unknown[]) => void> = new Map();
  /** By the number of the episode. */
  readonly #ends: Map<number, () => void> = new Map();
  #next = 0;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: ThreadCallsOptions) {
    this.#options = options;
  }

  /** Resolves with what went wrong. */
  ask(request: (id: number) => PipelineRequest): Promise<readonly unknown[]> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#hold();
      this.#options.worker.postMessage(request(id));
    });
  }

  /** Resolves when the episode is sealed and exported. */
  end(episode: number): Promise<void> {
    return new Promise((resolve) => {
      this.#ends.set(episode, resolve);
      this.#hold();
    });
  }

  answer(id: number, errors: readonly unknown[]): void {
    this.#answers.get(id)?.(errors);
    this.#answers.delete(id);
    this.#letGo();
  }

  ended(episode: number): void {
    this.#ends.get(episode)?.();
    this.#ends.delete(episode);
    this.#letGo();
  }

  /** The thread is gone: nobody waits for it any more. */
  abandon(errors: readonly unknown[]): void {
    for (const resolve of this.#answers.values()) resolve(errors);
    for (const resolve of this.#ends.values()) resolve();
    this.#answers.clear();
    this.#ends.clear();
    this.#letGo();
  }

  #hold(): void {
    if (this.#watch !== null) return;
    const { worker, memory, patienceMs, onSilence } = this.#options;
    worker.ref();
    let beat: number | null = null;
    this.#watch = setInterval(() => {
      const next = Atomics.load(memory.control, CONTROL.beat);
      if (next === beat) onSilence();
      beat = next;
      // One that sleeps has a beat when it is woken.
      worker.postMessage({ do: "wake" } satisfies PipelineRequest);
    }, patienceMs).unref();
  }

  #letGo(): void {
    if (this.#watch === null || this.#answers.size + this.#ends.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = null;
    this.#options.worker.unref();
  }
}
