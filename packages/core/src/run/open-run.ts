import nodeFs from "node:fs";
import { availableParallelism } from "node:os";
import { savedData, savedOrigins } from "@episcope/config";
import type { PlainObject } from "@episcope/records";
import type { Clock, FileSystem } from "@episcope/records/store";
import { EpisodeManager, holdRunLock } from "@episcope/records/store";
import { checkCombinations } from "../config/check-combinations.js";
import { checkConfig } from "../config/check-config.js";
import type { Logger } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import { CORE_PLUGINS } from "../host/builtin-plugins.js";
import { configHash, plainConfig } from "../host/config-hash.js";
import { createClock, createConsoleLogger } from "../host/console-logger.js";
import { CLOCK, type DependencyContainer, FILE_SYSTEM, LOGGER, RunContainer } from "../host/container.js";
import { type NodePlanner, planNodes } from "../host/plugin-nodes.js";
import { type PluginEntry, PluginRegistry } from "../host/plugin-registry.js";
import { openLocalPipeline } from "../pipeline/open-local-pipeline.js";
import { PerformanceMonitor } from "../pipeline/performance-monitor.js";
import { producersThreadNeeded } from "../pipeline/pipeline-place.js";
import { ProblemLog } from "../pipeline/problem-log.js";
import { openThreadedPipeline } from "../ring/open-threaded-pipeline.js";
import { keepConsole } from "./console-file.js";
import type { ProcessEvents } from "./process-guard.js";
import { Run } from "./run.js";
import { type SavedConfig, saveRunFiles } from "./run-files.js";

export interface OpenRunOptions {
  /** Its registrations replace what the run would make: FILE_SYSTEM, CLOCK, LOGGER, or a node's instance. */
  readonly container?: DependencyContainer;
  /** Plugins that `_target_` may name. */
  readonly plugins?: readonly PluginEntry[];
  /** Files, folders and packages that `_target_` may import. Default: none. */
  readonly allowPlugins?: readonly string[];
  /** Relative paths stand below it. Default: the process's. */
  readonly cwd?: string;
  readonly fs?: FileSystem;
  readonly clock?: Clock;
  /** Default: standard error, from `logging.log_level` on. */
  readonly logger?: Logger;
  /** The run's directory, instead of one below `storage.base_output_dir`. */
  readonly runDir?: string;
  /** What the program composed, for `.hydra/` and the lock file. */
  readonly saved?: SavedConfig;
  /** Whose end and signals the run answers to (`ProcessGuard`). Default: `process`; null for none. */
  readonly process?: ProcessEvents | null;
  /** Goes into the `run-start` record. */
  readonly meta?: PlainObject;
}

/**
 * Opens a run: checks the config, finds the plugins that it names and checks their options, makes the run's directory,
 * builds the pipeline. Whatever is wrong is thrown here, before the first step and before a plugin has opened anything.
 */
export async function openRun(composed: unknown, options: OpenRunOptions = {}): Promise<Run> {
  // 1. The config, by itself.
  const config = checkConfig(composed);
  const cwd = options.cwd ?? process.cwd();
  const container = new RunContainer(options.container);
  const fs = container.provide(FILE_SYSTEM, options.fs ?? nodeFs);
  const clock = container.provide(CLOCK, options.clock ?? createClock());
  const logger = container.provide(LOGGER, options.logger ?? createConsoleLogger(config.logging.log_level));
  const warnings = checkCombinations(config, { cwd, cores: availableParallelism() });
  for (const warning of warnings) logger.warn(warning);

  // 2. The plugins that it names, and their options.
  const registry = new PluginRegistry([...CORE_PLUGINS, ...(options.plugins ?? [])], {
    cwd,
    allowPlugins: options.allowPlugins ?? [],
  });
  const planner: NodePlanner = { config, registry, container };
  const nodes = await planNodes(planner);
  for (const warning of nodes.warnings) logger.warn(warning);

  // 3. A place to write.
  let isElsewhere = false;
  const manager = new EpisodeManager(config.storage, {
    fs,
    clock,
    cwd,
    onFallback: (dir, error) => {
      isElsewhere = true;
      logger.warn(`${error.message} The run goes to ${dir} instead.`);
    },
  });
  const dir = manager.startNewRun(options.runDir === undefined ? {} : { runDir: options.runDir });
  // Values of the environment and secrets stand in it as they were written, not as they are.
  const shown = plainConfig(options.saved?.config ?? savedData(Object(composed) as object) ?? config);
  const identity: RunIdentity = {
    name: manager.runName,
    startTime: clock.now(),
    configHash: configHash(shown),
    config: shown,
  };
  const unlock = holdRunLock(fs, dir);
  const isRead = nodes.sinks.some(({ definition }) => definition.readsConsole === true);
  const keepsConsole = isRead && options.process === undefined;
  const release = keepsConsole ? keepConsole({ fs, clock, dir, streams: process }) : () => {};
  try {
    saveRunFiles(manager, identity, { origins: savedOrigins(Object(composed) as object), ...options.saved });

    // 4. The pipeline.
    const monitor = new PerformanceMonitor({
      clock,
      targetOverhead: config.logging.performance_monitor.target_overhead,
      onChange: ({ from, to, overhead }) =>
        logger.info(
          `recording took ${(overhead * 100).toFixed(1)} % of the producer's time: detail of drawing goes from ${from} to ${to} (0 = all, 2 = least).`,
        ),
    });
    const problems = new ProblemLog(logger, clock);
    const { allowPlugins = [], plugins = [] } = options;
    const place = { config, identity, runDir: dir, cwd, fs, logger, problems };
    const reason = producersThreadNeeded(planner, nodes, { config, fs, clock }, plugins);
    const pipeline =
      reason !== null
        ? await openLocalPipeline({ ...place, planner, nodes, clock, budget: monitor })
        : await openThreadedPipeline({ ...place, plugins, allowPlugins, manager, monitor });
    return new Run({
      identity,
      dir,
      clock,
      logger,
      processEvents: options.process === undefined ? process : options.process,
      pipeline,
      problems,
      monitor,
      isElsewhere,
      keepStates: config.logging.include_full_states,
      meta: options.meta ?? {},
      shutdownTimeoutMs: config.logging.async_logger.shutdown_timeout * 1000,
      finish: () => {
        release();
        unlock();
        container.clear();
      },
    });
  } catch (error) {
    release();
    unlock();
    throw error;
  }
}
