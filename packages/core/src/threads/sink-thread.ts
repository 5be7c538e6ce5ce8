import { MessageChannel, type Worker } from "node:worker_threads";
import type { Logger } from "../contract/plugin.js";
import { CallChannel } from "./call-channel.js";
import {
  type HookName,
  PROGRESS,
  type SinkNews,
  type SinkNotice,
  type SinkRequest,
  type SinkSetup,
} from "./sink-messages.js";
import { onThreadEnd, startThread } from "./start-thread.js";
import { unpackError } from "./thread-errors.js";

export interface SinkThreadOptions {
  readonly setup: SinkSetup;
  readonly logger: Logger;
  /** The sink listens to a hook. */
  onTap(hook: HookName): void;
  /** A tap of the sink failed. */
  onProblem(error: unknown): void;
  /** The thread is gone, nobody asked for that, and no call was without an answer to say so. */
  onIdleEnd(reason: string): void;
  /** Called again and again while this thread stands still for the sink's. */
  onWait?(): void;
}

/** Longest time that this thread stands still without a sign of life. */
const WAIT_MS = 50;

/**
 * One worker thread with one sink in it. It is started at once, answers calls, and is never started again. While it owes
 * an answer it keeps the process alive, else it does not.
 */
export class SinkThread {
  readonly #options: SinkThreadOptions;
  readonly #worker: Worker;
  readonly #channel: CallChannel<SinkRequest, SinkNotice, SinkNews>;
  readonly #closePort: () => void;
  readonly #progress: Int32Array;
  #events = 0;

  constructor(options: SinkThreadOptions) {
    this.#options = options;
    // A port of its own, which can be read synchronously, unlike the thread's.
    const { port1, port2 } = new MessageChannel();
    this.#closePort = () => port1.close();
    const shared = new SharedArrayBuffer(12);
    this.#progress = new Int32Array(shared);
    this.#channel = new CallChannel<SinkRequest, SinkNotice, SinkNews>({
      port: port1,
      logger: options.logger,
    });
    this.#channel.listen((news) => {
      if (news.type === "tapped") options.onTap(news.hook);
      else options.onProblem(unpackError(news.error));
    });
    const data = { ...options.setup, port: port2, progress: shared };
    this.#worker = startThread("sink", data, [port2]);
    onThreadEnd(this.#worker, (reason) => this.#end(reason));
  }

  /** Why it takes no more calls; null while it does. */
  get ended(): string | null {
    return this.#channel.ended;
  }

  /** Events that the thread has not handled yet. */
  get backlog(): number {
    return this.#events - Atomics.load(this.#progress, PROGRESS.events);
  }

  /** Rejects with what the sink threw, or WORKER_ENDED. Throws if the request cannot be copied. */
  call<Result>(request: SinkRequest, onAnswer?: (isDone: boolean) => void): Promise<Result> {
    return this.#channel.call<Result>(request, onAnswer);
  }

  /** Tells of a hook that nobody waits for. */
  tell(hook: HookName, args: readonly unknown[]): void {
    if (this.ended !== null) return;
    this.#channel.tell({ do: "event", hook, args });
    this.#events += 1;
  }

  abort(): void {
    this.#channel.tell({ do: "abort" });
  }

  /**
   * Stops this thread until `isDone`, reading answers as they come; false if `timeoutMs` pass first. Whoever waits for the
   * promise of a call hears of it later.
   */
  waitUntil(isDone: () => boolean, timeoutMs: number): boolean {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const seen = Atomics.load(this.#progress, PROGRESS.any);
      this.#channel.receiveNow();
      if (isDone()) return true;
      const left = until - performance.now();
      if (left <= 0 || this.ended !== null || Atomics.load(this.#progress, PROGRESS.ended) > 0) return false;
      this.#options.onWait?.();
      Atomics.wait(this.#progress, PROGRESS.any, seen, Math.min(left, WAIT_MS));
    }
  }

  /** Ends the thread at once; calls without an answer are rejected with this reason. */
  async terminate(reason: string): Promise<void> {
    this.#close(reason);
    await this.#worker.terminate();
  }

  #end(reason: string): void {
    if (this.ended !== null) return;
    // What it answered before it ended has come, but may not have been read.
    this.#channel.receiveNow();
    const isIdle = this.#channel.pending === 0;
    this.#close(reason);
    if (isIdle) this.#options.onIdleEnd(reason);
  }

  #close(reason: string): void {
    if (this.ended !== null) return;
    this.#closePort();
    this.#channel.end(reason);
  }
}
