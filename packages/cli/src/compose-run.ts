import { isAbsolute, resolve } from "node:path";
import { compose, type Composition, type ConfigSource } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { type EpiscopeConfig, presetDirectory, type SavedConfig } from "@episcope/core";
import type { Command } from "commander";
import { environmentOverrides } from "./environment-overrides.js";
import type { ProgramIo } from "./io.js";

/** Flags of every verb that composes; they have Hydra's meaning. */
export interface ComposeFlags {
  readonly configName?: string;
  readonly configDir?: string;
}

export function declareComposeFlags(command: Command): void {
  command
    .option("--config-name, -cn <name>", "another primary config than the verb's own")
    .option("--config-dir, -cd <dir>", "a folder that is searched after the presets");
}

export interface Composed<T> {
  readonly composition: Composition<T>;
  readonly config: T;
  /** For the run directory's `.hydra/` and `.episcope/`. */
  readonly saved: SavedConfig;
  /** Where `hydra.run.dir` was given: absolute; undefined otherwise. */
  readonly runDir: string | undefined;
}

/**
 * Composes a verb's primary config over the presets. Overrides of the environment stand before those of the command
 * line, so the latter win.
 */
export async function composeRun<T extends Pick<EpiscopeConfig, "storage">>(
  primary: string,
  words: readonly string[],
  flags: ComposeFlags,
  io: ProgramIo,
): Promise<Composed<T>> {
  const sources: ConfigSource[] = [fileSource(presetDirectory(), { fs: io.fs })];
  if (flags.configDir !== undefined) sources.push(fileSource(resolve(io.cwd, flags.configDir), { fs: io.fs }));
  const fromEnvironment = environmentOverrides(io.env, (path) => sources.some((source) => source.isGroup(path)));
  const composition = await compose<T>({
    source: sources,
    name: flags.configName ?? primary,
    overrides: [...fromEnvironment, ...words],
    env: io.env,
    now: () => new Date(),
    jobName: "episcope",
    cwd: io.cwd,
    openSource: (path) => fileSource(isAbsolute(path) ? path : resolve(io.cwd, path), { fs: io.fs }),
  });
  const { config } = composition;
  return {
    composition,
    config,
    saved: {
      configYaml: composition.toYaml(),
      hydraYaml: composition.toYaml({ package: "hydra" }),
      overridesYaml: overridesYaml(composition.overrides.task),
      overrides: composition.overrides.task,
    },
    runDir: givenRunDir(composition, io.cwd),
  };
}

/** A run is the job's directory; only a `hydra.run.dir` that somebody wrote stands before the generated name. */
function givenRunDir(composition: Composition<unknown>, cwd: string): string | undefined {
  const { winner } = composition.explain("hydra.run.dir");
  if (winner === undefined || winner.kind === "schema" || winner.file?.startsWith("pkg://hydra") === true) return undefined;
  const hydra = composition.hydra() as { readonly run?: { readonly dir?: unknown } };
  return typeof hydra.run?.dir === "string" ? resolve(cwd, hydra.run.dir) : undefined;
}

/** As Hydra writes `.hydra/overrides.yaml`. */
function overridesYaml(overrides: readonly string[]): string {
  if (overrides.length === 0) return "[]\n";
  return overrides.map((text) => `- ${JSON.stringify(text)}\n`).join("");
}
