import type { Accounting, PlainValue } from "@episcope/records";
import { StorageError } from "@episcope/records/store";
import { sinkFailed, sinkQuarantined, sinkTimedOut } from "../contract/errors.js";
import {
  type EntryPlace,
  PROTECTED,
  type QueueEntry,
  type SinkQueue,
  type StreamCursor,
} from "./sink-queue.js";

/** Failed calls that a sink may have before it gets nothing more; a success gives one back. */
export const ERROR_BUDGET = 10;
/** Times that a batch is tried again. */
const RETRIES = 2;
const FIRST_DELAY_MS = 50;
/** What a call in hand gets when time is up. */
const LAST_MOMENT_MS = 250;
/** What `close` gets once time is up. */
const LATE_CLOSE_MS = 2_000;

/** Between two looks whether there is room. */
const ROOM_MS = 2;

/** What stands behind a lane: a sink, or a renderer that draws. */
export interface LaneConsumer<T> {
  write(batch: readonly T[], signal: AbortSignal): void | Promise<void>;
  /** What it returns is a sink's state. */
  flush?(): unknown;
  close?(): void | Promise<void>;
  /** Stops this thread until the `write` in hand is answered; true if it succeeded. For what writes in another thread. */
  wait?(): boolean;
}

/** Thrown by a consumer that has written a part of the batch and keeps in mind which. */
export class PartialFailure extends Error {
  /** Items that are still to be written. */
  readonly remaining: number;

  constructor(remaining: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "PartialFailure";
    this.remaining = remaining;
  }
}

/** Thrown by a consumer that has tried everything: the batch in hand is not given to it again. */
export class FinalFailure extends Error {
  /** Why it gets nothing more; null if it may get the next batch. */
  readonly quarantine: string | null;

  constructor(cause: unknown, quarantine: string | null) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "FinalFailure";
    this.quarantine = quarantine;
  }
}

/** How far an output is safe: what a flush of it covered, and the state that the flush gave. */
export interface Checkpoint {
  readonly cursors: ReadonlyMap<string, StreamCursor>;
  /** Null for outputs without. */
  readonly state: PlainValue | null;
}

export interface SinkLaneOptions<T> {
  /** Config key of the node, for accounting and messages. */
  readonly key: string;
  readonly consumer: LaneConsumer<T>;
  readonly queue: SinkQueue<T>;
  readonly batchSize: number;
  readonly flushIntervalMs: number;
  /** Longest time of one call; a consumer that exceeds it gets nothing more. */
  readonly timeoutMs: number;
  /** Aborted when the consumer is quarantined or the run is over. */
  readonly abort: AbortController;
  report(error: unknown, key: string): void;
  /** How far the output had come when the run was interrupted; null for one that begins with the run. */
  readonly before?: Checkpoint | null;
  /**
   * By the streams that the lane may get: up to which position everything has been offered to it by now. Left out where
   * nobody asks how far the lane has come.
   */
  offered?(): ReadonlyMap<string, number>;
  /** Waited for before each batch: room in what this output feeds. */
  beforeBatch?(): Promise<void>;
  /**
   * Reads items again that had no room: for each of what `shorten` gave, in order, the item, or a reason why there is none
   * any more.
   */
  restore?(
    shorts: readonly unknown[],
  ): Promise<readonly ({ readonly item: T } | { readonly lost: string })[]>;
}

/**
 * Carries entries from a queue to one consumer: batches, one call at a time, retries, time limit, quarantine. What
 * one consumer does never reaches another, nor the caller of `offer`.
 */
export class SinkLane<T> {
  readonly #options: SinkLaneOptions<T>;
  readonly #queue: SinkQueue<T>;
  /** Empties the queue, batch by batch. */
  #busy: Promise<void> | null = null;
  /** Finishes a batch that was begun on the caller's time. */
  #inline: Promise<void> | null = null;
  /** Neither written nor dropped yet. */
  #hand: Batch<T> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #urgent = false;
  #closing = false;
  #errors = 0;
  /** Of the batch in hand, after a partial failure. */
  #remaining: number | null = null;
  #quarantine: string | null = null;
  #insideCall = false;
  #waiters: { readonly order: number; readonly resolve: () => void }[] = [];
  #checkpoint: Checkpoint;
  /** Who waits for a flush between two batches. */
  #flushers: (() => void)[] = [];
  #isFlushing = false;
  /** Something was written since the last flush. */
  #hasUnflushed = false;

  constructor(options: SinkLaneOptions<T>) {
    this.#options = options;
    this.#queue = options.queue;
    this.#checkpoint = options.before ?? { cursors: new Map(), state: null };
  }

  get key(): string {
    return this.#options.key;
  }

