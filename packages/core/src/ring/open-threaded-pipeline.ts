import { MessageChannel, type Worker } from "node:worker_threads";
import { workerEnded } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import { isModule, type PluginEntry } from "../host/plugin-registry.js";
import { startThread } from "../threads/start-thread.js";
import { unpackError } from "../threads/thread-errors.js";
import { RingMemory } from "./ring-memory.js";
import type { PipelineReply, PipelineSetup, PipelineStatus } from "./thread-messages.js";
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
  const modules = plugins.filter(isModule).map(({ load: _load, ...module }) => module);
  const places = { config, identity, runDir, cwd, plugins: modules, allowPlugins };
  const setup: PipelineSetup = { ...places, ring, side: side.port2, shapes: shapes.port2 };
  const worker = startThread("ring/pipeline-thread-main", setup, [side.port2, shapes.port2]);
  const status = await ready(worker, options.logger);
  const ports = { side: side.port1, shapes: shapes.port1 };
  return new ThreadedPipeline(options, worker, { memory: new RingMemory(ring), move }, ports, status);
}

/** Waits until the thread has built everything; rejects with what it throws. */
async function ready(worker: Worker, logger: Logger): Promise<PipelineStatus> {
  const stop = new AbortController();
  const { signal } = stop;
  worker.ref();
  try {
    return await new Promise<PipelineStatus>((resolve, reject) => {
      const on = (event: string, listener: (value: never) => void): void => {
        worker.on(event, listener as (value: unknown) => void);
        signal.addEventListener("abort", () => worker.off(event, listener as (value: unknown) => void));
      };
      on("message", (reply: PipelineReply) => {
        if (reply.type === "log") logger[reply.level](reply.message);
        else if (reply.type === "ready") resolve(reply.status);
        else if (reply.type === "failed") reject(unpackError(reply.error));
      });
      on("error", reject);
      on("exit", (code: number) => reject(workerEnded(`it ended with code ${code} before it was ready`)));
    });
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    stop.abort();
    worker.unref();
  }
}
