import { MessageChannel } from "node:worker_threads";
import { moduleOf, type PluginEntry } from "../host/plugin-registry.js";
import { CallChannel } from "../threads/call-channel.js";
import { onThreadEnd, startThread } from "../threads/start-thread.js";
import { RingMemory } from "./ring-memory.js";
import type { PipelineChannel, PipelineSetup, PipelineStatus } from "./thread-messages.js";
import { ThreadedPipeline, type ThreadedPipelineOptions } from "./threaded-pipeline.js";

export interface OpenThreadedPipelineOptions
  extends ThreadedPipelineOptions,
    Omit<PipelineSetup, "ring" | "side" | "shapes" | "plugins"> {
  readonly plugins: readonly PluginEntry[];
}

/** Starts the thread of a pipeline; what goes wrong while it builds its plugins is thrown here. */
export async function openThreadedPipeline(options: OpenThreadedPipelineOptions): Promise<ThreadedPipeline> {
  const { config, identity, runDir, cwd, plugins, allowPlugins } = options;
  const { queue_size, queue_bytes } = config.logging.async_logger;
  const { buffers: ring, move } = RingMemory.allocate(queue_size, queue_bytes);
  const [side, shapes] = [new MessageChannel(), new MessageChannel()];
  const modules = plugins.map(moduleOf).filter((module) => module !== null);
  const places = { config, identity, runDir, cwd, plugins: modules, allowPlugins };
  const setup: PipelineSetup = { ...places, ring, side: side.port2, shapes: shapes.port2 };
  const worker = startThread("pipeline", setup, [side.port2, shapes.port2]);
  const channel: PipelineChannel = new CallChannel({ port: worker, logger: options.logger });
  const unwatch = onThreadEnd(worker, (reason) => channel.end(`${reason} before it was ready`));
  let status: PipelineStatus;
  try {
    status = await channel.call<PipelineStatus>({ do: "open" });
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    unwatch();
  }
  const ports = { side: side.port1, shapes: shapes.port1 };
  const memory = { memory: new RingMemory(ring), move };
  return new ThreadedPipeline(options, { worker, channel }, memory, ports, status);
}
