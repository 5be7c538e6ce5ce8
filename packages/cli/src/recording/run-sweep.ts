import { join, resolve } from "node:path";
import { type Composition, planSweep, type SweepPlan } from "@episcope/config";
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
import { hydraKeyUnused, runsFailed } from "../terminal/errors.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { describeError } from "../terminal/report-error.js";

export type OnError = "continue" | "stop";

export function declareSweepFlags(command: Command): void {
  command
    .option("-m, --multirun", "run once for each combination of values (key=a,b; key=range(3))")
    .option("-r, --run", "run once, which is what happens anyway")
    .addOption(
      new Option("--on-error <what>", "what becomes of a sweep when a run fails")
        .choices(["continue", "stop"])
        .default("continue"),
    );
}

const BASIC_LAUNCHER = "hydra._internal.core_plugins.basic_launcher.BasicLauncher";

/**
 * Runs a sweep, one run after the other. A run has its own name as always; where `hydra.sweep.dir` is given it lies in
 * there, at `hydra.sweep.subdir`. Each run that fails is told of when it does.
 * @throws EpiscopeError CLI_SWEEP_FAILED at the end.
 */
export async function runSweep<T extends EpiscopeConfig>(
  primary: string,
  words: readonly string[],
  flags: ComposeFlags & { readonly onError?: OnError },
  io: ProgramIo,
  run: (composed: Composed<T>) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const composedAt = new Date();
  const composing = composingOf(primary, words, flags, io, composedAt);
  const plan = withVariables(composing, (options) => planSweep(options));
  if (plan.master.value("hydra.launcher._target_") !== BASIC_LAUNCHER)
    throw hydraKeyUnused("hydra.launcher", "Runs of a sweep are made one after the other.");
  const called = { composedAt, command: commandOf(primary, flags) };
  const jobs = composeAll<T>(plan, primary, io, called);
  const sweepDir = isGiven(plan.master, "hydra.sweep.dir");
  io.message(`Launching ${jobs.length} runs, one after the other.`);
  let worst: ExitStatus = EXIT.done;
  let [failed, ended] = [0, 0];
  for (const [number, { composed, overrides }] of jobs.entries()) {
    io.message(`#${number}: ${overrides.join(" ")}`);
    const place = sweepDir ? { runDir: directoryOf(composed.composition, io) } : {};
    try {
      const status = await run({ ...composed, ...place });
      if (status !== EXIT.done) worst = status;
    } catch (error) {
      failed++;
      io.message(describeError(error).text);
    }
    ended++;
    if (failed > 0 && flags.onError === "stop") break;
  }
  const rest = jobs.length - ended;
  const counts = [`${ended - failed} done`, `${failed} failed`, ...(rest > 0 ? [`${rest} not begun`] : [])];
  io.message(`${jobs.length} runs: ${counts.join(", ")}.`);
  if (failed > 0) throw runsFailed(failed, jobs.length);
  return worst;
}

interface SweepRun<T> {
  readonly composed: Composed<T>;
  readonly overrides: readonly string[];
}

/** All of them before the first begins: a mistake is found early. */
function composeAll<T extends EpiscopeConfig>(
  plan: SweepPlan,
  primary: string,
  io: ProgramIo,
  called: Pick<SavedConfig, "command" | "composedAt">,
): SweepRun<T>[] {
  return plan.batches.flatMap(({ jobs }) =>
    jobs.map((job) => ({
      composed: composedRun<T>(job.compose() as unknown as Composition<T>, primary, io, called),
      overrides: job.overrides,
    })),
  );
}

function directoryOf(composition: Composition<unknown>, io: ProgramIo): string {
  const dir = resolve(io.cwd, String(composition.value("hydra.sweep.dir")));
  return join(dir, String(composition.value("hydra.sweep.subdir")));
}
