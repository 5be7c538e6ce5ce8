import type { Accounting } from "@episcope/records";
import type { OverflowPolicy } from "../config/types.js";

/** Rank of what is never dropped for an ordinary step: episode starts and ends, metrics, summaries. */
export const PROTECTED: number = Number.POSITIVE_INFINITY;

/** Where an entry stands in the run: what is still to come of an output is known by positions. */
export interface EntryPlace {
  /** Of its record. */
  readonly position: number;
  /** "record", or the type of a picture. Entries of one stream come in the order of their positions. */
  readonly stream: string;
}

/** What stands for an item; or it is taken whole all the same, or it could not be read again and is lost. */
export type Shortened = { readonly short: unknown } | "whole" | "lost";

/** How far an output has come in one stream. */
export interface StreamCursor {
  readonly position: number;
  readonly written: number;
  readonly reasons: { readonly [reason: string]: number };
}

interface StreamTally {
  written: number;
  readonly reasons: Map<string, number>;
  /** How far it had come when the first entry was left for later; null while none is. */
  left: StreamCursor | null;
}

export interface QueueEntry<T> {
  /** With `isShort`: what stands for the item, which is read again when its turn comes. */
  item: T;
  isShort?: boolean;
  readonly place: EntryPlace;
  bytes: number;
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

export interface SinkQueueOptions<T> {
  readonly policy: OverflowPolicy;
  /** Entries. */
  readonly capacity: number;
  readonly budget: ByteBudget;
  /** How far the output had come when the run was interrupted. */
  readonly from?: ReadonlyMap<string, StreamCursor>;
  /** What becomes of an item that has no room with `catch_up`. Default: it is taken whole. */
  shorten?(item: T): Shortened;
}

/** `full`: a blocking queue has no room; the caller makes some, or admits the entry anyway. */
export type OfferResult = "queued" | "dropped" | "full" | "refused";

const NOTHING: StreamTally = { written: 0, reasons: new Map(), left: null };
/** Taken entries at the front of a long queue before it is made shorter: each time moves all the others. */
const THIN_OUT = 4096;

/** What becomes of entries that a sink does not get: with `catch_up` they are still to come, for whoever resumes the run. */
const WAITS = new Set(["quarantined", "shutdown_timeout", "storage"]);

/**
 * The queue in front of one output. Entries leave in the order they came; what is given up when it is full is the policy's:
 * `catch_up` gives up nothing, and keeps of what has no room a few bytes that say where it can be read. Every entry that is
 * offered is counted as accepted, and later as written or as dropped with a reason.
 */
export class SinkQueue<T> {
  readonly #options: SinkQueueOptions<T>;
  #entries: QueueEntry<T>[] = [];
  /** With `catch_up`: entries at the front that were taken, which are thinned out only now and then. */
  #taken = 0;
  #accepted = 0;
  #inFlight: readonly QueueEntry<T>[] = [];
  #sampled = 0;
  /** Entries that the output did not get and may get later. */
  #left = 0;
  readonly #tallies: Map<string, StreamTally> = new Map();

  constructor(options: SinkQueueOptions<T>) {
    this.#options = options;
    for (const [stream, { written, reasons }] of options.from ?? []) {
      this.#tallies.set(stream, { written, reasons: new Map(Object.entries(reasons)), left: null });
      this.#accepted += written + Object.values(reasons).reduce((sum, count) => sum + count, 0);
    }
  }

  get length(): number {
    return this.#entries.length - this.#taken;
  }

  /** Entries that are neither written nor dropped yet. */
  get pending(): number {
    return this.length + this.#inFlight.length;
  }

  /** What `take` gave and `settle` has not ended. */
  get inHand(): readonly QueueEntry<T>[] {
    return this.#inFlight;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get policy(): OverflowPolicy {
    return this.#options.policy;
  }

  /** With `catch_up` there is always room. */
  get isFull(): boolean {
    return this.#options.policy !== "catch_up" && this.#entries.length >= this.#options.capacity;
  }

  /** Entries that were given up for now: another run of this output gets them. */
  get left(): number {
    return this.#left;
  }

