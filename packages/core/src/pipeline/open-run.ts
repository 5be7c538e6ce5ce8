import nodeFs from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { checkCombinations } from "../config/check-combinations.js";
import { checkConfig } from "../config/check-config.js";
import { EpisodeManager } from "../episode/episode-manager.js";
import { inventoryEpisode } from "../episode/inventory.js";
import { EPISODE_JOURNAL } from "../episode/manifest.js";
import { ManifestWriter } from "../episode/manifest-writer.js";
import type { PlainObject } from "../episode/record.js";
import { lockRun, unlockRun } from "../episode/run-lock.js";
import { handleStorageError } from "../episode/storage-errors.js";
import { AsyncLogger, type NamedSink } from "./async-logger.js";
import { CORE_PLUGINS } from "./builtin-plugins.js";
import { configHash } from "./config-hash.js";
import { createClock, createConsoleLogger } from "./console-logger.js";
import { CLOCK, type DependencyContainer, FILE_SYSTEM, LOGGER, RunContainer } from "./container.js";
import { EpisodeFinisher } from "./episode-finisher.js";
import { createRunHooks, hasTaps } from "./hooks.js";
import { finishHere, finishInWorker } from "./journal-finisher.js";
import { PerformanceMonitor } from "./performance-monitor.js";
import { pictureSettings } from "./picture-settings.js";
import type { Clock, FileSystem, Logger, PluginContext, PluginKind, PluginRoles } from "./plugin.js";
import { buildNode, type NodePlanner, type PlannedNode, planNodes, workerPlugin } from "./plugin-nodes.js";
import { type PluginEntry, PluginRegistry } from "./plugin-registry.js";
import { ProblemLog } from "./problem-log.js";
import type { ProcessEvents } from "./process-guard.js";
import { Recording } from "./recording.js";
import type { CleanupPolicy, Format, HooksPlugin, RunIdentity, Sink } from "./roles.js";
import { Run } from "./run.js";
import { type SavedConfig, saveRunFiles } from "./run-files.js";
import { openRenderers } from "./run-renderers.js";
import { dumpStep } from "./state-dump.js";
import { StorageKeeper } from "./storage-keeper.js";
import { StructuredLogger } from "./structured-logger.js";
import { drawingPlan } from "./trigger.js";
import { Visualizer } from "./visualizer.js";

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

  // 3. A place to write.
  let keeper: StorageKeeper | undefined;
  const manager = new EpisodeManager(config.storage, {
    fs,
    clock,
    cwd,
    onWritten: (bytes) => keeper?.add(bytes),
    onFallback: (dir, error) => logger.warn(`${error.message} The run goes to ${dir} instead.`),
  });
  const dir = manager.startNewRun(options.runDir === undefined ? {} : { runDir: options.runDir });
  const shown = options.saved?.config ?? (config as unknown as PlainObject);
  const identity: RunIdentity = {
    name: manager.runName,
    startTime: clock.now(),
    configHash: configHash(shown),
    config: shown,
  };
  lockRun(fs, dir);
  saveRunFiles(manager, identity, options.saved);

  // 4. The plugins themselves.
  const problems = new ProblemLog(logger, clock);
  const report = (error: unknown, key: string): void => problems.report(error, key);
  const hooks = createRunHooks((error) => report(error, "hooks"));
  const aborts: AbortController[] = [];
  const paths = { runDir: dir, episodeDir: (number: number) => manager.startNewEpisode(number) };
  const picture = pictureSettings(config.visualization);
  const contextOf = (node: PlannedNode): { context: PluginContext; abort: AbortController } => {
    const abort = new AbortController();
    aborts.push(abort);
    const { name, key } = node;
    const context = {
      name,
      configKey: key,
      run: identity,
      picture,
      paths,
      fs,
      logger,
      clock,
      hooks,
      signal: abort.signal,
    };
    return { context, abort };
  };
  const build = async <Role extends PluginRoles[PluginKind]>(node: PlannedNode): Promise<Role> =>
    buildNode<Role>(node, contextOf(node).context);
  const sinks: NamedSink[] = [];
  const hooksPlugins: HooksPlugin[] = [];
  const opened: { close(): Promise<void> }[] = [];
  try {
    for (const node of nodes.sinks) {
      const { context, abort } = contextOf(node);
      if (node.definition.kind === "hooks") {
        const plugin = await buildNode<HooksPlugin | undefined>(node, context);
        if (plugin !== undefined) hooksPlugins.push(plugin);
      } else {
        sinks.push({
          key: node.key,
          sink: await buildNode<Sink>(node, context),
          overflow: node.overflow,
          abort,
        });
      }
    }
    const plan = drawingPlan(config.visualization);
    const workers =
      fs === nodeFs
        ? { run: identity, runDir: dir, episodeDirFormat: config.storage.episode_dir_format, picture }
        : null;
    const drawing = await openRenderers({
      planner,
      planned: nodes.renderers,
      sinks,
      workers,
      logger,
      journalPath: (episode) => join(manager.episodeDir(episode), EPISODE_JOURNAL),
      build,
    });
    opened.push(drawing);
    const { renderers } = drawing;

    // 5. The pipeline.
    const visualizer = new Visualizer(
      renderers.map((entry) => entry.named),
      manager,
    );
    const monitor = new PerformanceMonitor({
      clock,
      targetOverhead: config.logging.performance_monitor.target_overhead,
      onChange: ({ from, to, overhead }) =>
        logger.info(
          `recording took ${(overhead * 100).toFixed(1)} % of the producer's time: detail of drawing goes from ${from} to ${to} (0 = all, 2 = least).`,
        ),
    });
    const asyncLogger = new AsyncLogger({
      config: config.logging.async_logger,
      visualizer,
      rendererOverflow: new Map(renderers.map((entry) => [entry.named.name, entry.overflow])),
      sinks,
      drawingThreads: drawing.threads,
      onDrawingTime: (ms) => monitor.addRecordingTime(ms),
      drawingTimeoutMs: drawing.timeoutMs,
      onArtifact: (artifact) => {
        if (hasTaps(hooks.artifact)) hooks.artifact.call(artifact);
      },
      report,
    });
    const { async_logger } = config.logging;
    const compression = async_logger.enable_compression;
    const manifest = new ManifestWriter(dir, { fs, run: identity.name, created: identity.startTime });
    const { format } = nodes;
    const journals =
      workers === null || async_logger.worker_threads === 0 || format?.address === null
        ? finishHere(fs, format === null ? null : await build<Format>(format))
        : finishInWorker(
            { ...workers, renderers: [], format: format === null ? null : workerPlugin(format) },
            logger,
          );
    opened.push(journals);
    const finisher = new EpisodeFinisher({
      fs,
      manager,
      manifest,
      journals,
      formatKey: nodes.format?.key ?? "logging.log_format",
      compression,
      report,
      onListed: (episode) => keeper?.add(inventoryEpisode(identity.name, episode).logBytes),
    });
    manifest.write();
    if (nodes.policy !== null) {
      keeper = new StorageKeeper({
        fs,
        clock,
        logger,
        hooks,
        base: manager.baseDir,
        run: identity.name,
        runDir: dir,
        policy: await build<CleanupPolicy>(nodes.policy),
        policyName: config.storage.cleanup_policy,
        maxBytes: config.storage.max_storage_gb * 1e9,
        minFreeBytes: config.storage.min_free_gb * 1e9,
        manifest,
        pictureBytes: (episode) => manager.pictures(episode).bytes,
        forget: (episode, what) => finisher.forget(episode, what),
        report,
      });
    }
    const log = config.logging.structured_logging
      ? new StructuredLogger({
          manager,
          fs,
          clock,
          durability: config.storage.durability,
          configHash: identity.configHash,
          onFailure: (error) => handleStorageError(error, () => keeper?.makeRoom() ?? 0) === "retry",
          onRecovery: () => logger.info("The journal can be written again."),
          batchSize: async_logger.batch_size,
          flushIntervalMs: async_logger.flush_interval * 1000,
          report,
          finishEpisode: (number, start, end) => finisher.finish(number, start, end),
        })
      : null;
    const recording = new Recording({
      log,
      asyncLogger,
      hooks,
      plan,
      monitor,
      drawsPages: visualizer.renderersFor("episode").length > 0,
      stepViews: (number) => finisher.stepViews(number),
      mayDraw: drawLimit(
        manager,
        config.storage.max_episodes_per_run,
        logger,
        () => keeper?.drawingStopped ?? null,
      ),
      dumpStep: (episode, record, view) => dumpStep(manager, episode, record, view),
      report,
    });
    const draws = renderers.length > 0 && (plan.steps !== "none" || plan.summary);
    const run = new Run({
      identity,
      dir,
      clock,
      logger,
      processEvents: options.process === undefined ? process : options.process,
      recording,
      log,
      asyncLogger,
      problems,
      monitor,
      keepStates: config.logging.include_full_states,
      meta: options.meta ?? {},
      shutdownTimeoutMs: config.logging.async_logger.shutdown_timeout * 1000,
      idle:
        log === null &&
        sinks.length === 0 &&
        !draws &&
        !plan.stateDumps &&
        ![hooks.episodeStart, hooks.step, hooks.episodeEnd].some(hasTaps),
      finish: async (stats) => {
        finisher.close(stats.accounting);
        if (hasTaps(hooks.runEnd)) await hooks.runEnd.promise(identity);
        for (const plugin of hooksPlugins) {
          await Promise.resolve(plugin.close?.()).catch((error: unknown) => report(error, "hooks"));
        }
        for (const abort of aborts) abort.abort();
        for (const part of opened) await part.close();
        unlockRun(fs, dir);
        container.clear();
      },
    });
    if (hasTaps(hooks.runStart)) await hooks.runStart.promise(identity);
    return run;
  } catch (error) {
    for (const abort of aborts) abort.abort();
    unlockRun(fs, dir);
    for (const part of opened) await part.close();
    await Promise.allSettled(sinks.map(async ({ sink }) => sink.close?.()));
    throw error;
  }
}

/** Says once that drawing has stopped. */
function drawLimit(
  manager: EpisodeManager,
  limit: number,
  logger: Logger,
  stopped: () => string | null,
): (episode: number) => boolean {
  let said = false;
  return (episode) => {
    if (manager.mayDraw(episode)) return stopped() === null;
    if (!said) {
      said = true;
      logger.warn(
        `storage.max_episodes_per_run=${limit} is reached: later episodes are logged, but not drawn.`,
      );
    }
    return false;
  };
}
