import { dirname, join } from "node:path";
import type { Accounting, RunStartRecord, StreamRecord } from "@episcope/records";
import type { Clock, Decisions, Durability, EpisodeManager, FileSystem } from "@episcope/records/store";
import {
  copyFile,
  LOG_DIRECTORY,
  LogWriter,
  lockRun,
  RUN_JOURNAL,
  RunStream,
  removeLog,
  runMoved,
  type StorageError,
  syncDirectory,
  toStorageError,
  unlockRun,
} from "@episcope/records/store";
import type { LogSource } from "../output/log-source.js";
import { LoggedItems } from "../output/logged-items.js";
import type { Outgoing } from "../output/outgoing.js";
import { EpisodeSpans } from "./episode-spans.js";

/** With durability `group`: longest time, and most bytes, that wait for the disk. */
const GROUP_MS = 100;
const GROUP_BYTES = 1 << 20;
/** While nothing can be written: how often it is tried again, and what is held in memory until then. */
const RETRY_MS = 500;
const HELD_BYTES = 8 << 20;
/** How long it is tried in the same place before the run goes on elsewhere, and how often at once where `flush` waits. */
const PATIENCE_MS = 5_000;
const FLUSH_TRIES = 3;

export interface RunLogOptions {
  readonly manager: EpisodeManager;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly durability: Durability;
  /** Records that wait in memory, at most, before they are written. */
  readonly batchSize: number;
  /** Longest time that a record waits. */
  readonly flushIntervalMs: number;
  /** Whether outputs may have to read records again. */
  readonly hasOutputs: boolean;
  report(error: unknown, key: string): void;
  /** Told of the first failure of a series; true if there is reason to try again at once. */
  onFailure(error: StorageError): boolean;
  onRecovery(): void;
  /** Told when records were written, or `acknowledged` has changed. */
  onProgress(): void;
  /** Whether an episode's journal is sealed by now: then it stays where it is when the run goes on elsewhere. */
  sealedByNow(): (episode: number) => boolean;
}

/** Kept whatever happens: they are small, and without them the rest of their episode would be worth nothing. */
const KEPT: ReadonlySet<StreamRecord["type"]> = new Set([
  "run-start",
  "episode-start",
  "episode-end",
  "run-end",
]);

/**
 * The log of a run, in which its records stand in the order of their arrival: everything else is made from it. Records gather in
 * memory and are handed to the system after `batchSize` of them or `flushIntervalMs`, and at the end of an episode; one write
 * and one sync for all episodes, however many are open. While the disk refuses, up to 8 MiB are held and tried again twice a
 * second. Before anything of that is dropped, after five seconds, or where somebody waits for it, the run goes on elsewhere
 * (`storage.fallback_dir`, else a temporary directory), once; where that cannot be, what comes beyond the 8 MiB is dropped and
 * counted.
 */
export class RunLog implements LogSource {
  readonly #options: RunLogOptions;
  readonly #writer: LogWriter;
  readonly #spans = new EpisodeSpans();
  #runStart: RunStartRecord | null = null;
  #accepted = 0;
  #dropped = 0;
  #lastSeq = -1;
  #acknowledged = -1;
  #timer: NodeJS.Timeout | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #unsyncedBytes = 0;
  #isCommitDue = false;
  #failing: { readonly since: number; readonly retryAt: number; readonly error: StorageError } | null = null;
  /** The disk has failed to keep something: nothing is known to be safe any more. */
  #isUnsafe = false;
  /** While memory is full: when another place is looked for again. */
  #elsewhereAfter = 0;
  /** The directory that the run has left. */
  #left: string | undefined;
  /** The highest number of an episode. */
  #episodes = 0;
  readonly #cleaned: Set<number> = new Set();
  #isClosed = false;

  constructor(options: RunLogOptions) {
    this.#options = options;
    const { manager, fs, durability } = options;
    this.#writer = new LogWriter(join(manager.runDir, LOG_DIRECTORY), { fs, durability });
  }

  /** Position that the next record gets. */
  get next(): number {
    return this.#writer.next;
  }

  /** Records below this position can be read. */
  get head(): number {
    return this.#writer.head;
  }

  /** Number of the segment that is being written, from 1. */
  get segment(): number {
    return this.#writer.segment;
  }

  get place(): string {
    return this.#writer.dir;
  }

