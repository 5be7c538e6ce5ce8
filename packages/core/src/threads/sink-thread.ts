import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { workerEnded } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import {
  type FromSinkThread,
  type HookName,
  PROGRESS,
  type SinkRequest,
  type SinkSetup,
  type ToSinkThread,
} from "./sink-messages.js";
import { startThread } from "./start-thread.js";
import { unpackError } from "./thread-errors.js";

export interface SinkThreadOptions {
  readonly setup: SinkSetup;
  readonly logger: Logger;
  /** The sink listens to a hook. */
  onTap(hook: HookName): void;
  /** A tap of the sink failed. */
  onProblem(error: Error): void;
  /** The thread is gone, nobody asked for that, and no call was without an answer to say so. */
  onIdleEnd(reason: string): void;
  /** Called again and again while this thread stands still for the sink's. */
  onWait?(): void;
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Told at once, before whoever awaits the promise is. */
  readonly onAnswer: ((isDone: boolean) => void) | undefined;
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
  readonly #port: MessagePort;
  readonly #progress: Int32Array;
  readonly #calls: Map<number, PendingCall> = new Map();
  #nextId = 0;
  #events = 0;
  #ended: string | null = null;

  constructor(options: SinkThreadOptions) {
    this.#options = options;
    const { port1, port2 } = new MessageChannel();
    const shared = new SharedArrayBuffer(12);
    this.#progress = new Int32Array(shared);
    this.#port = port1;
    port1.on("message", (message: FromSinkThread) => this.#receive(message));
    port1.unref();
    const data = { ...options.setup, port: port2, progress: shared };
    this.#worker = startThread("threads/sink-worker-main", data, [port2]);
    this.#worker.on("error", (error) => this.#end(`it failed: ${error.message}`));
    this.#worker.on("exit", (code) => this.#end(`it ended with code ${code}`));
  }

  /** Why it takes no more calls; null while it does. */
  get ended(): string | null {
    return this.#ended;
  }

  /** Events that the thread has not handled yet. */
  get backlog(): number {
    return this.#events - Atomics.load(this.#progress, PROGRESS.events);
  }

  /** Rejects with what the sink threw, or WORKER_ENDED. Throws if the request cannot be copied. */
  call<Result>(request: SinkRequest, onAnswer?: (isDone: boolean) => void): Promise<Result> {
    if (this.#ended !== null) return Promise.reject(workerEnded(this.#ended));
    const id = this.#nextId++;
    this.#post({ type: "call", id, request });
    this.#port.ref();
    return new Promise<Result>((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve as (value: unknown) => void, reject, onAnswer });
    });
  }

  /** Tells of a hook that nobody waits for. */
  tell(hook: HookName, args: readonly unknown[]): void {
    if (this.#ended !== null) return;
    this.#post({ type: "event", hook, args });
    this.#events += 1;
  }

  abort(): void {
    if (this.#ended === null) this.#post({ type: "abort" });
  }

  /**
   * Stops this thread until `isDone`, reading answers as they come; false if `timeoutMs` pass first. Whoever waits for the
   * promise of a call hears of it later.
   */
  waitUntil(isDone: () => boolean, timeoutMs: number): boolean {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const seen = Atomics.load(this.#progress, PROGRESS.any);
      for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
        this.#receive(next.message as FromSinkThread);
      }
      if (isDone()) return true;
      const left = until - performance.now();
      if (left <= 0 || this.#ended !== null || Atomics.load(this.#progress, PROGRESS.ended) > 0) return false;
      this.#options.onWait?.();
      Atomics.wait(this.#progress, PROGRESS.any, seen, Math.min(left, WAIT_MS));
    }
  }

  /** Ends the thread at once; calls without an answer are rejected with this reason. */
  async terminate(reason: string): Promise<void> {
    this.#close(reason);
    await this.#worker.terminate();
  }

  #post(message: ToSinkThread): void {
    this.#port.postMessage(message);
  }

  #receive(message: FromSinkThread): void {
    switch (message.type) {
      case "log":
        this.#options.logger[message.level](message.message, message.fields);
        return;
      case "tapped":
        this.#options.onTap(message.hook);
        return;
      case "problem":
        this.#options.onProblem(unpackError(message.error));
        return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (this.#calls.size === 0) this.#port.unref();
    call?.onAnswer?.(message.type === "result");
    if (message.type === "result") call?.resolve(message.value);
    else call?.reject(unpackError(message.error));
  }

  #end(reason: string): void {
    if (this.#ended !== null) return;
    // What it answered before it ended has come, but may not have been read.
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      this.#receive(next.message as FromSinkThread);
    }
    const isIdle = this.#calls.size === 0;
    this.#close(reason);
    if (isIdle) this.#options.onIdleEnd(reason);
  }

  #close(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#port.close();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      call.onAnswer?.(false);
      call.reject(workerEnded(reason));
    }
  }
}
