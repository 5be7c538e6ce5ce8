import type { SweepJob } from "../sweep/plan-sweep.js";
import type { JobReturn } from "./job.js";

/** A job as another process can be told of it. */
export interface JobRequest {
  readonly number: number;
  /** Overrides of the job, those of Hydra's node first. */
  readonly overrides: readonly string[];
  /** `hydra.sweep.dir` as the config says, and the directory that the sweep has. */
  readonly sweepDir: { readonly given: string; readonly claimed: string };
  /** The time that the sweep began: `${now:…}` is the same in all jobs. */
  readonly now: { readonly milliseconds: number; readonly microseconds: number };
}

/** What a launcher has to work with. */
export interface LaunchContext {
  /** Runs a job in this process; never rejects because of what its task throws. */
  run(job: SweepJob): Promise<JobReturn>;
  /** What another process needs to know to run it. */
  describe(job: SweepJob): JobRequest;
  /** Tells that a job begins. */
  started(job: SweepJob): void;
  /** Tells how a job ended; false where the sweep is to end: no further job may begin. */
  ended(job: JobReturn): boolean;
  /** Aborted when the user ends the program: running jobs are ended, and no further one begins. */
  readonly signal: AbortSignal;
}

/**
 * Runs the jobs of a batch: each exactly once, in any order, telling of each beginning and end. The results are in the order of
 * the jobs; those that never began are left out. `describeLauncher` of `@episcope/config/testing` is the contract as a suite of tests.
 */
export interface Launcher {
  launch(jobs: readonly SweepJob[], context: LaunchContext): Promise<readonly JobReturn[]>;
}

/** By `_target_` of `hydra.launcher`: makes a launcher of the other keys of its node. */
export type LauncherFactories = ReadonlyMap<string, (options: Record<string, unknown>) => Launcher>;

export const BASIC_LAUNCHER = "hydra._internal.core_plugins.basic_launcher.BasicLauncher";

/** One job after the other, in this process. */
export const basicLauncher: Launcher = {
  async launch(jobs, context) {
    const returns: JobReturn[] = [];
    for (const job of jobs) {
      if (context.signal.aborted) break;
      context.started(job);
      const result = await context.run(job);
      returns.push(result);
      if (!context.ended(result)) break;
    }
    return returns;
  },
};