  /** Written = handed to the system: it survives the death of this process. */
  accounting(): Accounting {
    const dropped = this.#dropped;
    const written = this.#accepted - dropped - this.unwritten;
    return { accepted: this.#accepted, written, dropped, reasons: dropped === 0 ? {} : { storage: dropped } };
  }

  /** Every record up to this seq that was not dropped is safe at the configured durability; -1 for none. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The system refuses what is to be written. */
  get isFailing(): boolean {
    return this.#failing !== null;
  }

  /** Records that wait in memory. */
  get unwritten(): number {
    return this.#isClosed ? 0 : this.#writer.next - this.#writer.head;
  }

  /**
   * Takes a record of the episode with this number, or of none, and gives its position; null if it had to be dropped. Nothing of
   * it is kept. Throws for a start that cannot be encoded.
   */
  append(record: StreamRecord, episode: number | null, decisions: Decisions): number | null {
    const { clock, batchSize, flushIntervalMs, durability, report } = this.#options;
    if (this.#failing !== null && clock.monotonic() >= this.#failing.retryAt) this.flushNow();
    const isDropped = !KEPT.has(record.type) && this.#isFull();
    let position: number | null = null;
    try {
      if (!isDropped) position = this.#writer.append(record, decisions);
    } catch (error) {
      if (record.type === "episode-start") throw error;
      report(error, "journal");
    }
    this.#accepted += 1;
    this.#lastSeq = Math.max(this.#lastSeq, record.seq);
    if (position === null) {
      this.#drop(record);
      return null;
    }
    if (record.type === "run-start") this.#runStart ??= record;
    if (episode !== null) this.#episodes = Math.max(this.#episodes, episode);
    if (this.#options.hasOutputs) this.#spans.follow(record.type, episode, position);
    if (this.#failing !== null) this.#schedule(RETRY_MS);
    else if (durability === "step") this.#commit();
    else if (record.type === "episode-end") this.#commitSoon();
    else if (this.unwritten >= batchSize) this.flushNow();
    else this.#schedule(flushIntervalMs);
    return position;
  }

  /** Cleanup has removed the episode. */
  removed(episode: number): void {
    this.#writer.removed(episode);
    this.#cleaned.add(episode);
    this.#schedule(this.#options.flushIntervalMs);
  }

  /** Hands everything to the system at once; synchronous, for the end of the process too. */
  flushNow(): void {
    if (this.#isClosed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#write()) {
      const { since } = this.#failing!;
      if (this.#options.clock.monotonic() - since >= PATIENCE_MS && this.#goElsewhere()) {
        this.flushNow();
        return;
      }
      this.#schedule(RETRY_MS);
    } else if (this.#options.durability === "process") this.#acknowledged = this.#lastSeq;
    this.#options.onProgress();
  }

  /** Resolves when everything accepted is safe at the configured durability; rejects with what stands in the way. */
  async flush(): Promise<void> {
    this.#writeAll();
    if (this.#options.durability !== "process") this.#sync();
    if (this.#failing !== null && this.unwritten > 0) throw this.#failing.error;
    if (this.#isUnsafe) throw toStorageError({ code: "EIO" }, this.#writer.dir);
  }

  /** Tries once more, gives up what cannot be written, closes the files. Readers may still read them. */
  close(): void {
    if (this.#isClosed) return;
    this.#writeAll();
    if (this.#options.durability !== "process") this.#sync();
    for (const timer of [this.#timer, this.#syncTimer]) if (timer !== null) clearTimeout(timer);
    this.#dropped += this.unwritten;
    this.#isClosed = true;
    try {
      this.#writer.close();
    } catch (error) {
      this.#options.report(toStorageError(error, this.#writer.dir), "journal");
    }
  }

  /** Lets go of the segments whose records all stand below a position. */
  release(position: number): void {
    try {
      this.#writer.release(position);
    } catch (error) {
      this.#options.report(toStorageError(error, this.#writer.dir), "journal");
    }
  }

  /** Outputs have read everything below a position. Gives the first that they may ask for: an episode is read as a whole. */
  passed(position: number): number {
    this.#spans.forget(position);
    return this.#spans.readFrom(position);
  }

  /** Deletes the log, of which nothing is needed any more. */
  remove(): void {
    removeQuietly(this.#options.fs, this.#writer.dir);
  }

  /** Gives back the directory to which the run has gone. */
  unlock(): void {
    const { fs, manager } = this.#options;
    if (this.#left !== undefined) unlockRun(fs, manager.runDir);
  }

  async readable(position: number): Promise<boolean> {
    while (position >= this.#writer.head) {
      if (this.#isClosed || position >= this.#writer.next) return false;
      this.flushNow();
      if (position >= this.#writer.head) await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return true;
  }

  readFrom(position: number): number {
    return this.#spans.readFrom(position);
  }

  open(position: number, outgoing: Outgoing | null): LoggedItems {
    const { fs, manager } = this.#options;
    const from = this.readFrom(position);
    const stream = new RunStream(manager.runDir, { fs, from, left: this.#left });
    const next = () => stream.next(this.#writer.head);
    return new LoggedItems({ next, close: () => stream.close() }, from, outgoing);
  }

  /** Somebody waits: a place that refuses a few times in a row is left. */
  #writeAll(): void {
    this.flushNow();
    for (let tries = 1; tries < FLUSH_TRIES && this.#failing !== null; tries++) this.flushNow();
    if (this.#failing !== null && this.#goElsewhere()) this.flushNow();
  }

  /** Nothing more can be held, here or elsewhere. */
  #isFull(): boolean {
    if (this.#failing === null || this.#writer.bufferedBytes < HELD_BYTES) return false;
    if (this.#options.clock.monotonic() < this.#elsewhereAfter || !this.#goElsewhere()) return true;
    this.flushNow();
    return false;
  }

  #drop(record: StreamRecord): void {
    this.#dropped += 1;
    try {
      this.#writer.dropped(record);
    } catch (error) {
      this.#options.report(error, "journal");
    }
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flushNow();
    }, delayMs);
  }

  /** All ends of one turn share a commit. */
  #commitSoon(): void {
    if (this.#isCommitDue) return;
    this.#isCommitDue = true;
    queueMicrotask(() => {
      this.#isCommitDue = false;
      if (!this.#isClosed) this.#commit();
    });
  }

  #commit(): void {
    if (this.#options.durability === "process") this.flushNow();
    else this.#sync();
  }

  /** False if the system refuses; the records stay in memory then. */
  #write(): boolean {
    const writer = this.#writer;
    const bytes = writer.bufferedBytes;
    for (let again = true; ; again = false) {
      try {
        writer.write();
        break;
      } catch (error) {
        const failure = toStorageError(error, writer.dir);
        if (again && this.#failing === null && this.#options.onFailure(failure)) continue;
        this.#fail(failure);
        return false;
      }
    }
    if (this.#failing !== null) {
      this.#failing = null;
      this.#options.onRecovery();
    }
    if (this.#options.durability === "group") this.#scheduleSync(bytes);
    return true;
  }

  #fail(error: StorageError): void {
    this.#options.report(error, "journal");
    const now = this.#options.clock.monotonic();
    this.#failing = { since: this.#failing?.since ?? now, retryAt: now + RETRY_MS, error };
  }

  #scheduleSync(bytes: number): void {
    this.#unsyncedBytes += bytes;
    if (this.#unsyncedBytes === 0) return;
    if (this.#unsyncedBytes >= GROUP_BYTES) this.#sync();
    else {
      this.#syncTimer ??= setTimeout(() => {
        this.#syncTimer = null;
        this.#sync();
      }, GROUP_MS);
    }
  }

  /** After an error of the disk nothing in the file is known to be safe, and asking again would only seem to help. */
  #sync(): void {
    if (this.#isClosed) return;
    this.#unsyncedBytes = 0;
    if (this.unwritten > 0 && !this.#write()) {
      this.#schedule(RETRY_MS);
      this.#options.onProgress();
      return;
    }
    this.#unsyncedBytes = 0;
    try {
      this.#writer.sync();
      if (!this.#isUnsafe) this.#acknowledged = this.#lastSeq;
    } catch (error) {
      this.#isUnsafe = true;
      this.#options.report(toStorageError(error, this.#writer.dir), "journal");
    }
    this.#options.onProgress();
  }

  /**
   * Takes the log along to another directory, whole; where it cannot be read any more it begins again there, without what waited
   * to be written. False where no other place can be written, or this is one already.
   */
  #goElsewhere(): boolean {
    const { manager, fs, durability, clock, sealedByNow, report } = this.#options;
    const failing = this.#failing;
    if (failing === null || this.#left !== undefined) return false;
    this.#elsewhereAfter = clock.monotonic() + PATIENCE_MS;
    const place = manager.createElsewhere();
    if (place === null) return false;
    const { dir } = place;
    const from = manager.runDir;
    const old = this.#writer.dir;
    const waiting = this.unwritten;
    let isWhole: boolean;
    try {
      lockRun(fs, dir);
      copyFile(fs, join(from, RUN_JOURNAL), join(dir, RUN_JOURNAL));
      if (durability !== "process") for (const one of [dir, dirname(dir)]) syncDirectory(fs, one);
      isWhole = this.#writer.moveTo(join(dir, LOG_DIRECTORY));
    } catch {
      place.discard();
      return false;
    }
    this.#left = from;
    this.#failing = null;
    const isSealed = sealedByNow();
    const gone = this.#countGone(isSealed);
    manager.continueElsewhere(dir, isSealed);
    if (isWhole) removeQuietly(fs, old);
    else this.#beginAgain(waiting);
    report(runMoved(from, dir, failing.error, gone), "journal");
    return true;
  }

  /** Finished episodes whose directories are lost, though no cleanup has removed them. */
  #countGone(isSealed: (episode: number) => boolean): number {
    const { fs, manager } = this.#options;
    let gone = 0;
    for (let episode = 1; episode <= this.#episodes; episode++) {
      if (isSealed(episode) && !this.#cleaned.has(episode) && isMissing(fs, manager.episodeDir(episode)))
        gone++;
    }
    return gone;
  }

  /** What is said again is counted already. */
  #beginAgain(lost: number): void {
    this.#dropped += lost;
    if (this.#runStart !== null) this.#writer.append(this.#runStart);
  }
}

/** A disk that cannot be asked says nothing of what lies on it. */
function isMissing(fs: FileSystem, path: string): boolean {
  try {
    fs.statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

function removeQuietly(fs: FileSystem, dir: string): void {
  try {
    removeLog(fs, dir);
  } catch {
    // A directory that cannot be written any more keeps what it has.
  }
}
