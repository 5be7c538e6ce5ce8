import { dirname, join } from "node:path";
import type {
  Accounting,
  EpisodeEndRecord,
  EpisodeStartRecord,
  Grid,
  StepRecord,
  StreamRecord,
} from "@episcope/records";
import type { Clock, Durability, EpisodeManager, FileSystem, JournalWriter } from "@episcope/records/store";
import {
  DiskSpaceError,
  EPISODE_JOURNAL,
  type EpisodeLogEntry,
  episodeLogEntry,
  episodeNotFound,
  JournalFiles,
  journalSource,
  lockRun,
  makeDirectories,
  RUN_JOURNAL,
  runMoved,
  type StorageError,
  syncDirectory,
  toStorageError,
  unlockRun,
} from "@episcope/records/store";
import { type ServiceToken, serviceToken } from "../contract/services.js";

/** With durability `group`: longest time, and most bytes, that wait for the disk. */
const GROUP_MS = 100;
const GROUP_BYTES = 1 << 20;
/** While nothing can be written: how often it is tried again, and what is held in memory until then. */
const RETRY_MS = 500;
const HELD_BYTES = 8 << 20;
/** How long it is tried in the same place before the run goes on elsewhere, and how often at once where `flush` waits. */
const PATIENCE_MS = 5_000;
const FLUSH_TRIES = 3;

export interface StructuredLoggerOptions {
  readonly manager: EpisodeManager;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly durability: Durability;
  /** For the entries that `loadEpisode` gives. */
  readonly configHash: string;
  /** Records that wait in memory, at most, before they are written. */
  readonly batchSize: number;
  /** Longest time that a record waits. */
  readonly flushIntervalMs: number;
  report(error: unknown, key: string): void;
  /** Told of the first failure of a series; true if there is reason to try again at once. */
  onFailure(error: StorageError): boolean;
  onRecovery(): void;
  /** Told when records were written, or `acknowledged` has changed. */
  onProgress?(): void;
  /** Called before records are handed to the system. */
  beforeWrite?(): void;
  /** Seals and exports a finished episode; its journal is closed. */
  finishEpisode(number: number, start: EpisodeStartRecord, end: EpisodeEndRecord): Promise<void>;
}

interface EpisodeJournal {
  readonly number: number;
  readonly writer: JournalWriter;
  readonly start: EpisodeStartRecord;
  /** A record was lost: the next step says its `before`, which the reader could not know. */
  gap: boolean;
}

interface EndedEpisode {
  readonly number: number;
  readonly start: EpisodeStartRecord;
  readonly finish: () => void;
}

interface Move {
  readonly writer: JournalWriter;
  /** Of the episode; 0 = the run's journal. */
  readonly number: number;
  readonly start: StreamRecord | null;
  readonly path: string;
  /** The new file holds what the old one held. */
  readonly isWhole: boolean;
}

/** What keeps the journals. */
export const STRUCTURED_LOGGER: ServiceToken<StructuredLogger> = serviceToken("episcope.structured-logger");

/**
 * The journals of a run: `run.epi`, and one `journal.epi` for each episode. Records gather in memory and are handed to
 * the system after `batchSize` of them or `flushIntervalMs`. While the disk refuses, up to 8 MiB are held and tried
 * again twice a second. Before anything of that is dropped, after five seconds, or where somebody waits for it, the run
 * goes on elsewhere (`storage.fallback_dir`, else a temporary directory), once; where that cannot be, what comes beyond
 * the 8 MiB is dropped and counted. However many episodes are open, few descriptors are.
 */
export class StructuredLogger {
  readonly #options: StructuredLoggerOptions;
  readonly #episodes: Map<number, EpisodeJournal> = new Map();
  /** Episodes that ended while nothing could be written. */
  readonly #waiting: Map<JournalWriter, EndedEpisode> = new Map();
  #run: JournalWriter | null = null;
  #runStart: StreamRecord | null = null;
  /** Highest number of an episode. */
  #highest = 0;
  /** While memory is full: when another place is looked for again. */
  #elsewhereAfter = 0;
  /** Directory in which the run went on; its lock is ours. */
  #elsewhere: string | null = null;
  readonly #dirty: Set<JournalWriter> = new Set();
  readonly #files: JournalFiles;
  readonly #unsynced: Set<JournalWriter> = new Set();
  readonly #unsafe: Set<JournalWriter> = new Set();
  #unflushed = 0;
  #unsyncedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #failing: { readonly since: number; readonly retryAt: number; readonly error: StorageError } | null = null;
  #accepted = 0;
  #lastSeq = -1;
  #acknowledged = -1;
  readonly #reasons: Map<string, number> = new Map();
  #finishing: Promise<void> = Promise.resolve();

