import * as fs from "node:fs";
import { join } from "node:path";
import type { PictureSettings } from "@episcope/records";
import { compileNameFormat, makeDirectories } from "@episcope/records/store";
import type { RunHooks } from "../contract/hooks.js";
import type { Logger, PluginContext, PluginKind, PluginRoles } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import { CLOCK, FILE_SYSTEM, LOGGER, RUN_IDENTITY } from "../contract/services.js";
import { buildPlugin } from "../host/build-plugin.js";
import { createClock } from "../host/console-logger.js";
import { RunContainer } from "../host/container.js";
import { pluginContext } from "../host/plugin-context.js";
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
  /** Of the thread. */
  readonly services: RunContainer;
  readonly hooks: RunHooks;
  readonly signal: AbortSignal;
  /** Whether asking for an episode's directory makes it, as it does where the pipeline is. */
  readonly makesDirectories: boolean;
  /** Of a sink that goes on. Default: null. */
  readonly resume?: PluginContext["resume"];
}

/** The services that every thread has. */
export function threadServices(run: RunIdentity, logger: Logger): RunContainer {
  const container = new RunContainer(undefined);
  container.use(FILE_SYSTEM, fs);
  container.use(CLOCK, createClock());
  container.use(LOGGER, logger);
  container.use(RUN_IDENTITY, run);
  return container;
}

/** Builds a plugin again in a worker thread, from its module and its checked options. */
export async function buildInWorker<Role extends PluginRoles[PluginKind]>(
  plugin: WorkerPlugin,
  { runDir, episodeDirFormat, picture }: WorkerRun,
  { services, hooks, signal, makesDirectories, resume = null }: WorkerContextParts,
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
  const place = { name, configKey, picture, paths, hooks, resume, signal, isAlone: true };
  return buildPlugin<Role>(definition, { key: configKey, options }, pluginContext(services, place));
}