  /** Why the consumer gets nothing more; null while it does. */
  get quarantine(): string | null {
    return this.#quarantine;
  }

  get pending(): number {
    return this.#queue.pending;
  }

  get isFull(): boolean {
    return this.#quarantine === null && this.#queue.isFull;
  }

  /** True while the consumer's own call stands on the stack. */
  get isInsideCall(): boolean {
    return this.#insideCall;
  }

  /** Entries that are still to come, once this run is over: given up for now, not dropped. */
  get waiting(): number {
    return this.#queue.left;
  }

  /** Of the last flush. */
  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  accounting(): Accounting {
    return this.#queue.accounting();
  }

  /** Takes an item; false if the policy `error` refuses it. Never throws, never waits for the consumer's promises. */
  offer(item: T, bytes: number, rank: number, place: EntryPlace = NOWHERE): boolean {
    if (this.#quarantine !== null) {
      this.#queue.refuse("quarantined", place);
      return true;
    }
    const entry: QueueEntry<T> = { item, bytes, rank, place };
    let result = this.#queue.offer(entry);
    if (result === "full") {
      this.#writeInline(bytes);
      if (this.#quarantine !== null) {
        this.#queue.refuse("quarantined", place);
        return true;
      }
      // A consumer that is waiting for its own promise cannot be waited for here; the entry is taken beyond the bound.
      result = this.#queue.admit(entry);
    }
    if (result === "refused") {
      this.#isolate("its queue is full and its overflow policy is 'error'", undefined);
      return false;
    }
    this.#schedule(rank === PROTECTED);
    return true;
  }

  /** Counts an item that was to be offered and is lost. */
  lose(reason: string, place: EntryPlace): void {
    this.#queue.refuse(reason, place);
  }

  /** Resolves when everything offered before is written or dropped, and the consumer has flushed. */
  async flush(): Promise<void> {
    await this.#settled(this.#queue.accepted);
    await this.save();
  }

