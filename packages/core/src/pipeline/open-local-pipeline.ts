import { join } from "node:path";
import type { EpisodeView } from "@episcope/records";
import type { CleanupPolicy, Clock, FileSystem } from "@episcope/records/store";
import {
  EPISODE_JOURNAL,
  EpisodeManager,
  episodeViewOf,
  findEpisode,
  handleStorageError,
  inventoryEpisode,
  ManifestWriter,
} from "@episcope/records/store";
import { drawingPlan } from "../config/trigger.js";
import type { EpiscopeConfig } from "../config/types.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import type { Logger } from "../contract/plugin.js";
import type { Format, RunIdentity } from "../contract/roles.js";
import { type NodePlanner, type PlannedNodes, workerPlugin } from "../host/plugin-nodes.js";
import { placeOf, threadsRefused } from "../host/plugin-place.js";
import { dumpStep } from "../output/state-dump.js";
import { sealHere, sealInWorker } from "../threads/journal-sealing.js";
import { EpisodeFinisher } from "./episode-finisher.js";
import { LocalPipeline } from "./local-pipeline.js";
import { openOutputs } from "./open-outputs.js";
import { OutputsKeeper } from "./outputs-keeper.js";
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
  const { onWait } = options;
  const place = { config, planner, nodes, identity, runDir, fs, clock, logger, hooks, manager };
  const onDrawingTime = (ms: number): void => budget.addRecordingTime(ms);
  const outputs = await openOutputs({ ...place, report, onDrawingTime, onWait });
  const { sinks, hooksPlugins, visualizer, renderers, workers, build } = outputs;
  const opened: { close(): Promise<void> }[] = [outputs];
  const { async_logger, structured_logging } = config.logging;
  try {
    // 2. What connects them.
    const plan = drawingPlan(config.visualization);
    const draws = renderers.length > 0 && (plan.steps !== "none" || plan.summary);
    const manifest = new ManifestWriter(runDir, { fs, run: identity.name, created: identity.startTime });
    const { format } = nodes;
    const world = { config, fs, clock };
    const compression = async_logger.enable_compression;
    const journals =
      threadsRefused(world) !== null || (format !== null && placeOf(format, world).thread === "main")
        ? sealHere(fs, compression, format === null ? null : await build<Format>(format))
        : sealInWorker(
            {
              ...workers,
              renderers: [],
              format: format === null ? null : workerPlugin(format),
              compression,
            },
            logger,
          );
    opened.push(journals);
    const finisher = new EpisodeFinisher({
      fs,
      manager,
      manifest,
      formatKey: format?.key ?? "logging.log_format",
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
        forget: (episode, what) => {
          finisher.forget(episode, what);
          if (what === "episode") log?.removed(episode);
        },
        report,
      });
    }
    const hasOutputs = sinks.length > 0 || draws;
    const log =
      structured_logging || hasOutputs
        ? new StructuredLogger({
            ...{ manager, fs, clock, hasOutputs, finisher, report, onProgress: options.onProgress },
            durability: config.storage.durability,
            configHash: identity.configHash,
            episodeDirFormat: config.storage.episode_dir_format,
            journals: structured_logging ? journals : null,
            onFailure: (error) => handleStorageError(error, () => keeper?.makeRoom() ?? 0) === "retry",
            onRecovery: () => logger.info("The journal can be written again."),
            batchSize: async_logger.batch_size,
            flushIntervalMs: async_logger.flush_interval * 1000,
          })
        : null;
    const pageOf = (episode: number): EpisodeView | null => {
      const found = findEpisode(fs, journalOf(manager, episode), episode);
      return found === null ? null : episodeViewOf(found);
    };
    const asyncLogger = outputs.connect({ log: log?.source ?? null, pageOf });
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
    const isTapped = [hooks.episodeStart, hooks.step, hooks.episodeEnd].some(hasTaps);
    return new LocalPipeline({
      idle: log === null && !plan.stateDumps && !isTapped,
      recording,
      log,
      asyncLogger,
      outputs: hasOutputs
        ? new OutputsKeeper({
            ...{ manager, asyncLogger, report },
            beforeSave: () => log?.flushNow(),
            onPassed: (position) => log?.passed(position),
          })
        : null,
      finisher,
      problems,
      hooks,
      identity,
      runDir,
      closers: [
        ...hooksPlugins.map((plugin) => async () => plugin.close?.()),
        async () => outputs.abort(),
        ...opened.map((part) => () => part.close()),
      ],
      report,
    });
  } catch (error) {
    await outputs.discard();
    for (const part of opened) await part.close();
    throw error;
  }
}

/** Absolute path of an episode's journal. */
function journalOf(manager: EpisodeManager, episode: number): string {
  return join(manager.episodeDir(episode), EPISODE_JOURNAL);
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
