import type { Worker } from "node:worker_threads";
import { workerEnded } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import { startThread } from "./start-thread.js";
import type { WorkerReply, WorkerRequest, WorkerSetup } from "./worker-messages.js";

/**
 * A worker thread that holds plugins and answers calls to them. A worker that dies rejects the calls it had; the next
 * call starts another. `terminate` ends it.
 */
export class PluginWorker {
  readonly #setup: WorkerSetup;
  readonly #logger: Logger;
  readonly #calls: Map<number, { resolve(value: unknown): void; reject(error: unknown): void }> = new Map();
  #worker: Worker | null = null;
  #nextId = 0;
  #isWarm = false;

  constructor(setup: WorkerSetup, logger: Logger) {
    this.#setup = setup;
    this.#logger = logger;
  }

  /** Calls that have no answer yet. */
  get pending(): number {
    return this.#calls.size;
  }

  /** True once the running thread has answered: its plugins are loaded. */
  get isWarm(): boolean {
    return this.#worker !== null && this.#isWarm;
  }

  /** Sends a request; rejects with what the plugin threw, or WORKER_ENDED. */
  call<Result>(request: WorkerRequest): Promise<Result> {
    const worker = this.#worker ?? this.#start();
    const id = this.#nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, request });
      // Only a worker that owes an answer keeps the process alive.
      worker.ref();
    });
  }

  /** Ends the thread at once; calls without an answer are rejected. */
  async terminate(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#rejectAll("it was ended");
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = startThread("threads/plugin-worker-main", this.#setup);
    this.#worker = worker;
    this.#isWarm = false;
    worker.on("message", (reply: WorkerReply) => this.#receive(worker, reply));
    worker.on("error", (error) => this.#ended(worker, `it failed: ${error.message}`));
    worker.on("exit", (code) => this.#ended(worker, `it ended with code ${code}`));
    return worker;
  }

  #receive(worker: Worker, reply: WorkerReply): void {
    if (reply.type === "log") {
      this.#logger[reply.level](reply.message, reply.fields);
      return;
    }
    this.#isWarm ||= worker === this.#worker;
    const call = this.#calls.get(reply.id);
    this.#calls.delete(reply.id);
    if (this.#calls.size === 0) worker.unref();
    if (reply.type === "result") call?.resolve(reply.value);
    else
      call?.reject(
        Object.assign(new Error(reply.message), reply.stack === undefined ? {} : { stack: reply.stack }),
      );
  }

  #ended(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#rejectAll(reason);
  }

  #rejectAll(reason: string): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.reject(workerEnded(reason));
  }
}
