import { type ComposeOptions, composeSync } from "../compose/compose.js";
import type { Composition } from "../compose/composition.js";
import { HYDRA_VERSIONS } from "../compose/hydra-node.js";
import { describeAliases } from "../compose/override-aliases.js";
import { openSession } from "../compose/session.js";
import { Callbacks } from "../job/callbacks.js";
import { describeError, describeFailure } from "../job/describe-error.js";
import type { ApplicationIo } from "../job/io.js";
import { openHydraLogging, openJobLogging, runJob, type Task } from "../job/job.js";
import { claimDirectory } from "../job/job-directory.js";
import { JobDirectories, runMultirun } from "../job/multirun.js";
import { serveJobs } from "../job/pool-worker.js";
import { SweepReport } from "../job/sweep-report.js";
import {
  type EnvironmentOverride,
  environmentOverrides,
  namingVariables,
} from "../override/environment-overrides.js";
import { rulesOf } from "../version/rules.js";
import { Application, type ApplicationOptions, type Overrides } from "./application.js";
import {
  type CompletionSource,
  completionRequest,
  completionScript,
  completionsOf,
  wordsOf,
} from "./completion.js";
import { flagsExclusive, resolveWithoutConfig, UsageError } from "./errors.js";
import { FLAGS, type HydraFlags, parseFlags } from "./flags.js";
import { infoRecords, showInfo } from "./info.js";
import { modeOf } from "./mode.js";
import { rerunComposition } from "./rerun.js";
import { showConfig } from "./show-config.js";
import { appHelp, hydraHelp } from "./show-help.js";

const FAILED = 1;
const WRONG_USE = 2;
/** As a shell tells of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Runs an application: what its flags ask for, or its task. Gives the exit status; never throws because of the user. */
export async function runApplication<T>(
  options: ApplicationOptions,
  task: Task<T>,
  io: ApplicationIo,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  let variables: readonly EnvironmentOverride[] = [];
  try {
    const { flags, overrides } = parseFlags(io.argv);
    if (flags.version === true) {
      io.out(`${options.version ?? `Hydra ${HYDRA_VERSIONS[rulesOf(options.versionBase).hydra]}`}\n`);
      return 0;
    }
    const application = new Application(options, flags, io);
    variables = variablesOf(application);
    return await act(application, task, flags, { variables, overrides, signal });
  } catch (error) {
    io.err(describeError(namingVariables(error, variables), io));
    return error instanceof UsageError ? WRONG_USE : FAILED;
  }
}

function variablesOf({ options, sources, io }: Application): readonly EnvironmentOverride[] {
  if (options.environmentPrefix === undefined) return [];
  return environmentOverrides(io.env, options.environmentPrefix, (path) =>
    sources.some((source) => source.isGroup(path)),
  );
}

interface Given {
  readonly variables: readonly EnvironmentOverride[];
  readonly overrides: readonly string[];
  readonly signal: AbortSignal;
}

async function act<T>(
  application: Application,
  task: Task<T>,
  flags: HydraFlags,
  given: Given,
): Promise<number> {
  const { io } = application;
  const overrides = [...given.variables, ...given.overrides];
  if (flags.experimentalRerun !== undefined) return rerun(application, task, flags.experimentalRerun);
  if (flags.help === true) {
    showHelp(application, overrides, flags);
    return 0;
  }
  if (flags.resolve === true && flags.cfg === undefined) throw resolveWithoutConfig();
  if (flags.hydraHelp === true) {
    io.out(hydraHelp(application.compose(overrides, { name: undefined })));
    return 0;
  }
  const commands = [flags.run, flags.cfg, flags.multirun, flags.shellCompletion, flags.info];
  if (commands.filter((command) => command !== undefined).length > 1) throw flagsExclusive();
  if (flags.cfg !== undefined) {
    const { cfg: part, resolve = false, package: key } = flags;
    io.out(showConfig(application.compose(overrides), { part, resolve, package: key }));
    return 0;
  }
  if (flags.info !== undefined) {
    showInfo(application, flags.info, overrides);
    return 0;
  }
  if (flags.shellCompletion === true) {
    io.out(complete(application, given.overrides));
    return 0;
  }
  const mode = modeOf(application, overrides, flags);
  const all = mode.add === undefined ? overrides : [...overrides, mode.add];
  return mode.multirun ? sweep(application, task, flags, { ...given, all }) : runOnce(application, task, all);
}

/** Since 1.4 choices may be missing for it. */
function showHelp(application: Application, overrides: Overrides, flags: HydraFlags): void {
  const renewed = rulesOf(application.options.versionBase).overrideAliases;
  const composition = application.compose(overrides, renewed ? { mode: "multirun" } : {});
  const { aliases } = openSession(application.composeOptions(overrides));
  application.io.out(appHelp(composition, flags.resolve === true, describeAliases(aliases)));
}

