import { join, resolve } from "node:path";
import { type Composition, composeSync, planSweep, type SweepPlan } from "@episcope/config";
import type { JobRequest, JobReturn, LaunchContext } from "@episcope/config/application";
import type { EpiscopeConfig, SavedConfig } from "@episcope/core";
import { type Command, Option } from "commander";
import {
  type Composed,
  type ComposeFlags,
  commandOf,
  composedRun,
  composingOf,
  isGiven,
  withVariables,
} from "../compose/compose-run.js";
import { runsFailed } from "../terminal/errors.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { describeError, ownError } from "../terminal/report-error.js";

export type OnError = "continue" | "stop";

export function declareSweepFlags(command: Command): void {
  command
    .option("-m, --multirun", "run once for each combination of values (key=a,b; key=range(3))")
    .option("-r, --run", "run once, which is what happens anyway")
    .option("--experimental-rerun <run>", "run again with the config of a run, as the verb rerun does")
    .addOption(
      new Option("--on-error <what>", "what becomes of a sweep when a run fails")
        .choices(["continue", "stop"])
        .default("continue"),
    );
}

/** A verb that can be swept. */
export interface Swept<T> {
  readonly primary: string;
  /** Refuses what cannot be run more than once. */
  check?(config: T): void;
  /** Does what one config says; `io` is the world as this run sees it. */
  run(composed: Composed<T>, io: ProgramIo): Promise<ExitStatus>;
}

type SweepFlags = ComposeFlags & { readonly onError?: OnError };

/**
 * Runs a sweep, as `hydra.launcher` says: one run after the other, or several at once in processes of their own. A run has its
 * own name as always; where `hydra.sweep.dir` is given it lies in there, at `hydra.sweep.subdir`. Each run that fails is told
 * of when it does. In a process of the pool it does the runs that it is sent instead.
 * @throws EpiscopeError CLI_SWEEP_FAILED at the end.
 */
export async function runSweep<T extends EpiscopeConfig>(
  verb: Swept<T>,
  words: readonly string[],
  flags: SweepFlags,
  io: ProgramIo,
): Promise<ExitStatus> {
  const launching = await import("@episcope/config/application");
  if (launching.isPoolWorker()) {
    await launching.serveJobs((request) => runRequest(request, verb, flags, io));
    return EXIT.done;
  }
  const composedAt = new Date();
  const composing = composingOf(verb.primary, words, flags, io, composedAt);
  const plan = withVariables(composing, (options) => planSweep(options));
  const launcher = launching.launcherOf(plan.master);
  const called = { composedAt, command: commandOf(verb.primary, flags) };
  const runs = composeAll<T>(plan, verb, io, called);
  const place = isGiven(plan.master, "hydra.sweep.dir") ? String(plan.master.value("hydra.sweep.dir")) : "";
  const how = launcher === launching.basicLauncher ? "one after the other" : "in processes of their own";
  io.message(`Launching ${runs.size} runs, ${how}.`);
  const tally = new SweepTally(runs.size, flags.onError, io);
  using interrupt = new Interrupt();
  const context: LaunchContext = {
    signal: interrupt.signal,
    run: (job) => runOne(job.number, job.overrides, runs.get(job.number)!, verb, io),
    describe: ({ number, overrides }) => ({
      number,
      overrides: [...plan.master.overrides.hydra, ...overrides],
      sweepDir: { given: place, claimed: place },
      now: { milliseconds: composedAt.getTime(), microseconds: composedAt.getMilliseconds() * 1000 },
    }),
    started: ({ number, overrides }) => io.message(`#${number}: ${overrides.join(" ")}`),
    ended: (job) => tally.ended(job) && !interrupt.signal.aborted,
  };
  if (launcher !== launching.basicLauncher) interrupt.listen();
  for (const { jobs } of plan.batches) {
    if (tally.goesOn && !interrupt.signal.aborted) await launcher.launch(jobs, context);
  }
  tally.tell();
  if (interrupt.signal.aborted) return EXIT.interrupted;
  if (tally.failed > 0) throw runsFailed(tally.failed, runs.size);
  return tally.worst;
}

