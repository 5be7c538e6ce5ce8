import * as fs from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { episodeViewFrom } from "@episcope/records/store";
import { createRunHooks } from "../contract/hooks.js";
import type { Format, Renderer } from "../contract/roles.js";
import type { WorkerPlugin } from "../host/plugin-nodes.js";
import { finishJournal } from "./finish-journal.js";
import { createThreadLogger } from "./thread-logger.js";
import { buildInWorker } from "./worker-context.js";
import type {
  RendererTraits,
  WorkerCall,
  WorkerReply,
  WorkerRequest,
  WorkerSetup,
} from "./worker-messages.js";

// The entry of a worker thread: this file is run, never imported by another.
const setup = workerData as WorkerSetup;
const renderers = new Map<string, Promise<Renderer>>();
let format: Promise<Format | null> | undefined;

function send(reply: WorkerReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}

const logger = createThreadLogger(send);

function rendererOf(name: string): Promise<Renderer> {
  let renderer = renderers.get(name);
  if (renderer === undefined) {
    renderer = build(name);
    renderers.set(name, renderer);
  }
  return renderer;
}

async function build(name: string): Promise<Renderer> {
  const plugin = setup.renderers.find((entry) => entry.name === name);
  if (plugin === undefined) throw new Error(`the worker was given no renderer '${name}'`);
  return create<Renderer>(plugin);
}

function formatOf(): Promise<Format | null> {
  format ??= setup.format === null ? Promise.resolve(null) : create<Format>(setup.format);
  return format;
}

function create<Role>(plugin: WorkerPlugin): Promise<Role> {
  return buildInWorker<Role>(plugin, setup, {
    logger,
    // Hooks fire where the pipeline is; what stands here has no need of them.
    hooks: createRunHooks(),
    signal: new AbortController().signal,
    makesDirectories: false,
  });
}

async function answer(request: WorkerRequest): Promise<unknown> {
  if (request.do === "finish") {
    const { journal, number, compression } = request;
    return finishJournal({ fs, journal, number, compression, format: await formatOf() });
  }
  const renderer = await rendererOf(request.renderer);
  if (request.do === "describe") {
    const { mediaType, extension, kinds } = renderer;
    return { mediaType, extension, kinds } satisfies RendererTraits;
  }
  const { what } = request;
  return renderer.render("view" in what ? what.view : episodeViewFrom(fs, what.journal, what.number));
}

parentPort?.on("message", ({ id, request }: WorkerCall) => {
  answer(request).then(
    (value) => {
      const own = value instanceof Uint8Array && value.byteLength === value.buffer.byteLength;
      send({ type: "result", id, value }, own && value.buffer instanceof ArrayBuffer ? [value.buffer] : []);
    },
    (error: unknown) => {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      send({ type: "error", id, message, ...(stack === undefined ? {} : { stack }) });
    },
  );
});