/** What `--shell-completion` prints: a script for the shell, or the answer to what that script asks. */
function complete(application: Application, words: readonly string[]): string {
  const { what, shell } = completionRequest(words[0] ?? "");
  if (what !== "query") return completionScript(shell, application.command, what === "install");
  const line = application.io.env["COMP_LINE"] ?? "";
  const { word, before } = wordsOf(line, Number(application.io.env["COMP_POINT"] ?? line.length));
  const options = { mode: "multirun", validateSweeps: false } as const;
  let composition: Composition;
  try {
    composition = composeSync({ ...application.composeOptions(before), ...options });
  } catch {
    // What is typed so far may be wrong: then what the configs say by themselves.
    composition = composeSync({ ...application.composeOptions(), ...options });
  }
  const flags = FLAGS.flatMap(({ words: names }) => names);
  return completionsOf(word, sourceOf(composition), flags)
    .map((text) => `${text}\n`)
    .join("");
}

function sourceOf(composition: Composition<unknown>): CompletionSource {
  return {
    groupOptions: (group) => composition.groupOptions(group),
    subgroups: (parent) => composition.subgroups(parent),
    keysAt: (parent) => composition.keysAt(parent),
    choices(key) {
      try {
        return typeof composition.value(key) === "boolean" ? ["false", "true"] : [];
      } catch {
        // What cannot be resolved has no values to offer.
        return [];
      }
    },
  };
}

/** Runs what a pool sends to this process. */
export async function serveApplication<T>(
  options: ApplicationOptions,
  task: Task<T>,
  io: ApplicationIo,
): Promise<void> {
  const application = new Application(options, parseFlags(io.argv).flags, io);
  await serveJobs(async ({ number, overrides, sweepDir, now }) => {
    const time = Object.assign(new Date(now.milliseconds), { microseconds: now.microseconds });
    const compose = { ...application.composeOptions(overrides), now: time, jobNumber: number };
    const composition = composeSync<T>(compose);
    const callbacks = new Callbacks(composition, options.callbacks, (text) => io.err(`${text}\n`));
    const outputDir = new JobDirectories(sweepDir, io.cwd).make(composition);
    return runJob({ task, composition, outputDir, number, callbacks, io });
  });
}

async function runOnce<T>(application: Application, task: Task<T>, overrides: Overrides): Promise<number> {
  const { io, options, configName } = application;
  const composition = application.compose(overrides) as Composition<T>;
  tellAll(application, composition, overrides);
  const callbacks = new Callbacks(composition, options.callbacks, (text) => io.err(`${text}\n`));
  await callbacks.notify("onRunStart", { composition, configName });
  const outputDir = claimDirectory(composition, "hydra.run.dir", io.cwd);
  const job = await runJob({ task, composition, outputDir, number: undefined, callbacks, io });
  await callbacks.notify("onRunEnd", { composition, configName, job });
  if (job.status === "completed") return 0;
  io.err(describeFailure(job, io));
  return FAILED;
}

/** With `hydra.verbose` Hydra's log begins with everything that `--info` knows. */
function tellAll(application: Application, composition: Composition<unknown>, overrides: Overrides): void {
  const verbose = composition.value("hydra.verbose");
  if (verbose === false || verbose === null || verbose === undefined) return;
  const log = openHydraLogging(composition, application.io.cwd, application.io);
  try {
    const logger = log.logger("hydra._internal.hydra");
    for (const record of infoRecords(application, overrides)) logger.debug(record);
  } finally {
    log.close();
  }
}

async function sweep<T>(
  application: Application,
  task: Task<T>,
  flags: HydraFlags,
  { all, signal }: Given & { readonly all: Overrides },
): Promise<number> {
  const { io, options } = application;
  const { callbacks, launchers } = options;
  const compose: ComposeOptions = { ...application.composeOptions(all), mode: "multirun" };
  const report = new SweepReport(io);
  const { onError } = flags;
  const jobs = await runMultirun({ compose, task, callbacks, launchers, onError, signal, io, report });
  if (signal.aborted) return INTERRUPTED;
  return jobs.every(({ status }) => status === "completed") ? 0 : FAILED;
}

/** Runs the task with the config of a job that ran before, and writes nothing but logs. */
async function rerun<T>(application: Application, task: Task<T>, path: string): Promise<number> {
  const { io, options } = application;
  io.err("UserWarning: Experimental rerun CLI option, other command line args are ignored.\n");
  const composition = rerunComposition(path, options, io) as Composition<T>;
  const outputDir = String(composition.value("hydra.runtime.output_dir"));
  const logging = openJobLogging(composition, outputDir, io);
  try {
    const name = String(composition.value("hydra.job.name"));
    await task({
      get config() {
        return composition.config;
      },
      composition,
      outputDir,
      originalCwd: process.cwd(),
      number: undefined,
      logger: (of) => logging.logger(of ?? name),
    });
    return 0;
  } finally {
    logging.close();
  }
}
