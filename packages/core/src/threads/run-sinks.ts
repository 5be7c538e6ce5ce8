import type { RunHooks } from "../contract/hooks.js";
import type { Logger, PluginContext } from "../contract/plugin.js";
import type { HooksPlugin, Sink } from "../contract/roles.js";
import { buildNode, type PlannedNode, workerPlugin } from "../host/plugin-nodes.js";
import type { PluginPlace } from "../host/plugin-place.js";
import type { NamedSink } from "../output/async-logger.js";
import type { SinkSetup } from "./sink-messages.js";
import { WorkerSink } from "./worker-sink.js";

export interface RunSinks {
  /** In the order of their nodes. */
  readonly sinks: readonly NamedSink[];
  readonly hooksPlugins: readonly HooksPlugin[];
  /** Config keys of the nodes whose plugins tap `outgoing`. */
  readonly filters: readonly string[];
  /** Ends the threads; after the sinks are closed and the last hook has fired. */
  close(): Promise<void>;
}

export interface OpenSinksOptions {
  /** Of the kinds `sink` and `hooks`. */
  readonly planned: readonly PlannedNode[];
  /** What a thread needs to know of the run. */
  readonly workers: Omit<SinkSetup, "sink" | "resume">;
  /** Longest time of one call. */
  readonly timeoutMs: number;
  /** Events of hooks that may wait in a thread before the pipeline waits for it. */
  readonly backlog: number;
  /** The pipeline's. */
  readonly hooks: RunHooks;
  readonly logger: Logger;
  placeOf(node: PlannedNode): PluginPlace;
  /** What a plugin of this thread is given, and what ends its part in the run. */
  contextOf(node: PlannedNode): { readonly context: PluginContext; readonly abort: AbortController };
  /** Where a sink goes on after an interruption. */
  resumeOf(node: PlannedNode): PluginContext["resume"];
  report(error: unknown, key: string): void;
  /** Called again and again while this thread stands still for a sink. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Opens the sinks of a run. One whose plugin can be found again by a thread gets a thread of its own: a sink that hangs
 * or ends its thread cannot block the others. The rest, and plugins of the kind `hooks`, run in this thread. Throws
 * PLUGIN_CREATE_FAILED, after closing the others.
 */
export async function openSinks(options: OpenSinksOptions): Promise<RunSinks> {
  const { planned, placeOf, timeoutMs, hooks } = options;
  const parts = planned.map((node) => ({ node, ...options.contextOf(node) }));
  // Threads load at the same time; what runs here is built in the order of the nodes.
  const opening = new Map<PlannedNode, Promise<WorkerSink>>();
  for (const { node, abort } of parts) {
    if (placeOf(node).thread === "worker") opening.set(node, openWorkerSink(node, abort.signal, options));
  }
  const settled = Promise.allSettled(opening.values());
  const sinks: NamedSink[] = [];
  const hooksPlugins: HooksPlugin[] = [];
  const close = async (): Promise<void> => {
    const opened = await settled;
    await Promise.all(opened.map((result) => (result.status === "fulfilled" ? result.value.end() : null)));
  };
  try {
    // Who offers a service to others is there before them.
    const providers = parts.filter(({ node }) => (node.definition.provides ?? []).length > 0);
    const built = new Map<PlannedNode, Sink | HooksPlugin | undefined>();
    const filters: string[] = [];
    const build = async (node: PlannedNode, context: PluginContext): Promise<void> => {
      const taps = hooks.outgoing.taps.length;
      built.set(node, await buildNode<Sink | HooksPlugin>(node, context));
      if (hooks.outgoing.taps.length > taps) filters.push(node.key);
    };
    for (const { node, context } of providers) await build(node, context);
    for (const { node, context, abort } of parts) {
      const { key, overflow } = node;
      const remote = opening.get(node);
      if (remote !== undefined) {
        const sink = await remote;
        sinks.push({ key, sink, overflow, abort, timeoutMs: WorkerSink.longestWriteMs(timeoutMs) });
        continue;
      }
      if (!built.has(node)) await build(node, context);
      const plugin = built.get(node);
      if (node.definition.kind === "sink") sinks.push({ key, sink: plugin as Sink, overflow, abort });
      else if (plugin !== undefined) hooksPlugins.push(plugin as HooksPlugin);
    }
    return { sinks, hooksPlugins, filters, close };
  } catch (error) {
    await Promise.allSettled(sinks.map(async ({ sink }) => sink.close?.()));
    await close();
    throw error;
  }
}

function openWorkerSink(
  node: PlannedNode,
  signal: AbortSignal,
  options: OpenSinksOptions,
): Promise<WorkerSink> {
  const { workers, timeoutMs, backlog, hooks, logger, report, onWait } = options;
  const setup = { ...workers, sink: workerPlugin(node), resume: options.resumeOf(node) };
  const plugin = node.definition.name;
  return WorkerSink.open({
    setup,
    plugin,
    timeoutMs,
    backlog,
    hooks,
    signal,
    logger,
    report,
    ...(onWait === undefined ? {} : { onWait }),
  });
}
