import * as fs from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { compileNameFormat } from "../episode/name-format.js";
import { createClock } from "./console-logger.js";
import { finishJournal } from "./finish-journal.js";
import { createRunHooks } from "./hooks.js";
import { episodeViewFrom } from "./journal-view.js";
import type { Logger, PluginContext } from "./plugin.js";
import { importPlugin } from "./plugin-loader.js";
import type { Format, Renderer } from "./roles.js";
import type {
  RendererTraits,
  WorkerCall,
  WorkerPlugin,
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

const log = (level: "debug" | "info" | "warn" | "error") => (message: string) =>
  send({ type: "log", level, message });
const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };

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

async function create<Role>({ name, address, configKey, options }: WorkerPlugin): Promise<Role> {
  const definition = await importPlugin(configKey, address);
  const dirs = compileNameFormat("storage.episode_dir_format", setup.episodeDirFormat, "episode");
  const context: PluginContext = {
    name,
    configKey,
    run: setup.run,
    picture: setup.picture,
    paths: { runDir: setup.runDir, episodeDir: (number) => join(setup.runDir, dirs.format(number)) },
    fs,
    logger,
    clock: createClock(),
    // Hooks fire where the recorder is; what stands here has no need of them.
    hooks: createRunHooks(),
    signal: new AbortController().signal,
  };
  return (await definition.create(options, context)) as Role;
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
