import { join } from "node:path";
import type { EpisodeManager } from "../episode/episode-manager.js";
import { JournalWriter } from "../episode/journal/journal-writer.js";
import type {
  Accounting,
  EpisodeEndRecord,
  EpisodeStartRecord,
  StepRecord,
  StreamRecord,
} from "../episode/record.js";
import { toStorageError } from "../episode/storage-errors.js";
import type { FileSystem } from "./plugin.js";

export const RUN_JOURNAL = "run.epi";
export const EPISODE_JOURNAL = "journal.epi";

export interface JournalLogOptions {
  readonly manager: EpisodeManager;
  readonly fs: FileSystem;
  /** Records that wait in memory, at most, before they are written. */
  readonly batchSize: number;
  /** Longest time that a record waits. */
  readonly flushIntervalMs: number;
  report(error: unknown, key: string): void;
  /** Seals, exports and lists a finished episode; its journal is closed. */
  finishEpisode(number: number, journal: string, end: EpisodeEndRecord): Promise<void>;
}

/**
 * The journals of a run: `run.epi`, and one `journal.epi` for each episode. Records gather in memory and are handed to
 * the system after `batchSize` of them or `flushIntervalMs`; a journal never drops a record that can be written.
 */
export class JournalLog {
  readonly #options: JournalLogOptions;
  readonly #episodes: Map<number, JournalWriter> = new Map();
  #run: JournalWriter | null = null;
  readonly #dirty: Set<JournalWriter> = new Set();
  #unflushed = 0;
  #timer: NodeJS.Timeout | null = null;
  #accepted = 0;
  readonly #reasons: Map<string, number> = new Map();
  #finishing: Promise<void> = Promise.resolve();

  constructor(options: JournalLogOptions) {
    this.#options = options;
  }

  /** Written = handed to the system: it survives the death of this process. */
  accounting(): Accounting {
    let dropped = 0;
    for (const count of this.#reasons.values()) dropped += count;
    const written = this.#accepted - dropped - this.#unflushed;
    return { accepted: this.#accepted, written, dropped, reasons: Object.fromEntries(this.#reasons) };
  }

  startEpisode(number: number, record: EpisodeStartRecord): void {
    this.#append(record, () => {
      const dir = this.#options.manager.startNewEpisode(number);
      const writer = new JournalWriter(join(dir, EPISODE_JOURNAL), { fs: this.#options.fs });
      this.#episodes.set(number, writer);
      return writer;
    });
  }

  logStep(number: number, record: StepRecord): void {
    this.#append(record, () => this.#episodes.get(number));
  }

  /** Resolves when the episode is sealed, exported and listed; one after the other, in the order of their ends. */
  endEpisode(number: number, record: EpisodeEndRecord): Promise<void> {
    const writer = this.#episodes.get(number);
    this.#append(record, () => writer);
    if (writer === undefined) return Promise.resolve();
    this.#episodes.delete(number);
    this.#flushWriter(writer);
    writer.close();
    this.#finishing = this.#finishing
      .then(() => this.#options.finishEpisode(number, writer.path, record))
      .catch((error: unknown) => this.#options.report(error, "journal"));
    return this.#finishing;
  }

  logRunRecord(record: StreamRecord): void {
    this.#append(record, () => {
      this.#run ??= new JournalWriter(join(this.#options.manager.runDir, RUN_JOURNAL), {
        fs: this.#options.fs,
      });
      return this.#run;
    });
  }

  /** Hands everything to the system at once; synchronous, for the end of the process too. */
  flushNow(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const writer of [...this.#dirty]) this.#flushWriter(writer);
  }

  async flush(): Promise<void> {
    this.flushNow();
    await this.#finishing;
  }

  async close(): Promise<void> {
    this.flushNow();
    await this.#finishing;
    for (const writer of this.#episodes.values()) writer.close();
    this.#run?.close();
  }

  #append(record: StreamRecord, find: () => JournalWriter | undefined): void {
    this.#accepted += 1;
    try {
      const writer = find();
      if (writer === undefined) {
        this.#drop("storage");
        return;
      }
      writer.append(record);
      this.#dirty.add(writer);
      this.#unflushed += 1;
    } catch (error) {
      this.#drop("storage");
      this.#options.report(error, "journal");
      return;
    }
    if (this.#unflushed >= this.#options.batchSize) this.flushNow();
    else this.#timer ??= setTimeout(() => this.flushNow(), this.#options.flushIntervalMs);
  }

  #flushWriter(writer: JournalWriter): void {
    const before = writer.appended - writer.written;
    try {
      writer.flush();
      this.#unflushed -= before;
    } catch (error) {
      this.#unflushed -= before - (writer.appended - writer.written);
      const lost = writer.discard();
      this.#unflushed -= lost;
      this.#drop("storage", lost);
      this.#options.report(toStorageError(error, writer.path), "journal");
    }
    this.#dirty.delete(writer);
  }

  #drop(reason: string, count = 1): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + count);
  }
}
