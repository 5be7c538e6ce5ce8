import * as fs from "node:fs";
import { join } from "node:path";
import type { PictureSettings } from "@episcope/records";
import { compileNameFormat, makeDirectories } from "@episcope/records/store";
import type { RunHooks } from "../contract/hooks.js";
import type { Logger, PluginContext } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import { createClock } from "../host/console-logger.js";
import { importPlugin } from "../host/plugin-loader.js";
import type { WorkerPlugin } from "../host/plugin-nodes.js";

/** The run as every worker thread knows it. */
export interface WorkerRun {
  readonly run: RunIdentity;
  readonly runDir: string;
  readonly episodeDirFormat: string;
  readonly picture: PictureSettings;
}

export interface WorkerContextParts {
  readonly logger: Logger;
  readonly hooks: RunHooks;
  readonly signal: AbortSignal;
  /** Whether asking for an episode's directory makes it, as it does where the pipeline is. */
  readonly makesDirectories: boolean;
  /** Of a sink that goes on. Default: null. */
  readonly resume?: PluginContext["resume"];
}

/** Builds a plugin again in a worker thread, from its module and its checked options. */
export async function buildInWorker<Role>(
  plugin: WorkerPlugin,
  { run, runDir, episodeDirFormat, picture }: WorkerRun,
  { logger, hooks, signal, makesDirectories, resume = null }: WorkerContextParts,
): Promise<Role> {
  const { name, configKey, address, options } = plugin;
  const definition = await importPlugin(configKey, address);
  const dirs = compileNameFormat("storage.episode_dir_format", episodeDirFormat, "episode");
  const episodeDir = (number: number): string => {
    const dir = join(runDir, dirs.format(number));
    if (makesDirectories) makeDirectories(fs, dir);
    return dir;
  };
  const paths = { runDir, episodeDir };
  const place = { name, configKey, run, picture, paths, fs };
  const context: PluginContext = { ...place, logger, clock: createClock(), hooks, resume, signal };
  return (await definition.create(options, context)) as Role;
}
