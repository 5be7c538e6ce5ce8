import type { PlainValue } from "@episcope/records";
import { pluginCreateFailed, sinkFailed, sinkQuarantined, workerEnded } from "../contract/errors.js";
import type { RunHooks } from "../contract/hooks.js";
import type { Logger } from "../contract/plugin.js";
import type { PictureSize, Sink, SinkItem } from "../contract/roles.js";
import { FinalFailure, type LaneConsumer } from "../output/sink-lane.js";
import { ForwardHooks } from "./forward-hooks.js";
import { ownBytes } from "./own-bytes.js";
import type { HookName, SinkRequest, SinkSetup, SinkTraits } from "./sink-messages.js";
import { SinkThread } from "./sink-thread.js";

/** Longest time that a thread may take to load its sink, beside the time limit of a call. */
const START_MS = 120_000;
/** Threads that may end in a row, without a batch written between: the first, and three that replace it. */
const THREADS_IN_A_ROW = 4;
/** Times that its thread may end between two calls; so many batches make up for one. */
const IDLE_ENDS = 4;
const BATCHES_PER_END = 250;
/** What `close` gets once the run's time is up. */
const LATE_CLOSE_MS = 1_000;

export interface WorkerSinkOptions {
  readonly setup: SinkSetup;
  /** Name of the plugin, for messages. */
  readonly plugin: string;
  /** Longest time of one call; a thread that takes longer is ended. */
  readonly timeoutMs: number;
  /** Events of hooks that may wait in the thread before the pipeline waits for it. */
  readonly backlog: number;
  /** The pipeline's. */
  readonly hooks: RunHooks;
  /** Aborted when the sink is quarantined or the run is over. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  report(error: unknown, key: string): void;
  /** Called again and again while the pipeline's thread stands still for the sink's. */
  onWait?(): void;
}

/**
 * A sink that lives in a worker thread of its own. A thread that dies, or does not answer in time, is replaced: the sink
 * is made again, told of the run and the open episodes if it taps those hooks, and gets the batch in hand once more.
 * What it held in memory is gone. Where nothing helps, a FinalFailure tells the lane.
 */
export class WorkerSink implements Sink, LaneConsumer<SinkItem> {
  readonly #options: WorkerSinkOptions;
  readonly #forward: ForwardHooks;
  #traits: SinkTraits = { accepts: [], pictureSize: undefined };
  #thread: SinkThread | null = null;
  #opening: Promise<SinkTraits> | null = null;
  #isOpen = false;
  /** Those that ended since a batch was written, and the one that runs. */
  #threads = 0;
  /** Times that a thread ended though it had nothing to do. */
  #idleEnds = 0;
  #batches = 0;
  /** The newest thread that was ended because it took too long. */
  #late: SinkThread | null = null;
  #isClosed = false;
  #gaveUp = false;
  #batch: readonly SinkItem[] | null = null;
  /** The thread that has the batch already. */
  #batchIn: SinkThread | null = null;
  /** Threads that ended after they had got the batch. */
  #lost = 0;
  #hand: WriteInHand | null = null;

