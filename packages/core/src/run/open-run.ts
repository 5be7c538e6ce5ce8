import nodeFs from "node:fs";
import { savedData, savedOrigins } from "@episcope/config";
import type { PlainObject } from "@episcope/records";
import type { Clock, FileSystem } from "@episcope/records/store";
import { EpisodeManager, holdRunLock } from "@episcope/records/store";
import { checkCombinations } from "../config/check-combinations.js";
import { checkConfig } from "../config/check-config.js";
import { stampConfig } from "../config/stamp-config.js";
import type { EpiscopeConfig } from "../config/types.js";
import { stacksOf } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import { CLOCK, EPISODE_MANAGER, FILE_SYSTEM, LOGGER, RUN_IDENTITY } from "../contract/services.js";
import { CORE_PLUGINS } from "../host/builtin-plugins.js";
import { configHash, plainConfig } from "../host/config-hash.js";
import { createClock, createConsoleLogger } from "../host/console-logger.js";
import { type DependencyContainer, RunContainer } from "../host/container.js";
import { type NodePlanner, type PlannedNodes, planNodes } from "../host/plugin-nodes.js";
import { type PlaceWorld, placeOf } from "../host/plugin-place.js";
import { type PluginEntry, PluginRegistry } from "../host/plugin-registry.js";
import { openLocalPipeline } from "../pipeline/open-local-pipeline.js";
import { PERFORMANCE_MONITOR, PerformanceMonitor } from "../pipeline/performance-monitor.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import { programsThreadNeeded } from "../pipeline/pipeline-place.js";
import { ProblemLog } from "../pipeline/problem-log.js";
import { openThreadedPipeline } from "../ring/open-threaded-pipeline.js";
import { keepConsole } from "./console-file.js";
import type { ProcessEvents } from "./process-guard.js";
import { Run, type RunParts } from "./run.js";
import { type SavedConfig, saveRunFiles } from "./run-files.js";
import { startedRun } from "./started-run.js";

export interface OpenRunOptions {
  /**
   * What is registered there replaces what the run would make: FILE_SYSTEM, CLOCK, LOGGER, EPISODE_MANAGER, KEY_STEP_DETECTION,
   * STEP_TRIGGER, VISUALIZER, STRUCTURED_LOGGER, PERFORMANCE_MONITOR, or the instance of a node (`rendererToken(name)`, …). Plugins find
   * everything else in it too.
   */
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
  const checked = checkConfig(composed);
  const cwd = options.cwd ?? process.cwd();
  const world = runWorld(checked, cwd, options);
  const { config } = world;
  const { container, logger } = world;
  for (const warning of checkCombinations(config, { cwd })) logger.warn(warning);
  const planned = await planPlugins(world, options);
  const place = makePlace(world, { composed, options });
  const unlock = holdRunLock(world.fs, place.dir);
  const release = keptConsole(world, { ...place, planned, options });
  const finish = async (): Promise<void> => {
    release();
    unlock();
    await container.close((error) => logger.warn(String(error)));
  };
  try {
    const origins = savedOrigins(Object(composed) as object);
    saveRunFiles(place.manager, place.identity, { origins, ...options.saved });
    return new Run(await runParts(world, { ...place, planned, options, finish }));
  } catch (error) {
    logger.debug(stacksOf(error));
    await finish();
    throw error;
  }
}

/** Keeps what the process prints, where a sink reads that; gives what ends it. */
function keptConsole(
  { fs, clock }: RunWorld,
  { dir, planned, options }: Pick<RunToBuild, "dir" | "planned" | "options">,
): () => void {
  const isRead = planned.nodes.sinks.some(({ definition }) => definition.readsConsole === true);
  if (!isRead || options.process !== undefined) return () => {};
  return keepConsole({ fs, clock, dir, streams: process });
}

/** What a run is made in. */
interface RunWorld {
  /** As it is saved. */
  readonly checked: EpiscopeConfig;
  /** With the time in its names. */
  readonly config: EpiscopeConfig;
  readonly cwd: string;
  readonly container: RunContainer;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the run, in seconds since 1970. */
  readonly startTime: number;
}

function runWorld(checked: EpiscopeConfig, cwd: string, options: OpenRunOptions): RunWorld {
  const container = new RunContainer(options.container);
  const fs = container.use(FILE_SYSTEM, options.fs ?? nodeFs);
  const clock = container.use(CLOCK, options.clock ?? createClock());
  const logger = container.use(LOGGER, options.logger ?? createConsoleLogger(checked.logging.log_level));
  const startTime = clock.now();
  const config = stampConfig(checked, startTime);
  return { checked, config, cwd, container, fs, clock, logger, startTime };
}

interface PlannedPlugins {
  readonly planner: NodePlanner;
  readonly nodes: PlannedNodes;
}

