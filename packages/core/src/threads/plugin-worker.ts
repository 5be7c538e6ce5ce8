import type { Worker } from "node:worker_threads";
import type { Logger } from "../contract/plugin.js";
import { CallChannel } from "./call-channel.js";
import { onThreadEnd, startThread } from "./start-thread.js";
import type { WorkerRequest, WorkerSetup } from "./worker-messages.js";

interface RunningThread {
  readonly worker: Worker;
  readonly channel: CallChannel<WorkerRequest>;
  isWarm: boolean;
}

/**
 * A worker thread that holds plugins and answers calls to them. A worker that dies rejects the calls it had; the next
 * call starts another. `terminate` ends it.
 */
export class PluginWorker {
  readonly #setup: WorkerSetup;
  readonly #logger: Logger;
  #thread: RunningThread | null = null;

  constructor(setup: WorkerSetup, logger: Logger) {
    this.#setup = setup;
    this.#logger = logger;
  }

  /** Calls that have no answer yet. */
  get pending(): number {
    return this.#thread?.channel.pending ?? 0;
  }

  /** True once the running thread has answered: its plugins are loaded. */
  get isWarm(): boolean {
    return this.#thread?.isWarm === true;
  }

  /** Sends a request; rejects with what the plugin threw, or WORKER_ENDED. */
  call<Result>(request: WorkerRequest): Promise<Result> {
    const thread = this.#thread ?? this.#start();
    return thread.channel.call<Result>(request, (isDone) => {
      thread.isWarm ||= isDone;
    });
  }

  /** Ends the thread at once; calls without an answer are rejected. */
  async terminate(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    thread?.channel.end("it was ended");
    await thread?.worker.terminate();
  }

  #start(): RunningThread {
    const worker = startThread("plugins", this.#setup);
    const thread = {
      worker,
      channel: new CallChannel<WorkerRequest>({ port: worker, logger: this.#logger }),
      isWarm: false,
    };
    this.#thread = thread;
    onThreadEnd(worker, (reason) => this.#ended(thread, reason));
    return thread;
  }

  #ended(thread: RunningThread, reason: string): void {
    if (this.#thread === thread) this.#thread = null;
    thread.channel.end(reason);
  }
}