  constructor(options: StructuredLoggerOptions) {
    this.#options = options;
    this.#files = new JournalFiles(options);
  }

  /** Written = handed to the system: it survives the death of this process. */
  accounting(): Accounting {
    let dropped = 0;
    for (const count of this.#reasons.values()) dropped += count;
    const written = this.#accepted - dropped - this.#unflushed;
    return { accepted: this.#accepted, written, dropped, reasons: Object.fromEntries(this.#reasons) };
  }

  /** Every record up to this seq that was not dropped is safe at the configured durability; -1 for none. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Records that wait in memory. */
  get unwritten(): number {
    return this.#unflushed;
  }

  startEpisode(number: number, record: EpisodeStartRecord): void {
    this.#append(record, () => {
      const { manager } = this.#options;
      const path = join(manager.episodeDir(number), EPISODE_JOURNAL);
      const writer = this.#files.writer(path, number, () => manager.startNewEpisode(number));
      this.#episodes.set(number, { number, writer, start: record, gap: false });
      this.#highest = Math.max(this.#highest, number);
      return writer;
    });
  }

  /** `before` is the grid before the step, whether the record has it or not. */
  logStep(number: number, record: StepRecord, before: Grid): void {
    const journal = this.#episodes.get(number);
    const whole = journal?.gap === true && record.before === undefined ? { ...record, before } : record;
    const kept = this.#append(whole, journal?.writer);
    if (journal !== undefined) journal.gap = !kept;
  }