/** Finds the plugins that the config names, and checks their options. */
async function planPlugins(
  { config, cwd, container, logger }: RunWorld,
  { plugins = [], allowPlugins = [] }: OpenRunOptions,
): Promise<PlannedPlugins> {
  const registry = new PluginRegistry([...CORE_PLUGINS, ...plugins], { cwd, allowPlugins });
  const planner: NodePlanner = { config, registry, container };
  const nodes = await planNodes(planner);
  for (const warning of nodes.warnings) logger.warn(warning);
  return { planner, nodes };
}

/** Where a run stands, and what it is called. */
interface RunPlace {
  readonly manager: EpisodeManager;
  /** Absolute. */
  readonly dir: string;
  readonly identity: RunIdentity;
  /** It could not be made where it was asked for. */
  readonly isElsewhere: boolean;
}

function makePlace(
  { checked, config, cwd, container, fs, clock, logger, startTime }: RunWorld,
  { composed, options: { runDir, saved } }: { readonly composed: unknown; readonly options: OpenRunOptions },
): RunPlace {
  let isElsewhere = false;
  const onFallback = (dir: string, error: Error): void => {
    isElsewhere = true;
    logger.warn(`${error.message} The run goes to ${dir} instead.`);
  };
  container.offer(EPISODE_MANAGER, () => new EpisodeManager(config.storage, { fs, clock, cwd, onFallback }));
  const manager = container.resolve(EPISODE_MANAGER);
  const dir = startedRun(manager, fs, runDir === undefined ? {} : { runDir });
  // Values of the environment and secrets stand in it as they were written, not as they are.
  const shown = plainConfig(saved?.config ?? savedData(Object(composed) as object) ?? checked);
  const name = manager.runName;
  const identity = { name, startTime, configHash: configHash(shown), config: shown };
  container.use(RUN_IDENTITY, identity);
  return { manager, dir, identity, isElsewhere };
}

interface RunToBuild extends RunPlace {
  readonly planned: PlannedPlugins;
  readonly options: OpenRunOptions;
  finish(): Promise<void>;
}

async function runParts(world: RunWorld, run: RunToBuild): Promise<RunParts> {
  const { config, container, clock, logger } = world;
  const { planned, options, finish, dir, identity, isElsewhere } = run;
  container.offer(PERFORMANCE_MONITOR, () => performanceMonitor(world));
  const monitor = container.resolve(PERFORMANCE_MONITOR);
  const problems = new ProblemLog(logger, clock);
  return {
    ...{ identity, dir, clock, logger, problems, monitor, isElsewhere, finish },
    processEvents: options.process === undefined ? process : options.process,
    pipeline: await openPipeline(world, run, { planned, monitor, problems }),
    keepStates: config.logging.include_full_states,
    meta: options.meta ?? {},
    shutdownTimeoutMs: config.logging.async_logger.shutdown_timeout * 1000,
  };
}

function performanceMonitor({ config, clock, logger }: RunWorld): PerformanceMonitor {
  return new PerformanceMonitor({
    clock,
    targetOverhead: config.logging.performance_monitor.target_overhead,
    onChange: ({ from, to, overhead }) =>
      logger.info(
        `recording took ${(overhead * 100).toFixed(1)} % of the producer's time: detail of drawing goes from ${from} to ${to} (0 = all, 2 = least).`,
      ),
  });
}

interface PipelineToOpen {
  readonly planned: PlannedPlugins;
  readonly monitor: PerformanceMonitor;
  readonly problems: ProblemLog;
}

/** In a thread of its own, unless something stands only in the program's memory: then one line says what. */
async function openPipeline(
  { config, cwd, container, fs, clock, logger }: RunWorld,
  { dir: runDir, manager, identity, options }: RunToBuild,
  { planned: { planner, nodes }, monitor, problems }: PipelineToOpen,
): Promise<Pipeline> {
  const { plugins = [], allowPlugins = [] } = options;
  const place = { config, identity, runDir, cwd, fs, logger, problems };
  const world = { config, fs, clock, container, providers: nodes.providers };
  const needed = programsThreadNeeded(nodes, world, plugins);
  logger.debug(`Run ${identity.name}: ${runDir}, config ${identity.configHash.slice(0, 12)}.`);
  logger.debug(
    needed === null
      ? "The pipeline has a thread of its own."
      : `The pipeline runs in the program's thread: ${needed.reason}.`,
  );
  for (const line of placeLines(nodes, world)) logger.debug(line);
  if (needed === null) return openThreadedPipeline({ ...place, plugins, allowPlugins, manager, monitor });
  const { reason, hint } = needed;
  if (hint !== null) logger.info(`Recording takes the program's own thread: ${reason}. ${hint}`);
  return openLocalPipeline({ ...place, planner, nodes, clock, budget: monitor });
}

/** Which plugins a run opens, and where they run. */
function placeLines({ sinks, renderers, format, policy }: PlannedNodes, world: PlaceWorld): string[] {
  const others = [format, policy].filter((node) => node !== null);
  return [...sinks, ...renderers, ...others].map((node) => {
    const place = placeOf(node, world);
    const where =
      place.thread === "worker" ? "in a thread of its kind" : `beside the pipeline: ${place.reason}`;
    return `${node.key} runs ${where}.`;
  });
}
