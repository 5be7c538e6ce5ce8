import * as fs from "node:fs";
import { parentPort } from "node:worker_threads";
import { episodeViewFrom } from "@episcope/records/store";
import { createRunHooks } from "../contract/hooks.js";
import type { Format, Renderer } from "../contract/roles.js";
import type { WorkerPlugin } from "../host/plugin-nodes.js";
import { openServedChannel } from "./call-channel.js";
import { finishJournal } from "./finish-journal.js";
import { buildInWorker, threadServices } from "./worker-context.js";
import type { RendererTraits, WorkerRequest, WorkerSetup } from "./worker-messages.js";

/** The program of a thread that draws and exports: it builds a plugin when it is first asked for. */
export function servePlugins(setup: WorkerSetup): void {
  const channel = openServedChannel<WorkerRequest>(parentPort!);
  const services = threadServices(setup.run, channel.logger);
  const renderers = new Map<string, Promise<Renderer>>();
  let format: Promise<Format | null> | undefined;

  const create = <Role extends Renderer | Format>(plugin: WorkerPlugin): Promise<Role> =>
    buildInWorker<Role>(plugin, setup, {
      services,
      // Hooks fire where the pipeline is; what stands here has no need of them.
      hooks: createRunHooks(),
      signal: new AbortController().signal,
      makesDirectories: false,
    });
  const rendererOf = (name: string): Promise<Renderer> => {
    let renderer = renderers.get(name);
    if (renderer === undefined) {
      const plugin = setup.renderers.find((entry) => entry.name === name);
      if (plugin === undefined) throw new Error(`the worker was given no renderer '${name}'`);
      renderer = create<Renderer>(plugin);
      renderers.set(name, renderer);
    }
    return renderer;
  };
  const formatOf = (): Promise<Format | null> => {
    format ??= setup.format === null ? Promise.resolve(null) : create<Format>(setup.format);
    return format;
  };

  const answer = async (request: WorkerRequest): Promise<unknown> => {
    if (request.do === "finish") {
      const { journal, number, compression } = request;
      return finishJournal({ fs, journal, number, compression, format: await formatOf() });
    }
    const renderer = await rendererOf(request.renderer);
    if (request.do === "describe") {
      const { mediaType, extension, kinds } = renderer;
      return { mediaType, extension, kinds } satisfies RendererTraits;
    }
    const { what, size } = request;
    const view = "view" in what ? what.view : episodeViewFrom(fs, what.journal, what.number);
    return renderer.render(view, size);
  };
  channel.serve({ answer, transfer: ownBuffers });
}

/** The buffer of a picture that has it to itself. */
function ownBuffers(value: unknown): ArrayBuffer[] {
  if (!(value instanceof Uint8Array) || value.byteLength !== value.buffer.byteLength) return [];
  return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
}
