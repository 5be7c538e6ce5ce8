import { workerData } from "node:worker_threads";
import { createRunHooks, type RunHooks } from "../contract/hooks.js";
import type { Sink, SinkItem } from "../contract/roles.js";
import {
  type FromSinkThread,
  type HookName,
  PROGRESS,
  type SinkRequest,
  type SinkThreadData,
  type SinkTraits,
  SYNC_HOOKS,
  type ToSinkThread,
} from "./sink-messages.js";
import { packError } from "./thread-errors.js";
import { createThreadLogger } from "./thread-logger.js";
import { buildInWorker } from "./worker-context.js";

// The entry of a sink's thread: this file is run, never imported by another.
const setup = workerData as SinkThreadData;
const { port } = setup;
const progress = new Int32Array(setup.progress);
const abort = new AbortController();
let sink: Promise<Sink> | undefined;
/** The newest batch: a sink that is asked to write it again gets the same object. */
let batch: readonly SinkItem[] = [];

function advance(): void {
  Atomics.add(progress, PROGRESS.any, 1);
  Atomics.notify(progress, PROGRESS.any);
}

function send(message: FromSinkThread): void {
  port.postMessage(message);
  advance();
}

const logger = createThreadLogger(send);
const hooks = createRunHooks((error) => send({ type: "problem", error: packError(error) }));
for (const name of Object.keys(hooks) as HookName[]) {
  const hook: { intercept(interceptor: object): void } = hooks[name];
  let told = false;
  hook.intercept({
    register: () => {
      if (!told) send({ type: "tapped", hook: name });
      told = true;
    },
  });
}

async function open(): Promise<SinkTraits> {
  sink = buildInWorker<Sink>(setup.sink, setup, {
    logger,
    hooks,
    signal: abort.signal,
    makesDirectories: true,
  });
  return { accepts: [...(await sink).accepts] };
}

async function answer(request: SinkRequest): Promise<unknown> {
  if (request.do === "open") return open();
  const opened = await sink!;
  switch (request.do) {
    case "write":
      if (request.batch !== null) batch = request.batch;
      await opened.write(batch, abort.signal);
      return undefined;
    case "flush":
      await opened.flush?.();
      return undefined;
    case "close":
      await opened.close?.();
      return undefined;
    case "hook":
      await fire(request.hook, request.args);
      return undefined;
  }
}

function fire(name: HookName, args: readonly unknown[]): unknown {
  const hook = hooks[name] as { call(...given: readonly unknown[]): void } & RunHooks["runStart"];
  return SYNC_HOOKS.includes(name)
    ? hook.call(...args)
    : (hook.promise as (...given: readonly unknown[]) => Promise<void>)(...args);
}

async function handleEvent(name: HookName, args: readonly unknown[]): Promise<void> {
  try {
    // What was tapped while the sink was made hears of what came meanwhile.
    await sink;
    fire(name, args);
  } catch {
    // A sink that could not be made: its `open` says so.
  } finally {
    Atomics.add(progress, PROGRESS.events, 1);
    advance();
  }
}

port.on("message", (message: ToSinkThread) => {
  if (message.type === "abort") return abort.abort();
  if (message.type === "event") return void handleEvent(message.hook, message.args);
  const { id, request } = message;
  answer(request).then(
    (value) => send({ type: "result", id, value }),
    (error: unknown) => send({ type: "error", id, error: packError(error) }),
  );
});
// Whoever waits for an answer is not left waiting for a thread that ends.
process.on("exit", () => {
  Atomics.store(progress, PROGRESS.ended, 1);
  advance();
});
