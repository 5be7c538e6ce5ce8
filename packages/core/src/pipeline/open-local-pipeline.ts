import { join } from "node:path";
import type { CleanupPolicy, Clock, FileSystem } from "@episcope/records/store";
import {
  EPISODE_JOURNAL,
  EpisodeManager,
  handleStorageError,
  inventoryEpisode,
  ManifestWriter,
} from "@episcope/records/store";
import { drawingPlan } from "../config/trigger.js";
import type { EpiscopeConfig } from "../config/types.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import type { Logger, PluginContext, PluginKind, PluginRoles } from "../contract/plugin.js";
import type { Format, RunIdentity } from "../contract/roles.js";
import { pictureSettings } from "../host/picture-settings.js";
import {
  buildNode,
  type NodePlanner,
  type PlannedNode,
  type PlannedNodes,
  workerPlugin,
} from "../host/plugin-nodes.js";
import { placeOf, threadsRefused } from "../host/plugin-place.js";
import { AsyncLogger, type NamedSink } from "../output/async-logger.js";
import { dumpStep } from "../output/state-dump.js";
import { Visualizer } from "../output/visualizer.js";
import { finishHere, finishInWorker } from "../threads/journal-finisher.js";
import { openRenderers } from "../threads/run-renderers.js";
import { openSinks } from "../threads/run-sinks.js";
import { EpisodeFinisher } from "./episode-finisher.js";
import { LocalPipeline } from "./local-pipeline.js";
import type { DrawingBudget } from "./pipeline.js";
import type { ProblemLog } from "./problem-log.js";
import { Recording } from "./recording.js";
import { StorageKeeper } from "./storage-keeper.js";
import { StructuredLogger } from "./structured-logger.js";

export interface LocalPipelineOptions {
  readonly config: EpiscopeConfig;
  readonly planner: NodePlanner;
  readonly nodes: PlannedNodes;
  readonly identity: RunIdentity;
  /** Absolute; it exists. */
  readonly runDir: string;
  readonly cwd: string;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly problems: ProblemLog;
  readonly budget: DrawingBudget;
  /** Told when records were written, or `acknowledged` has changed. */
  onProgress?(): void;
  /** Told when the run goes on in another directory. */
  onMove?(dir: string): void;
  /** Called again and again while this thread stands still for a sink. */
  onWait?(): void;
}

/** Builds the plugins of a run and what connects them. What a plugin throws while it is made is thrown here. */
export async function openLocalPipeline(options: LocalPipelineOptions): Promise<LocalPipeline> {
  const { config, planner, nodes, identity, runDir, cwd, fs, clock, logger, problems, budget } = options;
  let keeper: StorageKeeper | undefined;
  const manager = new EpisodeManager(config.storage, {
    fs,
    clock,
    cwd,
    onWritten: (bytes) => keeper?.add(bytes),
  });
  manager.continueRun(runDir);
  manager.onMove(() => options.onMove?.(manager.runDir));

  // 1. The plugins.
  const report = (error: unknown, key: string): void => problems.report(error, key);
  const hooks = createRunHooks((error) => report(error, "hooks"));
  const aborts: AbortController[] = [];
  const paths = { runDir, episodeDir: (number: number) => manager.startNewEpisode(number) };
  const picture = pictureSettings(config.visualization);
  const contextOf = (node: PlannedNode): { context: PluginContext; abort: AbortController } => {
    const abort = new AbortController();
    aborts.push(abort);
    const { name, key } = node;
    const place = { name, configKey: key, run: identity, picture, paths };
    return { context: { ...place, fs, logger, clock, hooks, resume: null, signal: abort.signal }, abort };
  };
  const build = async <Role extends PluginRoles[PluginKind]>(node: PlannedNode): Promise<Role> =>
    buildNode<Role>(node, contextOf(node).context);
  const world = { config, fs, clock };
  const workers = { run: identity, runDir, episodeDirFormat: config.storage.episode_dir_format, picture };
  let sinks: readonly NamedSink[] = [];
  const opened: { close(): Promise<void> }[] = [];
  try {
    const outlets = await openSinks({
      planned: nodes.sinks,
      workers,
      timeoutMs: config.logging.async_logger.worker_timeout * 1000,
      backlog: config.logging.async_logger.queue_size,
      hooks,
      logger,
      placeOf: (node) => placeOf(node, world),
      contextOf,
      report,
      onWait: options.onWait,
    });
    opened.push(outlets);
    sinks = outlets.sinks;
    const { hooksPlugins } = outlets;
    const plan = drawingPlan(config.visualization);
    const drawing = await openRenderers({
      planner,
      planned: nodes.renderers,
      sinks,
      workers,
      logger,
      placeOf: (node) => placeOf(node, world),
      journalPath: (episode) => join(manager.episodeDir(episode), EPISODE_JOURNAL),
      build,
    });
    opened.push(drawing);
    const { renderers } = drawing;

    // 2. What connects them.
    const visualizer = new Visualizer(
      renderers.map((entry) => entry.named),
      manager,
    );
    const { async_logger } = config.logging;
    const asyncLogger = new AsyncLogger({
      config: async_logger,
      visualizer,
      rendererOverflow: new Map(renderers.map((entry) => [entry.named.name, entry.overflow])),
      sinks,
      drawingThreads: drawing.threads,
      onDrawingTime: (ms) => budget.addRecordingTime(ms),
      drawingTimeoutMs: drawing.timeoutMs,
      onArtifact: (artifact) => {
        if (hasTaps(hooks.artifact)) hooks.artifact.call(artifact);
      },
      report,
    });
    const manifest = new ManifestWriter(runDir, { fs, run: identity.name, created: identity.startTime });
    const { format } = nodes;
    const journals =
      threadsRefused(world) !== null || (format !== null && placeOf(format, world).thread === "main")
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
      formatKey: format?.key ?? "logging.log_format",
      compression: async_logger.enable_compression,
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
        runDir,
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
          ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
          finishEpisode: (number, start, end) => finisher.finish(number, start, end),
        })
      : null;
    const recording = new Recording({
      log,
      asyncLogger,
      hooks,
      plan,
      budget,
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
    if (hasTaps(hooks.runStart)) await hooks.runStart.promise(identity);
    const draws = renderers.length > 0 && (plan.steps !== "none" || plan.summary);
    const isTapped = [hooks.episodeStart, hooks.step, hooks.episodeEnd].some(hasTaps);
    return new LocalPipeline({
      idle: log === null && sinks.length === 0 && !draws && !plan.stateDumps && !isTapped,
      recording,
      log,
      asyncLogger,
      finisher,
      problems,
      hooks,
      identity,
      runDir,
      closers: [
        ...hooksPlugins.map((plugin) => async () => plugin.close?.()),
        async () => {
          for (const abort of aborts) abort.abort();
        },
        ...opened.map((part) => () => part.close()),
      ],
      report,
    });
  } catch (error) {
    for (const abort of aborts) abort.abort();
    await Promise.allSettled(sinks.map(async ({ sink }) => sink.close?.()));
    for (const part of opened) await part.close();
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
