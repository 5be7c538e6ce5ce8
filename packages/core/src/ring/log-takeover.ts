import { join } from "node:path";
import type { RunEndRecord, StreamRecord } from "@episcope/records";
import { EpisodeTracker, outcomeOf } from "@episcope/records";
import type { Decisions, Durability, EpisodeManager, FileSystem } from "@episcope/records/store";
import {
  LOG_DIRECTORY,
  LogReader,
  LogWriter,
  NOTHING_DECIDED,
  recoverRun,
  removeLog,
  type StorageError,
  toStorageError,
} from "@episcope/records/store";
import type { ProblemLog } from "../pipeline/problem-log.js";
import { ownRecord } from "./own-record.js";
import type { SlotStep } from "./step-slot-reader.js";
import type { SideMessage } from "./thread-messages.js";

export interface LogTakeoverOptions {
  readonly fs: FileSystem;
  /** It is where the thread was. */
  readonly manager: EpisodeManager;
  readonly durability: Durability;
  readonly problems: ProblemLog;
  /** What the thread had acknowledged. */
  readonly acknowledged: number;
  /** Highest `seq` that was handed to the thread. */
  readonly lastSeq: number;
  /**
   * What stands in the ring, in order: the thread has written the first of it, and may have written more. It is handed over
   * next.
   */
  readonly inRing: readonly { readonly number: number; readonly seq: number }[];
}

/** Bytes that may wait in memory; where the system refuses them, no more than the second are held. */
const FLUSH_BYTES = 64 << 10;
const HELD_BYTES = 8 << 20;

/**
 * Goes on with the log of a run whose thread is gone, in the thread of the producer: writes what the thread had not, and
 * everything that comes. Nothing is drawn or sent any more; `resumeRun` does that.
 */
export class LogTakeover {
  readonly #options: LogTakeoverOptions;
  readonly #writer: LogWriter;
  /** Of open episodes, by number. */
  readonly #trackers: Map<number, { readonly key: string; readonly tracker: EpisodeTracker }> = new Map();
  #globalStep: number | null = null;
  /** Records of the ring, from its first on, that the log has already. */
  #had: number;
  #lastSeq: number;
  #acknowledged: number;
  #added = 0;
  #lost = 0;

  constructor(options: LogTakeoverOptions) {
    this.#options = options;
    this.#lastSeq = options.lastSeq;
    this.#acknowledged = options.acknowledged;
    const { fs, manager, durability, inRing } = options;
    const dir = join(manager.runDir, LOG_DIRECTORY);
    let writer: LogWriter | null = null;
    let had = 0;
    try {
      had = overlap(this.#follow(dir), inRing);
      writer = LogWriter.resume(dir, { fs, durability });
      // Nothing of it is whole.
      if (writer === null) removeLog(fs, dir);
    } catch (error) {
      options.problems.report(toStorageError(error, dir), "journal");
    }
    this.#writer = writer ?? new LogWriter(dir, { fs, durability });
    this.#had = had;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Records that no output was offered. */
  get withoutOutputs(): number {
    return this.#added;
  }

  /** Records that could not be written, and will not be. */
  get lost(): number {
    return this.#lost;
  }

  /** Records that wait in memory. */
  get unwritten(): number {
    return this.#writer.next - this.#writer.head;
  }

  takeStep({ episode, step, seq, time, input }: SlotStep): void {
    this.#take(episode, seq, () => ownRecord(this.#get(episode).key, step, seq, time, input));
  }

  take(message: SideMessage): void {
    const number = message.number ?? 0;
    if (message.do === "take") {
      this.#take(number, message.record.seq, () => message.record);
      return;
    }
    const { key: episode, seq, time, outcome } = message;
    this.#take(number, seq, () => {
      const { tracker } = this.#get(number);
      const { totals, lastView } = tracker;
      return { type: "episode-end", seq, episode, time, outcome: outcome ?? outcomeOf(lastView), totals };
    });
  }

