import { hookOutOfReach } from "../contract/errors.js";
import { createRunHooks, DECIDING_HOOKS, type RunHooks } from "../contract/hooks.js";
import type { Sink, SinkItem } from "../contract/roles.js";
import type { RunContainer } from "../host/container.js";
import { openServedChannel, type ServedChannel } from "./call-channel.js";
import {
  type HookName,
  PROGRESS,
  type SinkNews,
  type SinkNotice,
  type SinkRequest,
  type SinkThreadData,
  type SinkTraits,
  SYNC_HOOKS,
} from "./sink-messages.js";
import { packError } from "./thread-errors.js";
import { buildInWorker, threadServices } from "./worker-context.js";

/** The program of a sink's thread. */
export function serveSink(setup: SinkThreadData): void {
  const progress = new Int32Array(setup.progress);
  const advance = (): void => {
    Atomics.add(progress, PROGRESS.any, 1);
    Atomics.notify(progress, PROGRESS.any);
  };
  const channel = openServedChannel<SinkRequest, SinkNotice, SinkNews>(setup.port, advance);
  const here = new SinkHere(setup, channel);
  channel.serve({
    answer: (request) => here.answer(request),
    hear: (notice) => {
      if (notice.do === "abort") here.abort();
      else
        void here.handleEvent(notice.hook, notice.args).finally(() => {
          Atomics.add(progress, PROGRESS.events, 1);
          advance();
        });
    },
  });
  // Whoever waits for an answer is not left waiting for a thread that ends.
  process.on("exit", () => {
    Atomics.store(progress, PROGRESS.ended, 1);
    advance();
  });
}

/** The sink of this thread, and the hooks that it taps. */
class SinkHere {
  readonly #setup: SinkThreadData;
  readonly #channel: ServedChannel<SinkRequest, SinkNotice, SinkNews>;
  readonly #abort = new AbortController();
  readonly #services: RunContainer;
  readonly #tell: (error: unknown) => void;
  readonly #hooks: RunHooks;
  #sink: Promise<Sink> | undefined;
  /** The newest batch: a sink that is asked to write it again gets the same object. */
  #batch: readonly SinkItem[] = [];

  constructor(setup: SinkThreadData, channel: ServedChannel<SinkRequest, SinkNotice, SinkNews>) {
    this.#setup = setup;
    this.#channel = channel;
    this.#services = threadServices(setup.run, channel.logger);
    this.#tell = (error) => channel.send({ type: "problem", error: packError(error) });
    this.#hooks = createRunHooks(this.#tell);
    for (const name of Object.keys(this.#hooks) as HookName[]) this.#watch(name);
  }

  async answer(request: SinkRequest): Promise<unknown> {
    if (request.do === "open") return this.#open();
    const sink = await this.#sink!;
    switch (request.do) {
      case "write":
        if (request.batch !== null) this.#batch = request.batch;
        await sink.write(this.#batch, this.#abort.signal);
        return undefined;
      case "flush":
        // Its state, if it has one.
        return await sink.flush?.();
      case "close":
        await sink.close?.();
        await this.#services.close(this.#tell);
        return undefined;
      case "hook":
        await this.#fire(request.hook, request.args);
        return undefined;
    }
  }

  abort(): void {
    this.#abort.abort();
  }

  async handleEvent(name: HookName, args: readonly unknown[]): Promise<void> {
    try {
      // What was tapped while the sink was made hears of what came meanwhile.
      await this.#sink;
      this.#fire(name, args);
    } catch {
      // A sink that could not be made: its `open` says so.
    }
  }

  async #open(): Promise<SinkTraits> {
    this.#sink = buildInWorker<Sink>(this.#setup.sink, this.#setup, {
      services: this.#services,
      hooks: this.#hooks,
      signal: this.#abort.signal,
      makesDirectories: true,
      resume: this.#setup.resume,
    });
    const { accepts, pictureSize } = await this.#sink;
    return { accepts: [...accepts], pictureSize };
  }

  /** Says which hooks the sink listens to. */
  #watch(name: HookName): void {
    const hook: { intercept(interceptor: object): void } = this.#hooks[name];
    let told = false;
    hook.intercept({
      register: (tap: { readonly name: string }) => {
        if (DECIDING_HOOKS.includes(name)) throw hookOutOfReach(tap.name, name);
        if (!told) this.#channel.send({ type: "tapped", hook: name });
        told = true;
      },
    });
  }

  #fire(name: HookName, args: readonly unknown[]): unknown {
    const hook = this.#hooks[name] as { call(...given: readonly unknown[]): void } & RunHooks["runStart"];
    return SYNC_HOOKS.includes(name)
      ? hook.call(...args)
      : (hook.promise as (...given: readonly unknown[]) => Promise<void>)(...args);
  }
}
