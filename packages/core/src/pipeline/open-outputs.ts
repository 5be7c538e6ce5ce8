import { join } from "node:path";
import type { EpisodeView } from "@episcope/records";
import type { Clock, EpisodeManager, FileSystem } from "@episcope/records/store";
import { EPISODE_JOURNAL } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { hasTaps, type RunHooks } from "../contract/hooks.js";
import type { Logger, PluginContext, PluginKind, PluginRoles } from "../contract/plugin.js";
import type { HooksPlugin, RunIdentity } from "../contract/roles.js";
import { pictureSettings } from "../host/picture-settings.js";
import { pluginContext } from "../host/plugin-context.js";
import { buildNode, type NodePlanner, type PlannedNode, type PlannedNodes } from "../host/plugin-nodes.js";
import { placeOf } from "../host/plugin-place.js";
import { AsyncLogger, type NamedSink, type OutputProgress } from "../output/async-logger.js";
import type { LogSource } from "../output/log-source.js";
import { Outgoing } from "../output/outgoing.js";
import { RENDERERS, VISUALIZER, Visualizer } from "../output/visualizer.js";
import { openRenderers, type RunRenderers } from "../threads/run-renderers.js";
import { openSinks, type RunSinks } from "../threads/run-sinks.js";
import type { WorkerRun } from "../threads/worker-context.js";

export interface OpenOutputsOptions {
  readonly config: EpiscopeConfig;
  readonly planner: NodePlanner;
  readonly nodes: PlannedNodes;
  readonly identity: RunIdentity;
  /** Absolute; it exists. */
  readonly runDir: string;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hooks: RunHooks;
  readonly manager: EpisodeManager;
  /** How far outputs had come when the run was interrupted, by their config keys; left out for a new run. */
  readonly saved?: ReadonlyMap<string, OutputProgress>;
  /** Told of the time that drawing took on this thread, in milliseconds. */
  onDrawingTime(ms: number): void;
  report(error: unknown, key: string): void;
  /** Called again and again while this thread stands still for a sink. */
  onWait?: (() => void) | undefined;
}

/** The plugins of a run that get something, built. */
export interface OpenedOutputs {
  readonly workers: WorkerRun;
  readonly sinks: readonly NamedSink[];
  readonly hooksPlugins: readonly HooksPlugin[];
  /** Config keys of the nodes whose plugins tap `outgoing`. */
  readonly filters: readonly string[];
  readonly visualizer: Visualizer;
  readonly renderers: RunRenderers["renderers"];
  /** Builds another plugin of the run in this thread. */
  build<Role extends PluginRoles[PluginKind]>(node: PlannedNode): Promise<Role>;
  /** Connects them; called once. */
  connect(parts: ConnectParts): AsyncLogger;
  /** Tells every plugin by its signal that its part in the run is over. */
  abort(): void;
  /** Ends the threads. */
  close(): Promise<void>;
  /** Closes what was built, for a run that could not be opened. */
  discard(): Promise<void>;
}

export interface ConnectParts {
  readonly log: LogSource | null;
  /** The page of an episode that is over; null where its journal is gone. */
  pageOf(episode: number): EpisodeView | null;
}

/** Builds the sinks, hooks and renderers of a run. What a plugin throws while it is made is thrown here. */
export async function openOutputs(options: OpenOutputsOptions): Promise<OpenedOutputs> {
  const { config, planner, nodes, identity, runDir, fs, clock, logger, hooks, manager, report } = options;
  const aborts: AbortController[] = [];
  const paths = { runDir, episodeDir: (number: number) => manager.startNewEpisode(number) };
  const picture = pictureSettings(config.visualization);
  const resumeOf = ({ key }: PlannedNode) => resumePoint(options.saved?.get(key));
  const contextOf = (node: PlannedNode): { context: PluginContext; abort: AbortController } => {
    const abort = new AbortController();
    aborts.push(abort);
    const { name, key } = node;
    const place = {
      name,
      configKey: key,
      picture,
      paths,
      hooks,
      resume: resumeOf(node),
      signal: abort.signal,
    };
    return { context: pluginContext(planner.container, place), abort };
  };
  const build = async <Role extends PluginRoles[PluginKind]>(node: PlannedNode): Promise<Role> =>
    buildNode<Role>(node, contextOf(node).context);
  const world = { config, fs, clock, container: planner.container, providers: nodes.providers };
  const workers = { run: identity, runDir, episodeDirFormat: config.storage.episode_dir_format, picture };
  let outlets: RunSinks | undefined;
  let drawing: RunRenderers | undefined;
  const abort = (): void => {
    for (const one of aborts) one.abort();
  };
  const close = async (): Promise<void> => {
    await outlets?.close();
    await drawing?.close();
  };
  const discard = async (): Promise<void> => {
    abort();
    await Promise.allSettled((outlets?.sinks ?? []).map(async ({ sink }) => sink.close?.()));
    await close();
  };
  const { async_logger } = config.logging;
  try {
    outlets = await openSinks({
      planned: nodes.sinks,
      workers,
      timeoutMs: async_logger.worker_timeout * 1000,
      backlog: async_logger.queue_size,
      hooks,
      logger,
      placeOf: (node) => placeOf(node, world),
      contextOf,
      resumeOf,
      report,
      onWait: options.onWait,
    });
    drawing = await openRenderers({
      planner,
      planned: nodes.renderers,
      sinks: outlets.sinks,
      workers,
      logger,
      placeOf: (node) => placeOf(node, world),
      journalPath: (episode) => join(manager.episodeDir(episode), EPISODE_JOURNAL),
      build,
    });
  } catch (error) {
    await discard();
    throw error;
  }
  const { sinks, hooksPlugins, filters } = outlets;
  const { renderers, threads, timeoutMs } = drawing;
  const named = renderers.map((entry) => entry.named);
  planner.container.use(RENDERERS, named);
  planner.container.offer(VISUALIZER, () => new Visualizer(named, manager));
  const visualizer = planner.container.resolve(VISUALIZER);
  const connect = (parts: ConnectParts): AsyncLogger =>
    new AsyncLogger({
      ...parts,
      config: async_logger,
      visualizer,
      openOutgoing: hasTaps(hooks.outgoing) ? () => new Outgoing(hooks) : null,
      fs,
      runDir: () => manager.runDir,
      ...(options.saved === undefined ? {} : { saved: options.saved }),
      rendererOverflow: new Map(renderers.map((entry) => [entry.named.name, entry.overflow])),
      sinks,
      drawingThreads: threads,
      onDrawingTime: (ms) => options.onDrawingTime(ms),
      drawingTimeoutMs: timeoutMs,
      onArtifact: (artifact) => {
        if (hasTaps(hooks.artifact)) hooks.artifact.call(artifact);
      },
      report,
    });
  return {
    workers,
    sinks,
    hooksPlugins,
    filters,
    visualizer,
    renderers,
    build,
    connect,
    abort,
    close,
    discard,
  };
}

/** Where a sink goes on; null for one that begins. */
function resumePoint(progress: OutputProgress | undefined): PluginContext["resume"] {
  const cursor = progress?.cursors.get("record");
  return cursor === undefined ? null : { position: cursor.position, state: progress!.state };
}