  /**
   * How far a stream has come: everything of it below `position` is counted in `written` and `reasons`, nothing else is.
   * Below `head` everything has been offered.
   */
  cursor(stream: string, head: number): StreamCursor {
    const { written, reasons, left } = this.#tallies.get(stream) ?? NOTHING;
    let position = head;
    for (const entries of [this.#inFlight, this.#entries.slice(this.#taken)])
      for (const { place } of entries)
        if (place.stream === stream && place.position < position) position = place.position;
    if (left === null) return { position, written, reasons: Object.fromEntries(reasons) };
    return left.position <= position ? left : { ...left, position };
  }

  /** Whether one more entry of this size fits. */
  hasRoom(bytes: number): boolean {
    const { budget, capacity } = this.#options;
    return this.length < capacity && (budget.used === 0 || budget.used + bytes <= budget.limit);
  }

  /** Offers an entry; a result of `full` counts nothing, and the entry may be offered again or admitted. */
  offer(entry: QueueEntry<T>): OfferResult {
    if (this.#options.policy === "sample" && entry.rank !== PROTECTED && this.#isSampledOut()) {
      this.#accepted += 1;
      return this.#count("sampled", entry);
    }
    if (this.hasRoom(entry.bytes)) return this.admit(entry);
    switch (this.#options.policy) {
      case "catch_up":
        return this.#admitShort(entry);
      case "block":
        return "full";
      case "error":
        this.#accepted += 1;
        this.#count("overflow", entry);
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

  #admitShort(entry: QueueEntry<T>): OfferResult {
    const shortened = this.#options.shorten?.(entry.item) ?? "whole";
    if (shortened === "lost") {
      this.#accepted += 1;
      return this.#count("log", entry);
    }
    if (shortened !== "whole") {
      entry.item = shortened.short as T;
      entry.isShort = true;
      entry.bytes = 0;
    }
    return this.admit(entry);
  }

  /** Takes an entry whatever the bounds say. */
  admit(entry: QueueEntry<T>): OfferResult {
    this.#accepted += 1;
    entry.order = this.#accepted;
    this.#tally(entry.place);
    this.#entries.push(entry);
    this.#options.budget.used += entry.bytes;
    return "queued";
  }

  /** Whether every entry that was offered up to this position is written or dropped. */
  isSettledUpTo(order: number): boolean {
    const oldest = this.#inFlight[0] ?? this.#entries[this.#taken];
    return oldest === undefined || oldest.order! > order;
  }

  /** Takes up to `count` of the oldest entries; `settle` says what became of them before more are taken. */
  take(count: number): readonly QueueEntry<T>[] {
    this.#inFlight = this.#entries.slice(this.#taken, this.#taken + count);
    this.#taken += this.#inFlight.length;
    if (this.#options.policy !== "catch_up" || this.#taken >= THIN_OUT || this.length === 0) {
      this.#entries.splice(0, this.#taken);
      this.#taken = 0;
    }
    return this.#inFlight;
  }

  /** Ends some of the entries that `take` gave, which cannot be read again; the others stay in hand. */
  lose(entries: ReadonlySet<QueueEntry<T>>, reason: string): void {
    const lost = this.#inFlight.filter((entry) => entries.has(entry));
    this.#inFlight = this.#inFlight.filter((entry) => !entries.has(entry));
    for (const entry of lost) {
      this.#options.budget.used -= entry.bytes;
      this.#count(reason, entry);
    }
  }

  /** Ends the entries that `take` gave: all written, or the last `dropped` of them (default: all) lost for a reason. */
  settle(dropReason?: string, dropped: number = this.#inFlight.length): void {
    const batch = this.#inFlight;
    this.#inFlight = [];
    for (const entry of batch) this.#options.budget.used -= entry.bytes;
    // Nothing is in hand any more if the entries were given up meanwhile.
    const lost = dropReason === undefined ? 0 : Math.min(dropped, batch.length);
    for (const { place } of batch.slice(0, batch.length - lost)) {
      const tally = this.#tally(place);
      tally.written += 1;
      // It was in hand when others were left for later.
      if (tally.left !== null && place.position < tally.left.position)
        tally.left = { ...tally.left, written: tally.left.written + 1 };
    }
    if (dropReason !== undefined) this.#giveUp(dropReason, batch.slice(batch.length - lost));
  }

  /** Counts an entry that was offered when the sink took nothing any more. */
  refuse(reason: string, place: EntryPlace): void {
    this.#accepted += 1;
    this.#giveUp(reason, [{ place }]);
  }

  /** Drops everything that waits. */
  dropAll(reason: string): void {
    const entries = this.#entries.slice(this.#taken);
    this.#entries = [];
    this.#taken = 0;
    for (const entry of entries) this.#options.budget.used -= entry.bytes;
    this.#giveUp(reason, entries);
  }

  accounting(): Accounting {
    let [written, dropped] = [0, 0];
    const reasons: { [reason: string]: number } = {};
    for (const tally of this.#tallies.values()) {
      written += tally.written;
      for (const [reason, count] of tally.reasons) {
        dropped += count;
        reasons[reason] = (reasons[reason] ?? 0) + count;
      }
    }
    return { accepted: this.#accepted, written, dropped, reasons };
  }

  #tally({ stream }: EntryPlace): StreamTally {
    let tally = this.#tallies.get(stream);
    if (tally === undefined) {
      tally = { written: 0, reasons: new Map(), left: null };
      this.#tallies.set(stream, tally);
    }
    return tally;
  }

  #giveUp(reason: string, entries: readonly { readonly place: EntryPlace }[]): void {
    const waits = this.#options.policy === "catch_up" && WAITS.has(reason);
    for (const entry of entries) {
      if (!waits) {
        this.#count(reason, entry);
        continue;
      }
      this.#left += 1;
      const tally = this.#tally(entry.place);
      const { written, reasons } = tally;
      tally.left ??= { position: entry.place.position, written, reasons: Object.fromEntries(reasons) };
    }
  }

  #count(reason: string, { place }: { readonly place: EntryPlace }): "dropped" {
    const tally = this.#tally(place);
    const count = (tally.reasons.get(reason) ?? 0) + 1;
    tally.reasons.set(reason, count);
    if (tally.left !== null && place.position < tally.left.position)
      tally.left = { ...tally.left, reasons: { ...tally.left.reasons, [reason]: count } };
    return "dropped";
  }

  /** Puts `entry` in the place of the victim's loss; without a victim the entry itself is lost. */
  #replace(entry: QueueEntry<T>, victim: number): OfferResult {
    if (victim < 0) {
      this.#accepted += 1;
      return this.#count("overflow", entry);
    }
    const [lost] = this.#entries.splice(victim, 1);
    this.#options.budget.used -= lost!.bytes;
    this.#count("overflow", lost!);
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
