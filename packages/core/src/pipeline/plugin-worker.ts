import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { workerEnded } from "./errors.js";
import type { Logger } from "./plugin.js";
import type { WorkerReply, WorkerRequest, WorkerSetup } from "./worker-messages.js";

/** The first lines of a worker: plain JavaScript, so that it starts from a build and from source alike. */
const BOOTSTRAP = `
const { workerData } = require("node:worker_threads");
const { entry, jiti, alias } = workerData;
const start = jiti === null
  ? import(entry)
  : import(jiti).then(({ createJiti }) => createJiti(entry, { tryNative: false, alias }).import(entry));
start.catch((error) => { throw error; });
`;

/**
 * A worker thread that holds plugins and answers calls to them. A worker that dies rejects the calls it had; the next
 * call starts another. `close` ends it.
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
    const fromSource = import.meta.url.endsWith(".ts");
    const workerData = {
      ...this.#setup,
      entry: new URL(`./plugin-worker-main.${fromSource ? "ts" : "js"}`, import.meta.url).href,
      jiti: fromSource ? pathToFileURL(createRequire(import.meta.url).resolve("jiti")).href : null,
      alias: fromSource ? sourceAliases() : {},
    };
    const worker = new Worker(BOOTSTRAP, { eval: true, workerData });
    this.#worker = worker;
    this.#isWarm = false;
    worker.on("message", (reply: WorkerReply) => this.#receive(worker, reply));
    worker.on("error", (error) => this.#ended(worker, `it failed: ${error.message}`));
    worker.on("exit", (code) => this.#ended(worker, `it ended with code ${code}`));
    worker.unref();
    return worker;
  }

  #receive(worker: Worker, reply: WorkerReply): void {
    if (reply.type === "log") {
      this.#logger[reply.level](reply.message);
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

/** From source only: where each package of this repository has its TypeScript. */
function sourceAliases(): Record<string, string> {
  const alias: Record<string, string> = {};
  const packages = join(dirname(fileURLToPath(import.meta.url)), "../../..");
  for (const folder of readdirSync(packages)) {
    const file = join(packages, folder, "package.json");
    if (!existsSync(file)) continue;
    const { name, exports } = JSON.parse(readFileSync(file, "utf8")) as {
      name: string;
      exports?: Record<string, unknown>;
    };
    for (const [path, target] of Object.entries(exports ?? {})) {
      const source = (target as Record<string, unknown> | null)?.["@episcope/source"];
      if (typeof source === "string") alias[join(name, path)] = join(packages, folder, source);
    }
  }
  return alias;
}