/** How the runs of a sweep have ended so far. */
class SweepTally {
  readonly #total: number;
  readonly #onError: OnError | undefined;
  readonly #io: ProgramIo;
  #ended = 0;
  failed = 0;
  worst: ExitStatus = EXIT.done;

  constructor(total: number, onError: OnError | undefined, io: ProgramIo) {
    this.#total = total;
    this.#onError = onError;
    this.#io = io;
  }

  get goesOn(): boolean {
    return this.failed === 0 || this.#onError !== "stop";
  }

  /** Counts a run; false where no other may begin. */
  ended({ number, status, value, error }: JobReturn): boolean {
    this.#ended++;
    if (status === "failed") {
      this.failed++;
      this.#io.message(`#${number} failed:\n${describeError(error).text}`);
    } else if (value !== EXIT.done) this.worst = value as ExitStatus;
    return this.goesOn;
  }

  tell(): void {
    const rest = this.#total - this.#ended;
    const counts = [`${this.#ended - this.failed} done`, `${this.failed} failed`];
    if (rest > 0) counts.push(`${rest} not ${this.goesOn ? "finished" : "begun"}`);
    this.#io.message(`${this.#total} runs: ${counts.join(", ")}.`);
  }
}

/** Ctrl-C while other processes work: the first ends them cleanly, the next ends this one. */
class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #abort = (): void => this.#controller.abort();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    process.once("SIGINT", this.#abort);
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#abort);
  }
}

/** Does a run that the pool has sent to this process. */
function runRequest<T extends EpiscopeConfig>(
  { number, overrides, now }: JobRequest,
  verb: Swept<T>,
  flags: SweepFlags,
  io: ProgramIo,
): Promise<JobReturn> {
  const composedAt = new Date(now.milliseconds);
  const { options } = composingOf(verb.primary, overrides, flags, io, composedAt);
  const composition = composeSync<T>({ ...options, mode: "run", jobNumber: number });
  const called = { composedAt, command: commandOf(verb.primary, flags) };
  // The lines of several processes at the foot of one terminal would be written over each other.
  const own: ProgramIo = { ...io, status: () => {} };
  const composed = inSweep(composition, composedRun(composition, verb.primary, io, called), io);
  return runOne(number, overrides, composed, verb, own);
}

async function runOne<T>(
  number: number,
  overrides: readonly string[],
  composed: Composed<T>,
  verb: Swept<T>,
  io: ProgramIo,
): Promise<JobReturn> {
  const begun = performance.now();
  const ended = (how: Pick<JobReturn, "status" | "value" | "error">): JobReturn => ({
    number,
    overrides,
    outputDir: composed.runDir ?? "",
    ...how,
    milliseconds: performance.now() - begun,
  });
  try {
    return ended({ status: "completed", value: await verb.run(composed, io), error: undefined });
  } catch (error) {
    return ended({ status: "failed", value: undefined, error: ownError(error) });
  }
}

/** All of them before the first begins: a mistake is found early. */
function composeAll<T extends EpiscopeConfig>(
  plan: SweepPlan,
  verb: Swept<T>,
  io: ProgramIo,
  called: Pick<SavedConfig, "command" | "composedAt">,
): ReadonlyMap<number, Composed<T>> {
  return new Map(
    plan.batches.flatMap(({ jobs }) =>
      jobs.map((job) => {
        const composition = job.compose() as unknown as Composition<T>;
        const composed = composedRun<T>(composition, verb.primary, io, called);
        verb.check?.(composed.config);
        return [job.number, inSweep(composition, composed, io)] as const;
      }),
    ),
  );
}

/** The place of a run within its sweep, where the sweep was given one. */
function inSweep<T>(composition: Composition<T>, composed: Composed<T>, io: ProgramIo): Composed<T> {
  if (!isGiven(composition, "hydra.sweep.dir")) return composed;
  const dir = resolve(io.cwd, String(composition.value("hydra.sweep.dir")));
  return { ...composed, runDir: join(dir, String(composition.value("hydra.sweep.subdir"))) };
}
