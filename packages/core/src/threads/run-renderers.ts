import { availableParallelism } from "node:os";
import { drawingPlan } from "../config/trigger.js";
import type { OverflowPolicy, VisualizationConfig } from "../config/types.js";
import type { Logger } from "../contract/plugin.js";
import type { Renderer } from "../contract/roles.js";
import {
  checkExtensions,
  type NodePlanner,
  type PlannedNode,
  planRenderer,
  workerPlugin,
} from "../host/plugin-nodes.js";
import type { PluginPlace } from "../host/plugin-place.js";
import type { NamedSink } from "../output/async-logger.js";
import type { NamedRenderer, ViewRenderer } from "../output/visualizer.js";
import { RenderPool } from "./render-pool.js";
import type { WorkerSetup } from "./worker-messages.js";

/** Longest time that a worker may take to load its plugins. */
const START_MS = 120_000;

export interface RunRenderer {
  readonly named: NamedRenderer;
  readonly overflow: OverflowPolicy | undefined;
}

export interface RunRenderers {
  readonly renderers: readonly RunRenderer[];
  /** Pictures that are drawn at once. */
  readonly threads: number;
  /** Longest time that a picture may take, a worker's start and replacement included. */
  readonly timeoutMs: number;
  close(): Promise<void>;
}

export interface OpenRenderersOptions {
  readonly planner: NodePlanner;
  /** Those of `output_formats`. */
  readonly planned: readonly PlannedNode[];
  readonly sinks: readonly NamedSink[];
  /** What a worker needs to know of the run. */
  readonly workers: Omit<WorkerSetup, "renderers" | "format" | "compression">;
  readonly logger: Logger;
  placeOf(node: PlannedNode): PluginPlace;
  journalPath(episode: number): string;
  /** Builds one on the main thread. */
  build(node: PlannedNode): Promise<Renderer>;
}

/**
 * Opens the renderers of a run: those of `output_formats`, and those that a sink needs for the pictures it accepts. One
 * whose plugin can be found again by a worker draws there; others draw on the main thread.
 */
export async function openRenderers(options: OpenRenderersOptions): Promise<RunRenderers> {
  const { planner, planned, build } = options;
  const wanted = [...planned.map((node) => ({ node, storesFiles: true })), ...(await forSinks(options))];
  const { worker_threads: asked, worker_timeout: timeout } = planner.config.logging.async_logger;
  // More than there are processors would only wait for each other.
  const threads = Math.min(asked, availableParallelism());
  if (threads < asked) {
    options.logger.debug(
      `logging.async_logger.worker_threads=${asked}: ${threads} draw, as many as there are processors.`,
    );
  }
  const remote = wanted.filter(({ node }) => options.placeOf(node).thread === "worker");
  const pool =
    remote.length === 0
      ? null
      : openPool(
          options,
          remote.map(({ node }) => node),
          threads,
          timeout * 1000,
        );
  const renderers: RunRenderer[] = [];
  try {
    for (const { node, storesFiles } of wanted) {
      const isRemote = pool !== null && options.placeOf(node).thread === "worker";
      const renderer: ViewRenderer = isRemote ? await pool.open(node.name) : await build(node);
      renderers.push({ named: { name: node.name, renderer, storesFiles }, overflow: node.overflow });
    }
    checkExtensions(renderers.map((entry) => entry.named));
    warnOfMissing(options, renderers);
  } catch (error) {
    await pool?.close();
    throw error;
  }
  return {
    renderers,
    threads: pool === null ? 1 : threads,
    timeoutMs: pool === null ? timeout * 1000 : 2 * timeout * 1000 + START_MS,
    close: async () => pool?.close(),
  };
}

function openPool(
  options: OpenRenderersOptions,
  nodes: readonly PlannedNode[],
  size: number,
  timeoutMs: number,
): RenderPool {
  const { workers, logger, journalPath } = options;
  const renderers = nodes.map(workerPlugin);
  return new RenderPool({
    setup: { ...workers, renderers, format: null, compression: false },
    size,
    timeoutMs,
    logger,
    journalPath,
  });
}

/** The nodes called like the pictures that sinks accept: building others to learn what they draw would load much. */
async function forSinks({
  planner,
  planned,
  sinks,
}: OpenRenderersOptions): Promise<{ node: PlannedNode; storesFiles: false }[]> {
  if (drawsNothing(planner.config.visualization)) return [];
  const names = new Set<string>();
  for (const { sink } of sinks) for (const extension of pictureTypes(sink.accepts)) names.add(extension);
  for (const node of planned) names.delete(node.name);
  const found: { node: PlannedNode; storesFiles: false }[] = [];
  for (const name of names) {
    if (!Object.hasOwn(planner.config.visualization.renderers, name)) continue;
    const node = await planRenderer(planner, name);
    if (node !== null) found.push({ node, storesFiles: false });
  }
  return found;
}

function drawsNothing(visualization: VisualizationConfig): boolean {
  const { steps, summary } = drawingPlan(visualization);
  return steps === "none" && !summary;
}

function warnOfMissing(
  { planner, sinks, logger }: OpenRenderersOptions,
  renderers: readonly RunRenderer[],
): void {
  const { visualization } = planner.config;
  if (drawsNothing(visualization)) {
    const keys = sinks.flatMap(({ key, sink }) => (pictureTypes(sink.accepts).length > 0 ? [key] : []));
    if (keys.length === 0) return;
    logger.info(
      `visualization.debug_level=${visualization.debug_level} draws nothing: ${keys.join(" and ")} will get no pictures. ` +
        "visualization.step_pictures=key draws those of key steps.",
    );
    return;
  }
  const drawn = new Set(renderers.map((entry) => entry.named.renderer.extension));
  for (const { key, sink } of sinks) {
    for (const extension of pictureTypes(sink.accepts)) {
      if (drawn.has(extension)) continue;
      logger.warn(
        `${key} accepts picture/${extension}, but visualization.renderers has no node '${extension}' that draws it.`,
      );
    }
  }
}

function pictureTypes(accepts: readonly string[]): string[] {
  return accepts.filter((type) => type.startsWith("picture/")).map((type) => type.slice("picture/".length));
}