  /**
   * Resolves when the episode is sealed and exported; one after the other, in the order of their ends. While the disk
   * refuses, that is put off and nobody waits for it.
   */
  endEpisode(number: number, record: EpisodeEndRecord): Promise<void> {
    const journal = this.#episodes.get(number);
    this.#append(record, journal?.writer);
    if (journal === undefined) return Promise.resolve();
    this.#episodes.delete(number);
    const { writer, start } = journal;
    const finish = (): void => {
      this.#files.close(writer);
      this.#finishing = this.#finishing
        .then(() => this.#options.finishEpisode(number, start, record))
        .catch((error: unknown) => this.#options.report(error, "journal"));
    };
    if (!this.#flushWriter(writer)) {
      this.#waiting.set(writer, { number, start, finish });
      return Promise.resolve();
    }
    if (this.#options.durability !== "process") this.#sync(writer);
    finish();
    return this.#finishing;
  }

  /**
   * An episode of this run as the original design's log entries, whole in memory: what is written of it, so an open one
   * as far as it has come. Throws EPISODE_NOT_FOUND.
   */
  loadEpisode(number: number): EpisodeLogEntry {
    const { manager, fs, configHash } = this.#options;
    const open = this.#episodes.get(number);
    if (open !== undefined && this.#dirty.has(open.writer)) this.#flushWriter(open.writer);
    const journal = join(manager.episodeDir(number), EPISODE_JOURNAL);
    if (!fs.existsSync(journal)) throw episodeNotFound(manager.runDir, number, manager.listEpisodesInRun());
    return episodeLogEntry(journalSource(fs, journal, number), configHash, manager.picturePaths(number));
  }

  logRunRecord(record: StreamRecord): void {
    this.#runStart ??= record;
    this.#append(record, () => {
      this.#run ??= this.#files.writer(join(this.#options.manager.runDir, RUN_JOURNAL), 0, () => {});
      return this.#run;
    });
  }

  /** Hands everything to the system at once; synchronous, for the end of the process too. */
  flushNow(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const writer of [...this.#dirty]) {
      if (this.#flushWriter(writer)) continue;
      // A full disk is full for all of them; a file that is gone is not.
      if (this.#failing?.error instanceof DiskSpaceError) break;
    }
    const { since = Number.POSITIVE_INFINITY } = this.#failing ?? {};
    if (this.#options.clock.monotonic() - since >= PATIENCE_MS && this.#goElsewhere()) {
      this.flushNow();
      return;
    }
    if (this.#dirty.size === 0) this.#recover();
    else this.#schedule(RETRY_MS);
    if (this.#options.durability === "process" && this.#dirty.size === 0) this.#acknowledged = this.#lastSeq;
    this.#options.onProgress?.();
  }

  /** Resolves when everything accepted is safe at the configured durability; rejects with what stands in the way. */
  async flush(): Promise<void> {
    this.#writeAll();
    if (this.#options.durability !== "process") this.#syncAll();
    await this.#finishing;
    if (this.#failing !== null && this.#dirty.size > 0) throw this.#failing.error;
    const [unsafe] = this.#unsafe;
    if (unsafe !== undefined) throw toStorageError({ code: "EIO" }, unsafe.path);
  }

  /** Tries once more, gives up what cannot be written, closes all files. */
  async close(): Promise<void> {
    this.#writeAll();
    if (this.#options.durability !== "process") this.#syncAll();
    for (const writer of [...this.#dirty]) this.#giveUp(writer);
    await this.#finishing;
    for (const timer of [this.#timer, this.#syncTimer]) if (timer !== null) clearTimeout(timer);
    for (const { writer } of this.#episodes.values()) this.#files.close(writer);
    if (this.#run !== null) this.#files.close(this.#run);
    if (this.#elsewhere !== null) unlockRun(this.#options.fs, this.#elsewhere);
  }

  /** Somebody waits: a place that refuses a few times in a row is left. */
  #writeAll(): void {
    this.flushNow();
    for (let tries = 1; tries < FLUSH_TRIES && this.#failing !== null; tries++) this.flushNow();
    if (this.#failing !== null && this.#goElsewhere()) this.flushNow();
  }

  /**
   * Takes the journals of all open episodes along to another directory, whole; one that cannot be read any more begins
   * again there, without what waited to be written. False where no other place can be written, or this is one already.
   */
  #goElsewhere(): boolean {
    const { manager, fs, report } = this.#options;
    const failing = this.#failing;
    if (failing === null || this.#elsewhere !== null) return false;
    this.#elsewhereAfter = this.#options.clock.monotonic() + PATIENCE_MS;
    const place = manager.createElsewhere();
    if (place === null) return false;
    const { dir } = place;
    const moves: Move[] = [];
    try {
      lockRun(fs, dir);
      for (const { writer, number, start } of this.#unfinished()) {
        const home = number === 0 ? dir : join(dir, manager.episodeDirName(number));
        makeDirectories(fs, home);
        const path = join(home, number === 0 ? RUN_JOURNAL : EPISODE_JOURNAL);
        moves.push({ writer, number, start, path, isWhole: writer.copyTo(path) });
      }
      if (this.#options.durability !== "process")
        for (const { path } of moves)
          for (const part of [dirname(path), dir, dirname(dir)]) syncDirectory(fs, part);
    } catch {
      place.discard();
      return false;
    }
    const from = manager.runDir;
    for (const move of moves) this.#continueIn(move);
    const along = new Set(moves.map(({ number }) => number));
    const highest = this.#highest;
    manager.continueElsewhere(dir, (number) => number <= highest && !along.has(number));
    this.#elsewhere = dir;
    this.#failing = null;
    report(runMoved(from, dir, failing.error), "journal");
    return true;
  }

  #continueIn({ writer, number, start, path, isWhole }: Move): void {
    if (isWhole) {
      writer.continueIn(path);
      this.#files.forget(writer);
      return;
    }
    this.#options.fs.rmSync(path, { force: true });
    const lost = writer.restartIn(path, number, () => this.#files.create(path));
    this.#files.forget(writer);
    this.#unflushed -= lost;
    this.#drop(lost);
    const episode = this.#episodes.get(number);
    if (episode !== undefined) episode.gap = true;
    if (start === null) return;
    // Again, so that the journal can be read; it is counted already.
    writer.append(start);
    this.#unflushed += 1;
    this.#dirty.add(writer);
  }

  #unfinished(): {
    readonly writer: JournalWriter;
    readonly number: number;
    readonly start: StreamRecord | null;
  }[] {
    return [
      ...(this.#run === null ? [] : [{ writer: this.#run, number: 0, start: this.#runStart }]),
      ...this.#episodes.values(),
      ...[...this.#waiting].map(([writer, { number, start }]) => ({ writer, number, start })),
    ];
  }

  /** False if the record was dropped. */
  #append(record: StreamRecord, place: JournalWriter | (() => JournalWriter) | undefined): boolean {
    this.#accepted += 1;
    this.#lastSeq = Math.max(this.#lastSeq, record.seq);
    if (this.#failing !== null && this.#options.clock.monotonic() >= this.#failing.retryAt) this.flushNow();
    if (this.#failing !== null && this.#heldBytes() >= HELD_BYTES) {
      const now = this.#options.clock.monotonic();
      if (now < this.#elsewhereAfter || !this.#goElsewhere()) return this.#drop();
      this.flushNow();
    }
    const writer = typeof place === "function" ? place() : place;
    if (writer === undefined) return this.#drop();
    try {
      writer.append(record);
    } catch (error) {
      this.#options.report(error, "journal");
      return this.#drop();
    }
    this.#dirty.add(writer);
    this.#unflushed += 1;
    if (this.#failing !== null) this.#schedule(RETRY_MS);
    else if (this.#options.durability === "step") this.#writeThrough(writer, record.seq);
    else if (this.#unflushed >= this.#options.batchSize) this.flushNow();
    else this.#schedule(this.#options.flushIntervalMs);
    return true;
  }

  #writeThrough(writer: JournalWriter, seq: number): void {
    if (!this.#flushWriter(writer)) this.#schedule(RETRY_MS);
    else if (this.#sync(writer) && this.#unsafe.size === 0) this.#acknowledged = seq;
    this.#options.onProgress?.();
  }

  #schedule(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flushNow();
    }, delayMs);
  }

  /** False if the system refuses; the records stay in memory then. */
  #flushWriter(writer: JournalWriter): boolean {
    this.#options.beforeWrite?.();
    const waiting = writer.appended - writer.written;
    const bytes = writer.bufferedBytes;
    for (let again = true; ; again = false) {
      try {
        writer.flush();
        break;
      } catch (error) {
        const failure = toStorageError(error, writer.path);
        if (again && this.#failing === null && this.#options.onFailure(failure)) continue;
        this.#unflushed -= waiting - (writer.appended - writer.written);
        this.#fail(failure);
        return false;
      }
    }
    this.#files.used(writer);
    this.#unflushed -= waiting;
    this.#dirty.delete(writer);
    if (this.#options.durability === "group") this.#scheduleSync(writer, bytes);
    this.#waiting.get(writer)?.finish();
    this.#waiting.delete(writer);
    return true;
  }

  #fail(error: StorageError): void {
    this.#options.report(error, "journal");
    const now = this.#options.clock.monotonic();
    this.#failing = { since: this.#failing?.since ?? now, retryAt: now + RETRY_MS, error };
  }

  #recover(): void {
    if (this.#failing === null) return;
    this.#failing = null;
    this.#options.onRecovery();
  }

  #giveUp(writer: JournalWriter): void {
    try {
      const lost = writer.discard();
      this.#unflushed -= lost;
      this.#drop(lost);
    } catch (error) {
      const lost = writer.appended - writer.written;
      this.#unflushed -= lost;
      this.#drop(lost);
      this.#options.report(toStorageError(error, writer.path), "journal");
    }
    this.#dirty.delete(writer);
    this.#waiting.get(writer)?.finish();
    this.#waiting.delete(writer);
  }

  #scheduleSync(writer: JournalWriter, bytes: number): void {
    this.#unsynced.add(writer);
    this.#unsyncedBytes += bytes;
    if (this.#unsyncedBytes >= GROUP_BYTES) this.#syncAll();
    else {
      this.#syncTimer ??= setTimeout(() => {
        this.#syncTimer = null;
        this.#syncAll();
      }, GROUP_MS);
    }
  }

  #syncAll(): void {
    const upTo = this.#lastSeq;
    for (const writer of [...this.#unsynced]) this.#sync(writer);
    this.#unsyncedBytes = 0;
    if (this.#dirty.size === 0 && this.#unsafe.size === 0) this.#acknowledged = upTo;
    this.#options.onProgress?.();
  }

  /** After an error of the disk nothing in the file is known to be safe, and asking again would only seem to help. */
  #sync(writer: JournalWriter): boolean {
    // To sync is to flush: what waits in memory is counted on its way, and held where the system refuses.
    if (this.#dirty.has(writer) && !this.#flushWriter(writer)) {
      this.#schedule(RETRY_MS);
      return false;
    }
    this.#unsynced.delete(writer);
    try {
      writer.sync();
      this.#files.used(writer);
      return true;
    } catch (error) {
      this.#unsafe.add(writer);
      this.#options.report(toStorageError(error, writer.path), "journal");
      return false;
    }
  }

  #heldBytes(): number {
    let bytes = 0;
    for (const writer of this.#dirty) bytes += writer.bufferedBytes;
    return bytes;
  }

  #drop(count = 1): false {
    if (count > 0) this.#reasons.set("storage", (this.#reasons.get("storage") ?? 0) + count);
    return false;
  }
}
