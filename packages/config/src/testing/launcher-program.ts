import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { main } from "../application/main.js";
import type { Job, JobReturn } from "../job/job.js";
import type { Launcher, LauncherFactories } from "../job/launcher.js";

/** What the suite tells the program and its jobs, below `contract` in their config. */
interface ProgramConfig {
  readonly contract: {
    /** Where events are noted. */
    readonly log: string;
    readonly seed: number;
    /** How long a job takes, in milliseconds. */
    readonly wait: number;
    /** Seeds of the jobs that fail. */
    readonly fail: readonly number[];
    /** What a job is to see of its sweep. */
    readonly time: string;
  };
}

/** A line of the log that the suite reads. */
export type LauncherEvent =
  | { readonly event: "launch"; readonly jobs: readonly number[] }
  | { readonly event: "started"; readonly number: number }
  | { readonly event: "ran"; readonly number: number; readonly pid: number; readonly sees: JobSees }
  | { readonly event: "ended"; readonly number: number; readonly goesOn: boolean }
  | { readonly event: "aborted" }
  | { readonly event: "returned"; readonly results: readonly SeenResult[] };

interface JobSees {
  readonly seed: number;
  readonly time: string;
  readonly variable: string | undefined;
  readonly outputDir: string;
}

interface SeenResult {
  readonly number: number;
  readonly overrides: readonly string[];
  readonly status: JobReturn["status"];
  readonly value: unknown;
  readonly error: string | undefined;
}

/** The variable that every job has for itself. */
export const JOB_VARIABLE = "LAUNCHER_CONTRACT";

/**
 * The program that `describeLauncher` starts: a Hydra application with a task of the suite's, and with launchers that it
 * watches. A file of its own calls it, and nothing else:
 *
 *     await launcherProgram(new Map([["lab.QueueLauncher", (options) => queueLauncher(options)]]));
 *
 * @param launchers by `_target_`, as `main` takes them
 */
export async function launcherProgram(launchers: LauncherFactories): Promise<void> {
  const watched = [...launchers].map(
    ([target, make]) =>
      [target, (options: Record<string, unknown>): Launcher => watch(make(options))] as const,
  );
  await main<ProgramConfig>({ launchers: new Map(watched) }, task);
}

async function task({ config, outputDir, number }: Job<ProgramConfig>): Promise<number> {
  const { log, seed, wait, fail, time } = config.contract;
  const sees = { seed, time, variable: process.env[JOB_VARIABLE], outputDir };
  note(log, { event: "ran", number: number!, pid: process.pid, sees });
  await sleep(wait);
  if (fail.includes(seed)) throw new Error(`seed ${seed} fails`);
  return seed * 10;
}

/** A launcher that does what another one does, and notes what is said between it and the sweep. */
function watch(launcher: Launcher): Launcher {
  return {
    async launch(jobs, context) {
      const first = jobs[0]!.compose();
      const log = String(first.value("contract.log"));
      note(log, { event: "launch", jobs: jobs.map(({ number }) => number) });
      context.signal.addEventListener("abort", () => note(log, { event: "aborted" }));
      const returned = await launcher.launch(jobs, {
        ...context,
        started(job) {
          note(log, { event: "started", number: job.number });
          context.started(job);
        },
        ended(job) {
          const goesOn = context.ended(job);
          note(log, { event: "ended", number: job.number!, goesOn });
          return goesOn;
        },
      });
      note(log, { event: "returned", results: returned.map(seen) });
      return returned;
    },
  };
}

function seen({ number, overrides, status, value, error }: JobReturn): SeenResult {
  return {
    number: number!,
    overrides,
    status,
    value,
    error: error === undefined ? undefined : (error as Error).message,
  };
}

/** One line at once: jobs in other processes write to the same file. */
function note(log: string, event: LauncherEvent): void {
  appendFileSync(log, `${JSON.stringify(event)}\n`);
}
