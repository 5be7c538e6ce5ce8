import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Composition } from "../compose/composition.js";
import type { DeepReadonly } from "../compose/deep-freeze.js";
import { createTree } from "../omegaconf/create.js";
import { toYaml } from "../omegaconf/output.js";
import type { Callbacks } from "./callbacks.js";
import type { ApplicationIo } from "./io.js";
import { type JobLogging, type Logger, type LoggingConfig, openLogging } from "./logging.js";

/** What a task is called with. */
export interface Job<T = Record<string, unknown>> {
  /** The resolved config: frozen plain data. Made when it is read; missing values (`???`) are an error then. */
  readonly config: DeepReadonly<T>;
  /** The composed config, with Hydra's node and with where every value came from. */
  readonly composition: Composition<T>;
  /** Absolute path of the job's directory. */
  readonly outputDir: string;
  /** Where the program was started; the same as `process.cwd()` unless `hydra.job.chdir` is true. */
  readonly originalCwd: string;
  /** Number of the job in its sweep, from 0; undefined outside of one. */
  readonly number: number | undefined;
  /** A log, as `hydra.job_logging` sets it up. Default: the job's name. */
  logger(name?: string): Logger;
}

/** The program's own function. What it returns is handed to callbacks; what it throws fails the job. */
export type Task<T = Record<string, unknown>> = (job: Job<T>) => unknown;

/** How a job ended. */
export interface JobReturn {
  readonly number: number | undefined;
  readonly overrides: readonly string[];
  readonly outputDir: string;
  readonly status: "completed" | "failed";
  /** What the task returned. */
  readonly value: unknown;
  /** What it threw. */
  readonly error: unknown;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}

export interface RunJobOptions<T> {
  readonly task: Task<T>;
  /** The config of the job. */
  readonly composition: Composition<T>;
  /** Its directory, which is there. */
  readonly outputDir: string;
  readonly number: number | undefined;
  readonly callbacks: Callbacks;
  readonly io: ApplicationIo;
}

/** Runs one job in its directory: files, logs, environment, callbacks. What the task throws is in the result. */
export async function runJob<T>(options: RunJobOptions<T>): Promise<JobReturn> {
  const { task, outputDir, number, callbacks, io } = options;
  const composition = options.composition.inDirectory(outputDir);
  const begun = performance.now();
  const chdir = changesDirectory(composition);
  const logging = openJobLogging(composition, outputDir, io);
  const originalCwd = process.cwd();
  const name = String(composition.value("hydra.job.name"));
  const logger = (of?: string): Logger => logging.logger(of ?? name);
  const restore = setEnvironment((composition.value("hydra.job.env_set") ?? {}) as Record<string, string>);
  try {
    if (chdir) process.chdir(outputDir);
    writeJobFiles(composition, outputDir);
    const event = { composition, outputDir, logger: (of: string) => logging.logger(of) };
    await callbacks.notify("onJobStart", event);
    const outcome = await outcomeOf(() =>
      task({
        get config() {
          return composition.config;
        },
        composition,
        outputDir,
        originalCwd,
        number,
        logger,
      }),
    );
    const job: JobReturn = {
      number,
      overrides: composition.overrides.task,
      outputDir,
      ...outcome,
      milliseconds: performance.now() - begun,
    };
    await callbacks.notify("onJobEnd", { ...event, job });
    return job;
  } finally {
    if (chdir) process.chdir(originalCwd);
    restore();
    logging.close();
  }
}

async function outcomeOf(run: () => unknown): Promise<Pick<JobReturn, "status" | "value" | "error">> {
  try {
    return { status: "completed", value: await run(), error: undefined };
  } catch (error) {
    return { status: "failed", value: undefined, error };
  }
}

/** Only where somebody asks for it; by the rules of 1.1 it was asked for by saying nothing. */
function changesDirectory(composition: Composition<unknown>): boolean {
  const chdir = composition.value("hydra.job.chdir");
  if (chdir === null || chdir === undefined) return composition.value("hydra.runtime.version_base") === "1.1";
  return chdir === true;
}

export function openJobLogging(
  composition: Composition<unknown>,
  directory: string,
  io: ApplicationIo,
): JobLogging {
  return openLoggingOf("hydra.job_logging", composition, directory, io);
}

/** The log of Hydra itself: what is launched. */
export function openHydraLogging(
  composition: Composition<unknown>,
  directory: string,
  io: ApplicationIo,
): JobLogging {
  return openLoggingOf("hydra.hydra_logging", composition, directory, io);
}

function openLoggingOf(
  key: string,
  composition: Composition<unknown>,
  directory: string,
  io: ApplicationIo,
): JobLogging {
  const config = composition.value(key) as LoggingConfig | null;
  const verbose = composition.value("hydra.verbose") as boolean | string | readonly string[];
  return openLogging({ config, key, verbose, io, directory });
}

/** `.hydra/config.yaml`, `hydra.yaml` and `overrides.yaml`, byte for byte Hydra's; none where `output_subdir` is null. */
export function writeJobFiles(composition: Composition<unknown>, outputDir: string): void {
  const subdir = composition.value("hydra.output_subdir");
  if (subdir === null || subdir === undefined) return;
  const dir = join(outputDir, String(subdir));
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "config.yaml"), composition.toYaml());
  writeFileSync(join(dir, "hydra.yaml"), composition.toYaml({ part: "hydra", help: true }));
  writeFileSync(join(dir, "overrides.yaml"), toYaml(createTree([...composition.overrides.task])));
}

/** Sets variables for the time of a job. Gives what puts the former ones back. */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const former = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(variables)) process.env[name] = String(value);
  return () => {
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
