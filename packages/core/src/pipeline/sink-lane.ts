import type { Accounting } from "../episode/record.js";
import { StorageError } from "../episode/storage-errors.js";
import { sinkFailed, sinkQuarantined, sinkTimedOut } from "./errors.js";
import { PROTECTED, type QueueEntry, type SinkQueue } from "./sink-queue.js";

/** Failed calls that a sink may have before it gets nothing more; a success gives one back. */
export const ERROR_BUDGET = 10;
/** Times that a batch is tried again. */
const RETRIES = 2;
const FIRST_DELAY_MS = 50;
/** What a call in hand gets when time is up. */
const LAST_MOMENT_MS = 250;

/** What stands behind a lane: a sink, or a renderer that draws. */
export interface LaneConsumer<T> {
  write(batch: readonly T[], signal: AbortSignal): void | Promise<void>;
  flush?(): void | Promise<void>;
  close?(): void | Promise<void>;
}

/** Thrown by a consumer that has written a part of the batch and keeps in mind which. */
export class PartialFailure extends Error {
  /** Items that are still to be written. */
  readonly remaining: number;

  constructor(remaining: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.remaining = remaining;
  }
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
}

/**
 * Carries entries from a queue to one consumer: batches, one call at a time, retries, time limit, quarantine. What
 * one consumer does never reaches another, nor the caller of `offer`.
 */
export class SinkLane<T> {
  readonly #options: SinkLaneOptions<T>;
  readonly #queue: SinkQueue<T>;
  #busy: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #urgent = false;
  #closing = false;
  #errors = 0;
  /** Of the batch in hand, after a partial failure. */
  #remaining: number | null = null;
  #quarantine: string | null = null;
  #insideCall = false;
  #waiters: { readonly order: number; readonly resolve: () => void }[] = [];

