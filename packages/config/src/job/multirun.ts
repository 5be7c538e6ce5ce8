import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Composition } from "../compose/composition.js";
import type { PlanSweepOptions } from "../sweep/plan-sweep.js";
import { planSweep } from "../sweep/plan-sweep.js";
import { type CallbackFactories, Callbacks, knownCallbacks } from "./callbacks.js";
import type { ApplicationIo } from "./io.js";
import { type JobReturn, openHydraLogging, openJobLogging, runJob, type Task } from "./job.js";
import { claimDirectory, makeDirectory } from "./job-directory.js";
import type { JobRequest, LauncherFactories } from "./launcher.js";
import { launcherOf } from "./launcher-of.js";
import type { JobLogging } from "./logging.js";
import type { SweepReport } from "./sweep-report.js";

export interface MultirunOptions<T> {
  /** How the jobs are composed, without what is the sweep's own. */
  readonly compose: PlanSweepOptions;
  readonly task: Task<T>;
  readonly callbacks: CallbackFactories | undefined;
  readonly launchers: LauncherFactories | undefined;
  /** Whether the sweep goes on after a job that failed. Default: to the end of the batch, as in Hydra. */
  readonly onError: "continue" | "stop" | undefined;
  readonly signal: AbortSignal;
  readonly io: ApplicationIo;
  /** What the user sees of the sweep. */
  readonly report: SweepReport;
}

/** Name of the log that tells of launched jobs, as Hydra's launcher has it. */
const LAUNCHER_LOG = "hydra._internal.core_plugins.basic_launcher";

/** Runs a sweep: plans it, writes `multirun.yaml`, and hands each batch to the launcher. Gives the results of the jobs. */
export async function runMultirun<T>(options: MultirunOptions<T>): Promise<readonly JobReturn[]> {
  const { io, report, signal } = options;
  const plan = planSweep({ ...options.compose, callbacks: knownCallbacks(options.callbacks) });
  const { master } = plan;
  const callbacks = new Callbacks(master, options.callbacks, (text) => io.err(`${text}\n`));
  const event = { composition: master, configName: options.compose.name };
  await callbacks.notify("onMultirunStart", event);
  const launcher = launcherOf(master, options.launchers);
  const sweepDir = claimDirectory(master, "hydra.sweep.dir", io.cwd);
  writeFileSync(join(sweepDir, "multirun.yaml"), master.toYaml({ part: "all" }));
  report.planned(plan);
  const results: JobReturn[] = [];
  const log = new LaunchLog(master, sweepDir, io);
  try {
    const given = resolve(io.cwd, String(master.value("hydra.sweep.dir")));
    const places = { given, claimed: sweepDir };
    const directories = new JobDirectories(places, io.cwd);
    const now = timeOf(options.compose.now ?? io.now());
    for (const { jobs } of plan.batches) {
      // Every job is composed before the first begins: a mistake is found early.
      for (const job of jobs) job.compose();
      log.info(`Launching ${jobs.length} jobs locally`);
      let failed = false;
      const returned = await launcher.launch(jobs, {
        signal,
        run: (job) => {
          const composition = job.compose() as Composition<T>;
          const outputDir = directories.make(composition);
          log.follow(composition, outputDir);
          return runJob({ task: options.task, composition, outputDir, number: job.number, callbacks, io });
        },
        describe: (job) => ({
          number: job.number,
          overrides: [...master.overrides.hydra, ...job.overrides],
          sweepDir: places,
          now,
        }),
        started: (job) => {
          log.info(
            `\t#${job.number} : ${job.overrides.filter((text) => !text.startsWith("hydra.")).join(" ")}`,
          );
          report.started(job);
        },
        ended: (job) => {
          failed ||= job.status === "failed";
          report.ended(job);
          return !signal.aborted && !(failed && options.onError === "stop");
        },
      });
      results.push(...returned);
      if (signal.aborted || (failed && options.onError !== "continue")) break;
    }
  } finally {
    report.done();
    log.close();
  }
  await callbacks.notify("onMultirunEnd", event);
  return results;
}

/**
 * What the launcher tells. Where `hydra_logging` sets nothing up (`hydra/hydra_logging=none`), the logging of the job before
 * is still there, as in Python.
 */
class LaunchLog {
  readonly #io: ApplicationIo;
  readonly #own: JobLogging | undefined;
  #former: JobLogging | undefined;

  constructor(master: Composition<unknown>, sweepDir: string, io: ApplicationIo) {
    this.#io = io;
    const isConfigured = master.value("hydra.hydra_logging.root") !== null;
    this.#own = isConfigured ? openHydraLogging(master, sweepDir, io) : undefined;
  }

  info(text: string): void {
    (this.#own ?? this.#former)?.logger(LAUNCHER_LOG).info(text);
  }

  /** A job begins: its logging is what stays behind. */
  follow(composition: Composition<unknown>, outputDir: string): void {
    if (this.#own !== undefined) return;
    this.#former?.close();
    this.#former = openJobLogging(composition.inDirectory(outputDir), outputDir, this.#io);
  }

  close(): void {
    this.#own?.close();
    this.#former?.close();
  }
}

/** Where the jobs of a sweep go. */
export class JobDirectories {
  readonly #given: string;
  readonly #claimed: string;
  readonly #cwd: string;

  constructor({ given, claimed }: JobRequest["sweepDir"], cwd: string) {
    this.#given = given;
    this.#claimed = claimed;
    this.#cwd = cwd;
  }

  /** Makes the directory of a job: below the sweep's, unless the job's own config names another. */
  make(composition: Composition<unknown>): string {
    const own = resolve(this.#cwd, String(composition.value("hydra.sweep.dir")));
    const base = own === this.#given ? this.#claimed : own;
    return makeDirectory(join(base, String(composition.value("hydra.sweep.subdir"))));
  }
}

function timeOf(now: Date & { readonly microseconds?: number }): JobRequest["now"] {
  return { milliseconds: now.getTime(), microseconds: now.microseconds ?? now.getMilliseconds() * 1000 };
}