  /** Flushes the consumer between two batches: `checkpoint` says what is safe then. */
  save(): Promise<void> {
    if (this.#quarantine !== null || this.#closing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#flushers.push(resolve);
      this.#start();
    });
  }

  /** Resolves when the queue is no longer than its bound, whatever its policy; or when the consumer gets nothing more. */
  async room(capacity: number): Promise<void> {
    while (this.#quarantine === null && !this.#closing && this.#queue.length >= capacity) {
      this.#urgent = true;
      this.#start();
      await new Promise<void>((resolve) => setTimeout(resolve, ROOM_MS));
    }
  }

  /** Waits for room; resolves at once if there is some. */
  async ready(): Promise<void> {
    while (this.isFull) {
      this.#urgent = true;
      this.#start();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Writes what waits, or drops and counts what is left when `deadline` resolves; closes the consumer. Never throws. */
  async close(deadline: Promise<unknown>): Promise<void> {
    const late = await Promise.race([this.flush().then(() => false), deadline.then(() => true)]);
    this.#closing = true;
    if (late) {
      await this.#giveUp();
      // What it has written is not to come again.
      if (this.#hasUnflushed && this.#hand === null && this.#quarantine === null)
        await this.#flushNow(deadline);
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#call("close", () => this.#options.consumer.close?.(), deadline);
    this.#options.abort.abort();
  }

  /** The call in hand is told by its signal and has a moment to end. */
  async #giveUp(): Promise<void> {
    this.#queue.dropAll("shutdown_timeout");
    this.#options.abort.abort();
    if (this.#busy === null && this.#inline === null) return;
    let timer: NodeJS.Timeout | undefined;
    const moment = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MOMENT_MS);
    });
    await Promise.race([Promise.all([this.#busy, this.#inline]), moment]);
    clearTimeout(timer);
    this.#settle("shutdown_timeout");
  }

  #settled(order: number): Promise<void> {
    if (this.#queue.isSettledUpTo(order)) return Promise.resolve();
    this.#urgent = true;
    this.#start();
    return new Promise((resolve) => this.#waiters.push({ order, resolve }));
  }

  #schedule(urgent: boolean): void {
    if (this.#queue.length === 0 || this.#busy !== null) return;
    if (urgent || this.#queue.length >= this.#options.batchSize) {
      this.#start();
    } else if (this.#timer === null) {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#urgent = true;
        this.#start();
      }, this.#options.flushIntervalMs);
    }
  }

  #start(): void {
    if (this.#busy !== null || this.#quarantine !== null) return;
    if (this.#queue.length === 0 && this.#flushers.length === 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#busy = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#drain())
      .finally(() => {
        this.#busy = null;
        if (this.#flushers.length > 0) this.#start();
        else this.#schedule(this.#urgent);
      });
  }

  async #drain(): Promise<void> {
    const { batchSize } = this.#options;
    for (;;) {
      if (this.#inline !== null) await this.#inline;
      await this.#flushBetween();
      if (this.#quarantine !== null || this.#queue.length === 0) break;
      if (this.#inline !== null) continue;
      await this.#options.beforeBatch?.();
      if (this.#queue.length === 0) continue;
      const last = this.#queue.length <= batchSize;
      const batch = await this.#takeWhole();
      if (batch !== null) await this.#write(batch);
      this.#wake();
      // Leave the event loop to the producer between batches.
      if (!last) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#urgent = false;
    this.#wake();
  }

  async #flushBetween(): Promise<void> {
    const flushers = this.#flushers;
    if (flushers.length === 0) return;
    this.#flushers = [];
    if (this.#quarantine === null) await this.#flushNow();
    for (const resolve of flushers) resolve();
  }

  async #flushNow(deadline?: Promise<unknown>): Promise<void> {
    const { cursors } = this;
    let { state } = this.#checkpoint;
    this.#isFlushing = true;
    this.#hasUnflushed = false;
    const flush = async (): Promise<void> => {
      const given = await this.#options.consumer.flush?.();
      if (given !== undefined) state = given as PlainValue;
    };
    const failure = await this.#call("flush", flush, deadline);
    this.#isFlushing = false;
    if (failure === null) this.#checkpoint = { cursors, state };
  }

  /** How far it has come by now, whether that is flushed or not. */
  get cursors(): ReadonlyMap<string, StreamCursor> {
    const offered = this.#options.offered?.() ?? new Map<string, number>();
    return new Map([...offered].map(([stream, head]) => [stream, this.#queue.cursor(stream, head)]));
  }

  #take(): Batch<T> {
    const batch = { items: this.#queue.take(this.#options.batchSize).map((entry) => entry.item) };
    this.#hand = batch;
    this.#remaining = null;
    return batch;
  }

  /** As `#take`, with what had no room read again; null if nothing is left of it. */
  async #takeWhole(): Promise<Batch<T> | null> {
    const batch = this.#take();
    const entries = this.#queue.inHand;
    const shorts = entries.filter((entry) => entry.isShort === true);
    if (shorts.length === 0) return batch;
    const restored = await this.#restore(shorts.map((entry) => entry.item));
    // Given up in the meantime.
    if (this.#hand !== batch) return null;
    const lost = new Map<string, Set<QueueEntry<T>>>();
    for (const [index, entry] of shorts.entries()) {
      const result = restored[index] ?? { lost: "log" };
      if ("item" in result) entry.item = result.item;
      else lost.set(result.lost, (lost.get(result.lost) ?? new Set()).add(entry));
    }
    for (const [reason, those] of lost) this.#queue.lose(those, reason);
    const whole = { items: this.#queue.inHand.map((entry) => entry.item) };
    this.#hand = whole;
    if (whole.items.length > 0) return whole;
    this.#settle();
    return null;
  }

  async #restore(
    shorts: readonly unknown[],
  ): Promise<readonly ({ readonly item: T } | { readonly lost: string })[]> {
    try {
      return (await this.#options.restore?.(shorts)) ?? [];
    } catch (error) {
      this.#options.report(error, this.key);
      return [];
    }
  }

  #settle(dropReason?: string, dropped?: number): void {
    this.#hand = null;
    this.#hasUnflushed = true;
    this.#queue.settle(dropReason, dropped);
  }

  /** Writes a batch, with retries; `first` is the promise of a call that has already been made. */
  async #write(batch: Batch<T>, first?: Promise<void>): Promise<void> {
    const { items } = batch;
    for (let attempt = 0; ; attempt++) {
      const failure = await this.#call("write", (signal) =>
        attempt === 0 && first !== undefined ? first : this.#options.consumer.write(items, signal),
      );
      // Waited for, or given up, in the meantime.
      if (this.#hand !== batch) return;
      if (failure === null) return this.#settle();
      if (failure === STORAGE) return this.#settle("storage", this.#remaining ?? items.length);
      if (failure === FINAL || this.#quarantine !== null || attempt >= RETRIES || this.#closing) break;
      await new Promise<void>((resolve) => setTimeout(resolve, FIRST_DELAY_MS * 2 ** attempt));
      if (this.#hand !== batch) return;
    }
    const remaining = this.#remaining ?? items.length;
    this.#settle(this.#quarantine === null ? "failed" : "quarantined", remaining);
  }

  /** Writes batches on the caller's time until there is room, as far as the consumer can be waited for. */
  #writeInline(bytes: number): void {
    const { consumer, abort } = this.#options;
    while (this.#quarantine === null && !this.#isFlushing && !this.#queue.hasRoom(bytes)) {
      if (this.#hand === null) {
        if (this.#queue.length === 0) break;
        const batch = this.#take();
        const result = this.#enter("write", () => consumer.write(batch.items, abort.signal));
        if (!(result instanceof Promise)) {
          this.#settle(reasonOf(result), this.#remaining ?? batch.items.length);
          continue;
        }
        const inline = this.#write(batch, result).finally(() => {
          if (this.#inline !== inline) return;
          this.#inline = null;
          this.#wake();
          this.#schedule(true);
        });
        this.#inline = inline;
      }
      if (consumer.wait?.() !== true) break;
      this.#settle();
    }
    this.#wake();
  }

  /** Calls the consumer within the time limit; gives null, or the error after counting it. */
  async #call(
    action: string,
    call: (signal: AbortSignal) => void | Promise<void>,
    deadline?: Promise<unknown>,
  ): Promise<Failure | null> {
    const { abort, key } = this.#options;
    const result = this.#enter(action, () => call(abort.signal));
    if (typeof result === "symbol") return result;
    if (!(result instanceof Promise)) return this.#succeed();
    let { timeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const limit = new Promise<"late">((resolve) => {
      const setLimit = (ms: number): void => {
        clearTimeout(timer);
        timeoutMs = ms;
        timer = setTimeout(resolve, ms, "late");
      };
      setLimit(timeoutMs);
      void deadline?.then(() => {
        if (!isOver) setLimit(Math.min(timeoutMs, LATE_CLOSE_MS));
      });
    });
    try {
      if ((await Promise.race([result, limit])) !== "late") return this.#succeed();
      const error = sinkTimedOut(key, action, timeoutMs / 1000);
      this.#options.report(error, key);
      this.#isolate(`it did not ${action} within ${timeoutMs / 1000} s`, error);
      return FAILED;
    } catch (cause) {
      return this.#fail(cause, action);
    } finally {
      isOver = true;
      clearTimeout(timer);
    }
  }

  #enter(action: string, call: () => void | Promise<void>): void | Promise<void> | Failure {
    this.#insideCall = true;
    try {
      return call();
    } catch (cause) {
      return this.#fail(cause, action);
    } finally {
      this.#insideCall = false;
    }
  }

  #succeed(): null {
    this.#errors = Math.max(0, this.#errors - 1);
    return null;
  }

  #fail(thrown: unknown, action: string): Failure {
    const isWrapped = thrown instanceof PartialFailure || thrown instanceof FinalFailure;
    const cause = isWrapped ? thrown.cause : thrown;
    if (thrown instanceof PartialFailure) this.#remaining = thrown.remaining;
    if (cause instanceof StorageError) {
      // The disk's fault, not the consumer's: it costs no error budget, and ends when the disk can be written again.
      this.#options.report(cause, this.key);
      return STORAGE;
    }
    this.#options.report(sinkFailed(this.key, action, cause), this.key);
    this.#errors += 1;
    if (thrown instanceof FinalFailure && thrown.quarantine !== null) this.#isolate(thrown.quarantine, cause);
    if (this.#errors >= ERROR_BUDGET) this.#isolate(`it failed ${ERROR_BUDGET} times`, cause);
    return thrown instanceof FinalFailure ? FINAL : FAILED;
  }

  #isolate(reason: string, cause: unknown): void {
    if (this.#quarantine !== null) return;
    this.#quarantine = reason;
    this.#options.report(sinkQuarantined(this.key, reason, cause), this.key);
    this.#queue.dropAll("quarantined");
    this.#options.abort.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wake();
    for (const resolve of this.#flushers.splice(0)) resolve();
  }

  #wake(): void {
    const done = this.#waiters.filter((waiter) => this.#queue.isSettledUpTo(waiter.order));
    if (done.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  }
}

/** What a consumer has in hand: the same object for every attempt. */
interface Batch<T> {
  readonly items: readonly T[];
}

/** Of what is not in the order of a run. */
const NOWHERE: EntryPlace = { position: 0, stream: "" };
const FAILED: unique symbol = Symbol("failed");
/** The disk's fault. */
const STORAGE: unique symbol = Symbol("storage");
/** It makes no sense to try again. */
const FINAL: unique symbol = Symbol("final");
type Failure = typeof FAILED | typeof STORAGE | typeof FINAL;

/** Why a batch that was written inline is lost; undefined if it is not. */
function reasonOf(result: unknown): string | undefined {
  if (typeof result !== "symbol") return undefined;
  return result === STORAGE ? "storage" : "failed";
}
