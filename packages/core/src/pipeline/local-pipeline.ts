import { join } from "node:path";
import type { EpiscopeConfig } from "../config/types.js";
import type { EpisodeLogEntry } from "../episode/episode-log.js";
import { EpisodeManager } from "../episode/episode-manager.js";
import { episodeNotFound } from "../episode/errors.js";
import { inventoryEpisode } from "../episode/inventory.js";
import { EPISODE_JOURNAL } from "../episode/manifest.js";
import { ManifestWriter } from "../episode/manifest-writer.js";
import type { Accounting, Outcome, RunEndRecord, StreamRecord } from "../episode/record.js";
import { handleStorageError } from "../episode/storage-errors.js";
import { AsyncLogger, type NamedSink } from "./async-logger.js";
import { EpisodeFinisher } from "./episode-finisher.js";
import { createRunHooks, hasTaps, type RunHooks } from "./hooks.js";
import { finishHere, finishInWorker } from "./journal-finisher.js";
import { pictureSettings } from "./picture-settings.js";
import type { DrawingBudget, EpisodeIntake, Pipeline, Taken } from "./pipeline.js";
import type { Clock, FileSystem, Logger, PluginContext, PluginKind, PluginRoles } from "./plugin.js";
import {
  buildNode,
  type NodePlanner,
  type PlannedNode,
  type PlannedNodes,
  workerPlugin,
} from "./plugin-nodes.js";
import { placeOf, threadsRefused } from "./plugin-place.js";
import type { Problem, ProblemLog } from "./problem-log.js";
import { Recording } from "./recording.js";
import type { CleanupPolicy, Format, RunIdentity } from "./roles.js";
import { openRenderers } from "./run-renderers.js";
import { openSinks } from "./run-sinks.js";
import { dumpStep } from "./state-dump.js";
import type { StepInput } from "./step-input.js";
import { StepIntake } from "./step-intake.js";
import { StorageKeeper } from "./storage-keeper.js";
import { StructuredLogger } from "./structured-logger.js";
import { drawingPlan } from "./trigger.js";
import { Visualizer } from "./visualizer.js";

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
    return { context: { ...place, fs, logger, clock, hooks, signal: abort.signal }, abort };
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

interface LocalPipelineParts {
  readonly idle: boolean;
  readonly recording: Recording;
  /** Null with `structured_logging: false`. */
  readonly log: StructuredLogger | null;
  readonly asyncLogger: AsyncLogger;
  readonly finisher: EpisodeFinisher;
  readonly problems: ProblemLog;
  readonly hooks: RunHooks;
  readonly identity: RunIdentity;
  readonly runDir: string;
  /** Run last, in this order. */
  readonly closers: readonly (() => Promise<void>)[];
  report(error: unknown, key: string): void;
}

/** The pipeline in the thread that feeds it: of the producer, or one of its own. */
export class LocalPipeline implements Pipeline {
  readonly #parts: LocalPipelineParts;
  readonly #pendingEnds: Set<Promise<void>> = new Set();

  constructor(parts: LocalPipelineParts) {
    this.#parts = parts;
  }

  get idle(): boolean {
    return this.#parts.idle;
  }

  get episodesStarted(): number {
    return this.#parts.recording.episodesStarted;
  }

  get openEpisodes(): readonly string[] {
    return this.#parts.recording.openEpisodes;
  }

  get acknowledged(): number {
    return this.#parts.log?.acknowledged ?? -1;
  }

  /** Records that wait in memory to be written to the journal. */
  get unwritten(): number {
    return this.#parts.log?.unwritten ?? 0;
  }

  get pending(): number {
    return this.#parts.asyncLogger.lanes.reduce((sum, lane) => sum + lane.pending, 0);
  }

  get problems(): readonly Problem[] {
    return this.#parts.problems.problems;
  }

  intake(key: string): EpisodeIntake {
    const { recording } = this.#parts;
    return new BorrowingIntake(recording, key, recording.numberOf(key));
  }

  take(record: StreamRecord, priority = 0): Taken {
    const taken = this.#parts.recording.take(record, priority);
    const { done } = taken;
    if (done !== undefined) {
      this.#pendingEnds.add(done);
      void done.finally(() => this.#pendingEnds.delete(done));
    }
    return taken;
  }

  end(key: string, seq: number, time: number, outcome?: Outcome): Taken {
    const end = this.#parts.recording.endOf(key);
    return this.take({
      type: "episode-end",
      seq,
      episode: key,
      time,
      outcome: outcome ?? end.outcome,
      totals: end.totals,
    });
  }

  refusesReentry(): Error | null {
    return this.#parts.asyncLogger.refusesReentry();
  }

  async flush(): Promise<void> {
    const { log, asyncLogger } = this.#parts;
    await log?.flush();
    await Promise.all(this.#pendingEnds);
    await asyncLogger.flush();
    await log?.flush();
  }

  flushNow(): void {
    this.#parts.log?.flushNow();
  }

  ready(): Promise<void> {
    return this.#parts.asyncLogger.ready();
  }

  accounting(): { readonly [key: string]: Accounting } {
    const { log, asyncLogger } = this.#parts;
    return { ...(log === null ? {} : { journal: log.accounting() }), ...asyncLogger.accounting() };
  }

  describePending(): string[] {
    const ends = this.#pendingEnds.size;
    return [
      ...(ends === 0 ? [] : [`the end of ${ends} ${ends === 1 ? "episode" : "episodes"}`]),
      ...this.#parts.asyncLogger.pending(),
    ];
  }

  loadEpisode(number: number): EpisodeLogEntry {
    const { log, runDir } = this.#parts;
    if (log === null) throw episodeNotFound(runDir, number, []);
    return log.loadEpisode(number);
  }

  async close(
    end: Omit<RunEndRecord, "accounting">,
    deadline: Promise<unknown>,
  ): Promise<readonly unknown[]> {
    const { recording, log, asyncLogger, finisher, hooks, identity, closers, report } = this.#parts;
    const errors: unknown[] = [];
    const attempt = async (action: () => unknown): Promise<void> => {
      try {
        await action();
      } catch (error) {
        errors.push(error);
      }
    };
    await Promise.all(this.#pendingEnds);
    await attempt(() => log?.flush());
    await attempt(() => recording.take({ ...end, accounting: this.accounting() }));
    await attempt(() => asyncLogger.close(deadline));
    await attempt(() => log?.close());
    await attempt(() => finisher.close(this.accounting()));
    if (hasTaps(hooks.runEnd)) await attempt(() => hooks.runEnd.promise(identity));
    for (const close of closers) await close().catch((error: unknown) => report(error, "hooks"));
    return errors;
  }
}

/** Steps of the usual form in memory that is used again, as long as nobody keeps them. */
class BorrowingIntake implements EpisodeIntake {
  readonly number: number;
  readonly #recording: Recording;
  readonly #key: string;
  readonly #intake = new StepIntake();

  constructor(recording: Recording, key: string, number: number) {
    this.#recording = recording;
    this.#key = key;
    this.number = number;
  }

  get steps(): number {
    return this.#recording.stepsOf(this.#key);
  }

  take(seq: number, time: number, input: StepInput, priority: number): boolean | null {
    const recording = this.#recording;
    if (recording.keepsSteps) return null;
    const record = this.#intake.read(this.#key, this.steps, seq, time, input);
    if (record === null) return null;
    const { refusedBy } = recording.takeBorrowed(record, priority);
    this.#intake.keep();
    return refusedBy.length === 0;
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
