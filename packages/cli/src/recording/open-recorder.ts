import type { EpiscopeConfig, Run } from "@episcope/core";
import type { PlainObject } from "@episcope/records";
import { type Command, Option } from "commander";
import { type Composed, declareComposeFlags } from "../compose/compose-run.js";
import { projectPlugins } from "../compose/project-plugins.js";
import type { ProgramIo } from "../terminal/io.js";

export interface RecorderFlags {
  /** A run or a lock file that the config must agree with. */
  readonly locked?: string;
  /** Files, folders and packages that `_target_` may import. */
  readonly allowPlugins?: readonly string[];
}

export function declareRecorderFlags(command: Command): void {
  declareComposeFlags(command);
  command.addOption(
    new Option(
      "--locked <lock>",
      "a run or a lock file: stop where the config is not the one that was locked",
    ).conflicts("multirun"),
  );
  declareAllowPlugins(command);
}

export function declareAllowPlugins(command: Command): void {
  command.option(
    "--allow-plugins <path-or-package>",
    "a file, folder or package that a _target_ of the config may import; may be repeated",
    (value: string, before: readonly string[] = []) => [...before, value],
  );
}

/**
 * Opens the run of a verb that records, with the program's plugins and those that the project allows; `meta` goes into its first
 * record.
 */
export async function openRecorder(
  composed: Composed<EpiscopeConfig>,
  flags: RecorderFlags,
  io: ProgramIo,
  meta?: PlainObject,
): Promise<Run> {
  const { config, saved, runDir } = composed;
  const [{ createClock, createConsoleLogger, openRun }, { builtinPlugins }] = await Promise.all([
    import("@episcope/core"),
    import("../compose/builtin-plugins.js"),
  ]);
  return openRun(config, {
    plugins: builtinPlugins(),
    allowPlugins: [...(flags.allowPlugins ?? []), ...projectPlugins(io.cwd, io.fs)],
    cwd: io.cwd,
    fs: io.fs,
    clock: createClock(),
    logger: createConsoleLogger(config.logging.log_level, (line) => io.message(line)),
    saved,
    ...(meta === undefined ? {} : { meta }),
    ...(runDir === undefined ? {} : { runDir }),
  });
}
