import nodeFs from "node:fs";
import type { PlainObject } from "@episcope/records";
import type { Clock, FileSystem } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { createRunHooks, type RunHooks } from "../contract/hooks.js";
import type { Logger, PluginContext } from "../contract/plugin.js";
import { CLOCK, FILE_SYSTEM, LOGGER, RUN_IDENTITY } from "../contract/services.js";
import { CORE_PLUGINS } from "./builtin-plugins.js";
import { configHash } from "./config-hash.js";
import { createClock, createConsoleLogger } from "./console-logger.js";
import { type DependencyContainer, RunContainer } from "./container.js";
import { pictureSettings } from "./picture-settings.js";
import { pluginContext } from "./plugin-context.js";
import type { NodePlanner, PlannedNode } from "./plugin-nodes.js";
import { type PluginEntry, PluginRegistry } from "./plugin-registry.js";

export interface PluginsWithoutRunOptions {
  readonly container?: DependencyContainer;
  /** Plugins that `_target_` may name, beside those of core. */
  readonly plugins?: readonly PluginEntry[];
  readonly allowPlugins?: readonly string[];
  /** Default: the process's. */
  readonly cwd?: string;
  readonly fs?: FileSystem;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** What building a plugin takes where nothing is recorded: drawing an old episode again, cleaning up. */
export interface PluginsWithoutRun {
  readonly planner: NodePlanner;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly cwd: string;
  /** Those that the plugins tap. */
  readonly hooks: RunHooks;
  contextOf(node: PlannedNode): PluginContext;
  /** Ends the services that the plugins made. */
  close(): Promise<void>;
}

/** `run` is the run that the plugins are told of. */
export function pluginsWithoutRun(
  config: EpiscopeConfig,
  run: { readonly name: string; readonly dir: string },
  options: PluginsWithoutRunOptions,
): PluginsWithoutRun {
  const cwd = options.cwd ?? process.cwd();
  const container = new RunContainer(options.container);
  const fs = container.use(FILE_SYSTEM, options.fs ?? nodeFs);
  const clock = container.use(CLOCK, options.clock ?? createClock());
  const logger = container.use(LOGGER, options.logger ?? createConsoleLogger(config.logging.log_level));
  const registry = new PluginRegistry([...CORE_PLUGINS, ...(options.plugins ?? [])], {
    cwd,
    allowPlugins: options.allowPlugins ?? [],
  });
  const shown = config as unknown as PlainObject;
  const identity = { name: run.name, startTime: clock.now(), configHash: configHash(shown), config: shown };
  container.use(RUN_IDENTITY, identity);
  const hooks = createRunHooks((error) => logger.error(String(error)));
  const shared = {
    picture: pictureSettings(config.visualization),
    paths: { runDir: run.dir, episodeDir: () => run.dir },
    hooks,
    resume: null,
    signal: new AbortController().signal,
  };
  return {
    planner: { config, registry, container },
    fs,
    clock,
    cwd,
    hooks,
    close: () => container.close((error) => logger.error(String(error))),
    contextOf: ({ name, key }) => pluginContext(container, { ...shared, name, configKey: key }),
  };
}