  /** Hands everything to the system, at the run's durability; gives what stands in the way. */
  flush(): StorageError | null {
    const { durability, problems } = this.#options;
    try {
      if (durability === "process") this.#writer.write();
      else this.#writer.sync();
      this.#acknowledged = this.#lastSeq;
      return null;
    } catch (error) {
      const failure = toStorageError(error, this.#writer.dir);
      problems.report(failure, "journal");
      return failure;
    }
  }

  /** Ends the log and makes journals and manifest of it; gives what went wrong. */
  close(end: RunEndRecord): unknown[] {
    const { fs, manager } = this.#options;
    const errors: unknown[] = [];
    const attempt = (action: () => unknown): void => {
      try {
        action();
      } catch (error) {
        errors.push(error);
      }
    };
    this.#take(0, end.seq, () => end);
    attempt(() => this.#writer.close());
    this.#lost += this.unwritten;
    attempt(() => recoverRun(manager.runDir, { fs }));
    return errors;
  }

  /** Comes to know the open episodes; gives the last records that the log has, as many as the ring. */
  #follow(dir: string): readonly { readonly number: number; readonly seq: number }[] {
    const { fs, inRing } = this.#options;
    const last: { number: number; seq: number }[] = [];
    using reader = new LogReader(dir, { fs });
    for (let item = reader.next(); item !== null; item = reader.next()) {
      const number = item.episode ?? 0;
      this.#see(number, item.record);
      this.#globalStep = item.decisions.global_step ?? this.#globalStep;
      last.push({ number, seq: item.record.seq });
      if (last.length > 2 * inRing.length) last.splice(0, last.length - inRing.length);
    }
    return last;
  }

  /** Gives why a step is a key step. */
  #see(number: number, record: StreamRecord): Decisions["key"] {
    if (record.type === "episode-start")
      this.#trackers.set(number, { key: record.episode, tracker: new EpisodeTracker(record, number) });
    else if (record.type === "episode-end") this.#trackers.delete(number);
    else if (record.type === "step") return this.#trackers.get(number)?.tracker.step(record).reasons ?? [];
    return NOTHING_DECIDED.key;
  }

  #get(number: number): { readonly key: string; readonly tracker: EpisodeTracker } {
    const episode = this.#trackers.get(number);
    if (episode === undefined) throw new Error(`the log has no start of episode ${number}`);
    return episode;
  }

  #take(number: number, seq: number, recordOf: () => StreamRecord): void {
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    if (this.#had > 0) {
      this.#had -= 1;
      return;
    }
    const { problems, durability } = this.#options;
    let record: StreamRecord | null = null;
    try {
      record = recordOf();
      if (this.#writer.bufferedBytes > HELD_BYTES) this.#writer.write();
      this.#append(number, record);
    } catch (error) {
      problems.report(toStorageError(error, this.#writer.dir), "journal");
      this.#lost += 1;
      if (record !== null) this.#drop(record);
      return;
    }
    const isDue = this.#writer.bufferedBytes > FLUSH_BYTES || record.type === "episode-end";
    if (durability === "step" || isDue) this.flush();
  }

  /** Whether it is drawn is left to whoever reads it. */
  #append(number: number, record: StreamRecord): void {
    const key = this.#see(number, record);
    const global_step = record.type === "step" ? (this.#globalStep ?? -1) + 1 : this.#globalStep;
    this.#writer.append(record, { ...NOTHING_DECIDED, global_step, key });
    this.#globalStep = global_step;
    this.#added += 1;
  }

  #drop(record: StreamRecord): void {
    try {
      this.#writer.dropped(record);
    } catch {
      // Of an episode that the log does not know.
    }
  }
}

/** How many of `next` stand at the end of `stored`. A producer's numbers need not rise. */
function overlap(
  stored: readonly { readonly number: number; readonly seq: number }[],
  next: readonly { readonly number: number; readonly seq: number }[],
): number {
  for (let count = Math.min(stored.length, next.length); count > 0; count--) {
    const from = stored.length - count;
    let index = 0;
    while (index < count && isSame(stored[from + index]!, next[index]!)) index += 1;
    if (index === count) return count;
  }
  return 0;
}

function isSame(
  one: { readonly number: number; readonly seq: number },
  other: { readonly number: number; readonly seq: number },
): boolean {
  return one.number === other.number && one.seq === other.seq;
}
