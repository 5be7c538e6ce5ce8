import type { Accounting } from "@episcope/records";
import type { OverflowPolicy } from "../config/types.js";

/** Rank of what is never dropped for an ordinary step: episode starts and ends, metrics, summaries. */
export const PROTECTED: number = Number.POSITIVE_INFINITY;

export interface QueueEntry<T> {
  item: T;
  readonly bytes: number;
  /** Larger = kept longer; PROTECTED = never dropped for anything lower. */
  readonly rank: number;
  /** Position among all entries offered, from 1; set when the queue takes it. */
  order?: number;
}

/** Bytes over all queues of a run. */
export class ByteBudget {
  used = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }
}

export interface SinkQueueOptions {
  readonly policy: OverflowPolicy;
  /** Entries. */
  readonly capacity: number;
  readonly budget: ByteBudget;
}

/** `full`: a blocking queue has no room; the caller makes some, or admits the entry anyway. */
export type OfferResult = "queued" | "dropped" | "full" | "refused";

/**
 * A bounded queue in front of one sink. Entries leave in the order they came; what is given up when it is full is
 * the policy's. Every entry that is offered is counted as accepted, and later as written or as dropped with a reason.
 */
export class SinkQueue<T> {
  readonly #options: SinkQueueOptions;
  #entries: QueueEntry<T>[] = [];
  #accepted = 0;
  #written = 0;
  #inFlight: readonly QueueEntry<T>[] = [];
  #sampled = 0;
  readonly #reasons: Map<string, number> = new Map();

  constructor(options: SinkQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** Entries that are neither written nor dropped yet. */
  get pending(): number {
    return this.#entries.length + this.#inFlight.length;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get policy(): OverflowPolicy {
    return this.#options.policy;
  }

  get isFull(): boolean {
    return this.#entries.length >= this.#options.capacity;
  }

  /** Whether one more entry of this size fits. */
  hasRoom(bytes: number): boolean {
    const { budget, capacity } = this.#options;
    return this.#entries.length < capacity && (budget.used === 0 || budget.used + bytes <= budget.limit);
  }

  /** Offers an entry; a result of `full` counts nothing, and the entry may be offered again or admitted. */
  offer(entry: QueueEntry<T>): OfferResult {
    if (this.#options.policy === "sample" && entry.rank !== PROTECTED && this.#isSampledOut()) {
      this.#accepted += 1;
      return this.#count("sampled");
    }
    if (this.hasRoom(entry.bytes)) return this.admit(entry);
    switch (this.#options.policy) {
      case "block":
        return "full";
      case "error":
        this.#accepted += 1;
        this.#count("overflow");
        return "refused";
      case "drop_newest":
      case "sample":
        return this.#replace(
          entry,
          entry.rank === PROTECTED ? this.#findLast((other) => other.rank !== PROTECTED) : -1,
        );
      case "drop_oldest":
        return this.#replace(entry, this.#findOldest(entry));
      case "drop_low_priority":
        return this.#replace(entry, this.#findLowest(entry));
    }
  }

  /** Takes an entry whatever the bounds say. */
  admit(entry: QueueEntry<T>): OfferResult {
    this.#accepted += 1;
    entry.order = this.#accepted;
    this.#entries.push(entry);
    this.#options.budget.used += entry.bytes;
    return "queued";
  }

  /** Whether every entry that was offered up to this position is written or dropped. */
  isSettledUpTo(order: number): boolean {
    const oldest = this.#inFlight[0] ?? this.#entries[0];
    return oldest === undefined || oldest.order! > order;
  }

  /** Takes up to `count` of the oldest entries; `settle` says what became of them before more are taken. */
  take(count: number): readonly QueueEntry<T>[] {
    this.#inFlight = this.#entries.splice(0, count);
    return this.#inFlight;
  }

  /** Ends the entries that `take` gave: all written, or `dropped` of them (default: all) lost for a reason. */
  settle(dropReason?: string, dropped: number = this.#inFlight.length): void {
    const batch = this.#inFlight;
    this.#inFlight = [];
    for (const entry of batch) this.#options.budget.used -= entry.bytes;
    if (dropReason === undefined) this.#written += batch.length;
    else {
      // Nothing is in hand any more if the entries were given up meanwhile.
      const lost = Math.min(dropped, batch.length);
      this.#written += batch.length - lost;
      this.#count(dropReason, lost);
    }
  }

  /** Counts an entry that was offered when the sink took nothing any more. */
  refuse(reason: string): void {
    this.#accepted += 1;
    this.#count(reason);
  }

  /** Drops everything that waits. */
  dropAll(reason: string): void {
    for (const entry of this.#entries) this.#options.budget.used -= entry.bytes;
    this.#count(reason, this.#entries.length);
    this.#entries = [];
  }

  accounting(): Accounting {
    let dropped = 0;
    for (const count of this.#reasons.values()) dropped += count;
    return {
      accepted: this.#accepted,
      written: this.#written,
      dropped,
      reasons: Object.fromEntries(this.#reasons),
    };
  }

  #count(reason: string, count = 1): "dropped" {
    if (count > 0) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + count);
    return "dropped";
  }

  /** Puts `entry` in the place of the victim's loss; without a victim the entry itself is lost. */
  #replace(entry: QueueEntry<T>, victim: number): OfferResult {
    if (victim < 0) {
      this.#accepted += 1;
      return this.#count("overflow");
    }
    const [lost] = this.#entries.splice(victim, 1);
    this.#options.budget.used -= lost!.bytes;
    this.#count("overflow");
    // One victim frees an entry; if bytes are short, the next offer finds the queue full again.
    return this.hasRoom(entry.bytes) ? this.admit(entry) : this.offer(entry);
  }

  #findOldest(entry: QueueEntry<T>): number {
    const index = this.#entries.findIndex((other) => other.rank !== PROTECTED);
    return index >= 0 || entry.rank !== PROTECTED ? index : this.#entries.length > 0 ? 0 : -1;
  }

  /** The oldest of the lowest rank, if that is below the entry's own; among equals the older one goes. */
  #findLowest(entry: QueueEntry<T>): number {
    let lowest = -1;
    for (let index = 0; index < this.#entries.length; index++) {
      if (lowest < 0 || this.#entries[index]!.rank < this.#entries[lowest]!.rank) lowest = index;
    }
    return lowest >= 0 && this.#entries[lowest]!.rank <= entry.rank ? lowest : -1;
  }

  #findLast(matches: (entry: QueueEntry<T>) => boolean): number {
    return this.#entries.findLastIndex(matches);
  }

  /** Keeps every item while the queue is less than half full, then every 2nd, 4th and 8th as it fills. */
  #isSampledOut(): boolean {
    const fill = this.#entries.length / this.#options.capacity;
    const every = fill < 0.5 ? 1 : fill < 0.75 ? 2 : fill < 0.9 ? 4 : 8;
    this.#sampled = (this.#sampled + 1) % every;
    return this.#sampled !== 0;
  }
}
