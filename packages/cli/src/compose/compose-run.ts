import { resolve } from "node:path";
import {
  blamedVariables,
  type ComposeOptions,
  type Composition,
  composeSync,
  configInvalid,
  type EnvironmentOverride,
  environmentOverrides,
  namingVariables,
  validateConfig,
} from "@episcope/config";
import { openSourceIn, secretResolver } from "@episcope/config/node";
import { createTree, toYaml } from "@episcope/config/tree";
import type { SavedConfig } from "@episcope/core";
import { type EpiscopeConfig, type LockCommand, presetDirectory } from "@episcope/core/config";
import { EpiscopeError } from "@episcope/errors";
import type { Command } from "commander";
import { configDirMissing, sweepInSingleRun } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";
import { SCHEMAS, VERB_KEYS } from "./primary-schemas.js";
import { VALIDATORS } from "./primary-validators.js";
import { refuseUnusedKeys } from "./unused-keys.js";

/** Where the presets stand on the search path. */
const PRESETS = "pkg://episcope/conf";
/** How files of Hydra's own config are shown. */
const HYDRA_LABEL = "hydra.conf/";

/** Flags of every verb that composes; they have Hydra's meaning. */
export interface ComposeFlags {
  readonly configName?: string;
  readonly configPath?: string;
  readonly configDir?: string;
}

export function declareComposeFlags(command: Command): void {
  command
    .option("--config-name <name>", "another primary config than the verb's own (also -cn)")
    .option("--config-path <dir>", "a folder in place of the presets (also -cp)")
    .option("--config-dir <dir>", "a folder that is searched after the presets (also -cd)");
}

export interface Composed<T> {
  readonly composition: Composition<T>;
  readonly config: T;
  /** For the run directory's `.hydra/` and `.episcope/`. */
  readonly saved: SavedConfig;
  /** Where `hydra.run.dir` was given: absolute; undefined otherwise. */
  readonly runDir: string | undefined;
}

/** How a primary config is composed over the presets; what the environment sets stands apart. */
export interface Composing {
  readonly options: ComposeOptions;
  readonly variables: readonly EnvironmentOverride[];
}

export function composingOf(
  primary: string,
  words: readonly string[],
  flags: ComposeFlags,
  io: ProgramIo,
  now: Date = new Date(),
): Composing {
  const packages = new Map([[PRESETS.slice("pkg://".length), presetDirectory()]]);
  const openSource = openSourceIn({ cwd: io.cwd, packages, fs: io.fs });
  const sources = [openSource(flags.configPath ?? PRESETS, "main")!];
  if (flags.configDir !== undefined) {
    const source = openSource(flags.configDir, "command-line")!;
    if (!source.isAvailable()) throw configDirMissing(flags.configDir);
    sources.push(source);
  }
  const options: ComposeOptions = {
    source: sources,
    name: flags.configName ?? primary,
    overrides: words,
    env: io.env,
    resolvers: new Map([["secret", secretOf(io)]]),
    now,
    jobName: "episcope",
    cwd: io.cwd,
    openSource,
  };
  const isGroup = (path: string): boolean => sources.some((source) => source.isGroup(path));
  return { options, variables: environmentOverrides(io.env, "EPISCOPE", isGroup) };
}

/**
 * Composes a primary config over the presets, without judging it. Overrides of the environment stand before those of
 * the command line, so the latter win.
 */
export async function composeConfig<T>(
  primary: string,
  words: readonly string[],
  flags: ComposeFlags,
  io: ProgramIo,
  now?: Date,
): Promise<Composition<T>> {
  const composition = composeWith<T>(composingOf(primary, words, flags, io, now));
  hideVariables(composition, io);
  return composition;
}

/** The same of sources that are open already, as of many configs that are composed one after the other. */
export function composeWith<T>(composing: Composing): Composition<T> {
  return withVariables(composing, (options) => composeSync<T>(options));
}

/** Does something with the overrides of the environment before those of the command line, and names them in its error. */
export function withVariables<T>({ options, variables }: Composing, run: (options: ComposeOptions) => T): T {
  const words = options.overrides ?? [];
  try {
    return withoutKeysOfOthers(variables, (used) => run({ ...options, overrides: [...used, ...words] }));
  } catch (error) {
    const isSweep = error instanceof EpiscopeError && error.code === "SWEEP_WITHOUT_MULTIRUN";
    throw namingVariables(isSweep ? sweepInSingleRun(error) : error, variables);
  }
}

