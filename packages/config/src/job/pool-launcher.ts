import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import type { SweepJob } from "../sweep/plan-sweep.js";
import { jobProcessEnded, poolSizeInvalid } from "./errors.js";
import type { JobReturn } from "./job.js";
import type { LaunchContext, Launcher } from "./launcher.js";
import { fromWire, type WireReturn, workerEnvironment } from "./pool-worker.js";

export const POOL_LAUNCHER = "episcope.PoolLauncher";

/** How long a process may take to end after it was asked to, in milliseconds. */
const GRACE_MS = 5_000;

/** Runs jobs in processes of this machine, `n_jobs` at once. Each process is this program again, and runs one job after the other. */
export function poolLauncher(options: Record<string, unknown>): Launcher {
  const size = options["n_jobs"] ?? availableParallelism();
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1) throw poolSizeInvalid(size);
  return { launch: (jobs, context) => new Pool(jobs, context).run(size) };
}

class Pool {
  readonly #jobs: readonly SweepJob[];
  readonly #context: LaunchContext;
  readonly #returns: (JobReturn | undefined)[];
  #next = 0;
  #stopped = false;

  constructor(jobs: readonly SweepJob[], context: LaunchContext) {
    this.#jobs = jobs;
    this.#context = context;
    this.#returns = new Array(jobs.length).fill(undefined);
  }

  async run(size: number): Promise<readonly JobReturn[]> {
    const lanes = Math.min(size, this.#jobs.length);
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
    return this.#returns.filter((job) => job !== undefined);
  }

  /** One job after the other, in one process as long as it lives. */
  async #lane(): Promise<void> {
    let worker: Worker | undefined;
    try {
      for (let index = this.#take(); index !== undefined; index = this.#take()) {
        const job = this.#jobs[index]!;
        if (worker?.alive !== true) worker = new Worker(this.#context.signal);
        this.#context.started(job);
        const result = await worker.run(this.#context, job);
        // Ended by the user: neither done nor failed.
        if (result === undefined) return;
        this.#returns[index] = result;
        if (!this.#context.ended(result)) this.#stopped = true;
      }
    } finally {
      await worker?.close();
    }
  }

  #take(): number | undefined {
    if (this.#stopped || this.#context.signal.aborted || this.#next >= this.#jobs.length) return undefined;
    return this.#next++;
  }
}

/** A process that runs jobs. */
class Worker {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  readonly #signal: AbortSignal;
  readonly #abort = (): void => void this.#child.kill("SIGTERM");
  alive = true;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#child = fork(process.argv[1]!, process.argv.slice(2), {
      env: workerEnvironment(process.env),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(error.message));
      this.#child.once("exit", (code, by) => resolve(by === null ? `exit status ${code}` : by));
    });
    void this.#ended.then(() => {
      this.alive = false;
    });
    signal.addEventListener("abort", this.#abort);
  }

  /** Runs a job; undefined where the user ended it. */
  async run(context: LaunchContext, job: SweepJob): Promise<JobReturn | undefined> {
    const begun = performance.now();
    const answer = new Promise<WireReturn>((resolve) => this.#child.once("message", resolve as never));
    this.#child.send(context.describe(job), () => {});
    const outcome = await Promise.race([answer, this.#ended]);
    if (typeof outcome !== "string") {
      return {
        ...outcome,
        overrides: job.overrides,
        error: outcome.error === undefined ? undefined : fromWire(outcome.error),
      };
    }
    if (this.#signal.aborted) return undefined;
    return {
      number: job.number,
      overrides: job.overrides,
      outputDir: "",
      status: "failed",
      value: undefined,
      error: jobProcessEnded(outcome),
      milliseconds: performance.now() - begun,
    };
  }

  /** Lets the process end by itself, and ends it where it does not. */
  async close(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#abort);
    if (!this.alive) return;
    if (this.#signal.aborted) this.#child.kill("SIGTERM");
    else if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