  constructor(options: SinkLaneOptions<T>) {
    this.#options = options;
    this.#queue = options.queue;
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

  accounting(): Accounting {
    return this.#queue.accounting();
  }

  /** Takes an item; false if the policy `error` refuses it. Never throws, never waits for the consumer's promises. */
  offer(item: T, bytes: number, rank: number): boolean {
    if (this.#quarantine !== null) {
      this.#queue.refuse("quarantined");
      return true;
    }
    const entry: QueueEntry<T> = { item, bytes, rank };
    let result = this.#queue.offer(entry);
    if (result === "full") {
      this.#writeInline(bytes);
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

  /** Resolves when everything offered before is written or dropped, and the consumer has flushed. */
  async flush(): Promise<void> {
    await this.#settled(this.#queue.accepted);
    if (this.#quarantine === null) await this.#call("flush", () => this.#options.consumer.flush?.());
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
    if (late) await this.#giveUp();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#call("close", () => this.#options.consumer.close?.());
    this.#options.abort.abort();
  }

  /** The call in hand is told by its signal and has a moment to end. */
  async #giveUp(): Promise<void> {
    this.#queue.dropAll("shutdown_timeout");
    this.#options.abort.abort();
    if (this.#busy === null) return;
    let timer: NodeJS.Timeout | undefined;
    const moment = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MOMENT_MS);
    });
    await Promise.race([this.#busy, moment]);
    clearTimeout(timer);
    this.#queue.settle("shutdown_timeout");
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
    if (this.#busy !== null || this.#quarantine !== null || this.#queue.length === 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#busy = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#drain())
      .finally(() => {
        this.#busy = null;
        this.#schedule(this.#urgent);
      });
  }

  async #drain(): Promise<void> {
    const { batchSize } = this.#options;
    while (this.#quarantine === null && this.#queue.length > 0) {
      const last = this.#queue.length <= batchSize;
      await this.#write(this.#queue.take(batchSize));
      this.#wake();
      // Leave the event loop to the producer between batches.
      if (!last) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#urgent = false;
    this.#wake();
  }

  async #write(batch: readonly QueueEntry<T>[]): Promise<void> {
    const items = batch.map((entry) => entry.item);
    this.#remaining = null;
    for (let attempt = 0; ; attempt++) {
      const failure = await this.#call("write", (signal) => this.#options.consumer.write(items, signal));
      if (failure === null) {
        this.#queue.settle();
        return;
      }
      if (failure === STORAGE) {
        this.#queue.settle("storage", this.#remaining ?? batch.length);
        return;
      }
      if (this.#quarantine !== null || attempt >= RETRIES || this.#closing) break;
      await new Promise<void>((resolve) => setTimeout(resolve, FIRST_DELAY_MS * 2 ** attempt));
    }
    const remaining = this.#remaining ?? batch.length;
    this.#queue.settle(this.#quarantine === null ? "failed" : "quarantined", remaining);
  }

  /** Writes batches on the caller's time until there is room, as far as the consumer answers without a promise. */
  #writeInline(bytes: number): void {
    while (
      this.#busy === null &&
      this.#quarantine === null &&
      !this.#queue.hasRoom(bytes) &&
      this.#queue.length > 0
    ) {
      const batch = this.#queue.take(this.#options.batchSize);
      const result = this.#enter("write", () =>
        this.#options.consumer.write(
          batch.map((entry) => entry.item),
          this.#options.abort.signal,
        ),
      );
      if (result instanceof Promise) {
        this.#busy = result
          .then(
            () => this.#queue.settle(),
            (cause) => {
              this.#fail(cause, "write");
              this.#queue.settle("failed");
            },
          )
          .finally(() => {
            this.#busy = null;
            this.#wake();
            this.#schedule(true);
          });
      } else if (result === FAILED || result === STORAGE)
        this.#queue.settle(result === STORAGE ? "storage" : "failed");
      else this.#queue.settle();
    }
    this.#wake();
  }

  /** Calls the consumer within the time limit; gives null, or the error after counting it. */
  async #call(action: string, call: (signal: AbortSignal) => void | Promise<void>): Promise<unknown> {
    const { abort, timeoutMs, key } = this.#options;
    const result = this.#enter(action, () => call(abort.signal));
    if (result === FAILED || result === STORAGE) return result;
    if (!(result instanceof Promise)) return this.#succeed();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, timeoutMs, "late");
    });
    try {
      if ((await Promise.race([result, limit])) !== "late") return this.#succeed();
      const error = sinkTimedOut(key, action, timeoutMs / 1000);
      this.#options.report(error, key);
      this.#isolate(`it did not ${action} within ${timeoutMs / 1000} s`, error);
      return error;
    } catch (cause) {
      return this.#fail(cause, action);
    } finally {
      clearTimeout(timer);
    }
  }

  #enter(
    action: string,
    call: () => void | Promise<void>,
  ): void | Promise<void> | typeof FAILED | typeof STORAGE {
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

  #fail(thrown: unknown, action: string): typeof FAILED | typeof STORAGE {
    const cause = thrown instanceof PartialFailure ? thrown.cause : thrown;
    if (thrown instanceof PartialFailure) this.#remaining = thrown.remaining;
    if (cause instanceof StorageError) {
      // The disk's fault, not the consumer's: it costs no error budget, and ends when the disk can be written again.
      this.#options.report(cause, this.key);
      return STORAGE;
    }
    this.#options.report(sinkFailed(this.key, action, cause), this.key);
    this.#errors += 1;
    if (this.#errors >= ERROR_BUDGET) this.#isolate(`it failed ${ERROR_BUDGET} times`, cause);
    return FAILED;
  }

  #isolate(reason: string, cause: unknown): void {
    if (this.#quarantine !== null) return;
    this.#quarantine = reason;
    this.#options.report(sinkQuarantined(this.key, reason, cause), this.key);
    this.#queue.dropAll("quarantined");
    this.#options.abort.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wake();
  }

  #wake(): void {
    const done = this.#waiters.filter((waiter) => this.#queue.isSettledUpTo(waiter.order));
    if (done.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  }
}

const FAILED: unique symbol = Symbol("failed");
const STORAGE: unique symbol = Symbol("storage");