  private constructor(options: WorkerSinkOptions) {
    this.#options = options;
    this.#forward = new ForwardHooks({
      hooks: options.hooks,
      name: options.setup.sink.configKey,
      tell: (hook, args) => this.#tell(hook, args),
      ask: (hook, args) => this.#ask(hook, args),
    });
    options.signal.addEventListener("abort", () => this.#thread?.abort(), { once: true });
  }

  /** Starts the thread and makes the sink in it. Throws PLUGIN_CREATE_FAILED. */
  static async open(options: WorkerSinkOptions): Promise<WorkerSink> {
    const sink = new WorkerSink(options);
    try {
      sink.#start();
      sink.#traits = await sink.#opening!;
      return sink;
    } catch (cause) {
      await sink.end();
      // What the plugin did wrong was said where it was built.
      if (/^PLUGIN_/.test(String((cause as { code?: unknown }).code))) throw cause;
      throw pluginCreateFailed(options.setup.sink.configKey, options.plugin, cause);
    }
  }

  /** Longest time from a call of `write` to its answer, the replacement of a thread included. */
  static longestWriteMs(timeoutMs: number): number {
    return START_MS + 3 * timeoutMs;
  }

  get accepts(): readonly string[] {
    return this.#traits.accepts;
  }

  get pictureSize(): PictureSize | undefined {
    return this.#traits.pictureSize;
  }

  write(batch: readonly SinkItem[]): Promise<void> {
    if (batch !== this.#batch) {
      this.#batch = batch;
      this.#batchIn = null;
      this.#lost = 0;
    }
    const hand: WriteInHand = { isAnswered: false, isWritten: false, until: 0 };
    this.#hand = hand;
    let thread: SinkThread;
    let answer: Promise<void>;
    try {
      thread = this.#live();
      answer = this.#isOpen
        ? this.#send(thread, batch, hand)
        : this.#opening!.then(() => this.#send(thread, batch, hand));
    } catch (error) {
      hand.isAnswered = true;
      return Promise.reject(error);
    }
    return answer.then(
      () => {
        this.#threads = 1;
        this.#batches += 1;
        if (this.#batches % BATCHES_PER_END === 0) this.#idleEnds = Math.max(0, this.#idleEnds - 1);
      },
      (error: unknown) => {
        hand.isAnswered = true;
        throw this.#judge(thread, error);
      },
    );
  }

  /** Stops this thread until the write in hand is answered; true if it was written. */
  wait(): boolean {
    const hand = this.#hand;
    const thread = this.#thread;
    if (hand === null || thread === null || hand.until === 0) return false;
    thread.waitUntil(() => hand.isAnswered, hand.until - performance.now());
    return hand.isWritten;
  }

  /** Gives the state of the sink, if it has one. */
  async flush(): Promise<PlainValue | undefined> {
    const thread = this.#thread;
    // What a thread held that has ended is lost already.
    if (thread === null || thread.ended !== null) return undefined;
    try {
      await this.#opening;
      return await this.#limited<PlainValue | undefined>(thread, { do: "flush" }, "flush");
    } catch (error) {
      throw this.#late === thread ? new FinalFailure(error, thread.ended ?? "it did not flush") : error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#thread;
    if (thread === null || thread.ended !== null) return;
    if (this.#options.signal.aborted && this.#hand?.isAnswered === false) {
      await thread.terminate("it was still writing when its time was up");
      return;
    }
    await this.#opening;
    await this.#limited(thread, { do: "close" }, "close", this.#patience());
  }

  /** Ends the thread, after `close` and the last hook. */
  async end(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate("the run is closed");
  }

  #send(thread: SinkThread, batch: readonly SinkItem[], hand: WriteInHand): Promise<void> {
    const request: SinkRequest = { do: "write", batch: this.#batchIn === thread ? null : ownBytes(batch) };
    hand.until = performance.now() + this.#options.timeoutMs;
    const answer = this.#limited<void>(thread, request, "write", this.#options.timeoutMs, (isWritten) => {
      hand.isAnswered = true;
      hand.isWritten = isWritten;
    });
    this.#batchIn = thread;
    return answer;
  }

  /** What the lane is told of a write that failed. */
  #judge(thread: SinkThread, error: unknown): unknown {
    // The sink itself threw, and lives.
    if (thread.ended === null || error instanceof FinalFailure) return error;
    // A thread that ends before it has the batch is no reason to give the batch up.
    if (this.#batchIn === thread) this.#lost += 1;
    if (this.#threads >= THREADS_IN_A_ROW) return new FinalFailure(error, this.#inARow(thread.ended));
    if (this.#lost <= 1) return error;
    return new FinalFailure(error, this.#late === thread ? `${thread.ended}, twice` : null);
  }

  #inARow(reason: string): string {
    return `its thread ended ${THREADS_IN_A_ROW} times in a row, at last because ${reason}`;
  }

  /** The thread, or one that replaces it. Throws a FinalFailure where that has been done too often. */
  #live(): SinkThread {
    return this.#thread !== null && this.#thread.ended === null ? this.#thread : this.#start();
  }

  #start(): SinkThread {
    const { setup, logger, report, timeoutMs, signal, onWait } = this.#options;
    const before = this.#thread?.ended ?? "the run is over";
    if (this.#threads >= THREADS_IN_A_ROW) throw new FinalFailure(workerEnded(before), this.#inARow(before));
    if (this.#idleEnds >= IDLE_ENDS)
      throw new FinalFailure(
        workerEnded(before),
        `its thread ended ${IDLE_ENDS} times between two calls, at last because ${before}`,
      );
    if (signal.aborted || this.#isClosed) throw new FinalFailure(workerEnded(before), before);
    const thread = new SinkThread({
      setup,
      logger,
      onTap: (hook) => this.#forward.tap(hook),
      onProblem: (error) => report(error, "hooks"),
      onIdleEnd: (reason) => this.#ended(reason),
      ...(onWait === undefined ? {} : { onWait }),
    });
    this.#threads += 1;
    this.#thread = thread;
    this.#isOpen = false;
    this.#opening = this.#limited<SinkTraits>(thread, { do: "open" }, "open", START_MS + timeoutMs).then(
      (traits) => {
        this.#isOpen = this.#thread === thread;
        return traits;
      },
      async (error: unknown) => {
        await thread.terminate(`its sink could not be made: ${String(error)}`);
        throw error;
      },
    );
    // Whoever writes hears of it.
    this.#opening.catch(() => {});
    for (const { hook, args } of this.#forward.missed()) thread.tell(hook, ownBytes(args));
    return thread;
  }

  /** A thread ended by itself between two calls; the next one starts another. */
  #ended(reason: string): void {
    this.#idleEnds += 1;
    const { setup, report } = this.#options;
    report(sinkFailed(setup.sink.configKey, "go on", workerEnded(reason)), setup.sink.configKey);
  }

  /** Time limit of a call; short once the run's time is up. */
  #patience(): number {
    const { signal, timeoutMs } = this.#options;
    return signal.aborted ? Math.min(timeoutMs, LATE_CLOSE_MS) : timeoutMs;
  }

  #tell(hook: HookName, args: readonly unknown[]): void {
    const thread = this.#listener();
    if (thread === null) return;
    thread.tell(hook, ownBytes(args));
    const { backlog, timeoutMs } = this.#options;
    if (thread.backlog <= backlog) return;
    const patience = this.#isOpen ? timeoutMs : START_MS + timeoutMs;
    if (thread.waitUntil(() => thread.backlog * 2 <= backlog, patience)) return;
    this.#late = thread;
    void thread.terminate(`it fell ${thread.backlog} events behind for ${patience / 1000} s`);
  }

  async #ask(hook: HookName, args: readonly unknown[]): Promise<void> {
    const thread = this.#listener();
    if (thread === null) return;
    const request: SinkRequest = { do: "hook", hook, args: ownBytes(args) };
    await this.#limited(thread, request, `finish its tap of ${hook}`, this.#patience());
  }

  /** The thread that hears of hooks; null if there is none any more. */
  #listener(): SinkThread | null {
    const thread = this.#thread;
    if (thread !== null && thread.ended === null) return thread;
    const { setup, signal, report } = this.#options;
    if (this.#isClosed || this.#gaveUp || signal.aborted) return null;
    try {
      return this.#live();
    } catch (error) {
      this.#gaveUp = true;
      const reason = error instanceof FinalFailure ? error.quarantine : null;
      const { configKey } = setup.sink;
      report(sinkQuarantined(configKey, reason ?? String(error), error), configKey);
      return null;
    }
  }

  /** A call that ends the thread when it takes too long. Throws if the request cannot be copied. */
  #limited<Result>(
    thread: SinkThread,
    request: SinkRequest,
    action: string,
    ms: number = this.#options.timeoutMs,
    onAnswer?: (isDone: boolean) => void,
  ): Promise<Result> {
    let isAnswered = false;
    const answer = thread.call<Result>(request, (isDone) => {
      isAnswered = true;
      onAnswer?.(isDone);
    });
    const timer = setTimeout(() => {
      // A thread that was stopped itself, by a long step of the producer, finds the answer waiting.
      if (thread.waitUntil(() => isAnswered, 0)) return;
      this.#late = thread;
      void thread.terminate(`it did not ${action} within ${ms / 1000} s`);
    }, ms);
    return answer.finally(() => clearTimeout(timer));
  }
}

interface WriteInHand {
  isAnswered: boolean;
  isWritten: boolean;
  /** Of `performance.now()`: when its time is up; 0 before it was sent. */
  until: number;
}