/** The resolver of `${secret:NAME}`; what it reads is kept out of everything that is printed. */
export function secretOf(io: ProgramIo): ReturnType<typeof secretResolver> {
  return secretResolver({
    env: io.env,
    readFile: (path) => io.fs.readFileSync(resolve(io.cwd, path), "utf8"),
    onSecret: (secret) => io.hide?.(secret, "everywhere"),
  });
}

/** Shortest value of a variable that may be a secret; shorter ones would be found in words. */
const SHORTEST = 6;

/** Keeps values that a config takes from the environment out of messages; but for paths, which are what messages are about. */
export function hideVariables(composition: Composition<unknown>, io: ProgramIo): void {
  for (const [, name] of composition.toYaml().matchAll(/oc\.env:\s*([^,}\s]+)/g)) {
    const value = io.env[name!];
    if (value !== undefined && value.length >= SHORTEST && !/[/\\]/.test(value)) io.hide?.(value, "messages");
  }
}

/** Composes again without the variables that set a key of another verb, where this one does not have it. */
function withoutKeysOfOthers<T>(
  variables: readonly EnvironmentOverride[],
  composeWith: (variables: readonly EnvironmentOverride[]) => T,
): T {
  try {
    return composeWith(variables);
  } catch (error) {
    if (!(error instanceof EpiscopeError)) throw error;
    const foreign = blamedVariables(error, variables).filter(({ key }) => VERB_KEYS.has(key));
    if (foreign.length === 0) throw error;
    return composeWith(variables.filter((variable) => !foreign.includes(variable)));
  }
}

/** Throws CONFIG_INVALID with every problem and the place where its value was written. */
export function checkComposition(composition: Composition<unknown>, primary: string): void {
  const name = Object.hasOwn(SCHEMAS, primary) ? (primary as keyof typeof SCHEMAS) : "config";
  const problems = validateConfig(SCHEMAS[name], composition.job, { compiled: VALIDATORS[name] });
  if (problems.length === 0) return;
  throw configInvalid(
    problems.map((problem) => {
      const from = problem.override === undefined ? undefined : composition.explain(problem.key)?.winner.from;
      return from === undefined ? problem : { ...problem, from };
    }),
  );
}

/** Composes and checks what a verb that records needs. */
export async function composeRun<T extends EpiscopeConfig>(
  primary: string,
  words: readonly string[],
  flags: ComposeFlags,
  io: ProgramIo,
): Promise<Composed<T>> {
  const composedAt = new Date();
  const composition = await composeConfig<T>(primary, words, flags, io, composedAt);
  return composedRun(composition, primary, io, { composedAt, command: commandOf(primary, flags) });
}

/** How a verb was called, for its lock. */
export function commandOf(verb: string, flags: ComposeFlags): LockCommand {
  const { configName, configPath, configDir } = flags;
  return {
    verb,
    config_name: configName ?? verb,
    ...(configPath === undefined ? {} : { config_path: configPath }),
    ...(configDir === undefined ? {} : { config_dir: configDir }),
  };
}

/** Checks what a verb that records has composed. */
export function composedRun<T extends EpiscopeConfig>(
  composition: Composition<T>,
  primary: string,
  io: ProgramIo,
  called: Pick<SavedConfig, "command" | "composedAt" | "origins" | "overrides">,
): Composed<T> {
  hideVariables(composition, io);
  checkComposition(composition, primary);
  refuseUnusedKeys(composition);
  const subdir = composition.value("hydra.output_subdir");
  const { task } = composition.overrides;
  return {
    composition,
    // The types of the config tree are readonly at every depth already.
    config: composition.config as T,
    saved: {
      overrides: task,
      ...called,
      // Null means none of Hydra's files.
      ...(subdir === null || subdir === undefined
        ? {}
        : {
            configYaml: composition.toYaml(),
            hydraYaml: composition.toYaml({ part: "hydra", help: true }),
            overridesYaml: toYaml(createTree([...task])),
            outputSubdir: String(subdir),
          }),
    },
    runDir: givenRunDir(composition, io.cwd),
  };
}

/** A run is the job's directory; only a `hydra.run.dir` that somebody wrote stands before the generated name. */
function givenRunDir(composition: Composition<unknown>, cwd: string): string | undefined {
  return isGiven(composition, "hydra.run.dir")
    ? resolve(cwd, String(composition.value("hydra.run.dir")))
    : undefined;
}

/** Whether somebody wrote a value of Hydra's node: a config or an override, not Hydra itself. */
export function isGiven(composition: Composition<unknown>, key: string): boolean {
  const origin = composition.explain(key)?.winner;
  if (origin?.kind === "override") return true;
  return origin?.kind === "file" && origin.file?.startsWith(HYDRA_LABEL) !== true;
}
