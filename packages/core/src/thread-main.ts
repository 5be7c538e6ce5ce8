import { workerData } from "node:worker_threads";
import type { ThreadProgram } from "./threads/start-thread.js";

/** What the threads of this package do. Each loads only its own part. */
const PROGRAMS: { readonly [program in ThreadProgram]: (data: never) => Promise<void> } = {
  plugins: async (data) => (await import("./threads/plugin-program.js")).servePlugins(data),
  sink: async (data) => (await import("./threads/sink-program.js")).serveSink(data),
  pipeline: async (data) => (await import("./ring/pipeline-program.js")).servePipeline(data),
};

// The entry of every thread: this file is run, never imported by another.
const { program, ...data } = workerData as { readonly program: ThreadProgram };
await PROGRAMS[program](data as never);
