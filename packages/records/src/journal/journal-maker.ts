import { dirname } from "node:path";
import { ByteWriter } from "../coding/byte-writer.js";
import { HEADER_BYTES, SEGMENT_START } from "../coding/layout.js";
import { RecordEncoder } from "../coding/record-encoder.js";
import type { FileSystem } from "../disk/file-system.js";
import { syncDirectory, TEMPORARY_SUFFIX } from "../disk/write-atomically.js";
import { writeFully } from "../disk/write-fully.js";
import { type LogItem, type LogProblem, LogReader } from "../log/log-reader.js";
import type { EpisodeEndRecord, EpisodeStartRecord, EpisodeTotals } from "../record/record.js";
import { JournalBuilder } from "./journal-builder.js";
import type { JournalIndex } from "./journal-index.js";
import { JournalReader } from "./journal-reader.js";

/** Blocks of an episode that wait in memory, at most, before they are written aside. */
const HELD_BYTES = 64 * 1024;
/** Items that one call of `run` reads, by default. */
const ITEMS = 1000;

/** An episode whose journal has just been sealed. */
export interface SealedEpisode {
  /** In the run, from 1. */
  readonly number: number;
  /** Absolute path of its journal. */
  readonly path: string;
  /** Null where damage has taken it. */
  readonly start: EpisodeStartRecord | null;
  /** Null where the log ends without it. */
  readonly end: EpisodeEndRecord | null;
  readonly totals: EpisodeTotals;
  /** Positions of its first and its last record. */
  readonly first: number;
  readonly last: number;
  /** Of the journal. */
  readonly bytes: number;
  readonly index: JournalIndex;
}

export interface JournalMakerOptions {
  readonly fs: FileSystem;
  readonly logDir: string;
  /** Absolute path of the journal of the records that belong to no episode. */
  readonly runJournal: string;
  /** Absolute path of an episode's journal; its directory is made if it is not there. */
  journalPath(number: number): string;
  /** `logging.async_logger.enable_compression`; default true. */
  readonly compression?: boolean;
  /** Episodes whose journals are not made: cleanup has removed them. More are known by the log. */
  readonly removed?: Iterable<number>;
  /** Told of each journal that was sealed: written, synced and renamed. */
  onSealed?(episode: SealedEpisode): void;
}

interface EpisodeJournal {
  readonly number: number;
  readonly start: EpisodeStartRecord | null;
  readonly first: number;
  last: number;
  end: EpisodeEndRecord | null;
  readonly builder: JournalBuilder;
  readonly path: string;
  /** Bytes of it that were written aside. */
  written: number;
}

/**
 * The log's first reader: makes `journal.epi` of each episode and `run.epi`, block by block, from the bytes that the log has.
 * An episode's journal is written aside and renamed when it is whole, so one that is there is sealed.
 *
 *     const maker = new JournalMaker({ fs, logDir, runJournal, journalPath: (number) => … });
 *     while (maker.run(log.head));      // up to there; each call reads a thousand records
 *     maker.checkpoint();               // what belongs to no episode is synced too
 *     log.release(maker.released);
 *     maker.finish();                   // no record will come any more: open episodes are sealed without an end
 *     maker.close();
 *
 * It keeps no state of its own: a new one goes on with what the directory holds. `run`, `checkpoint` and `finish` pass the
 * system's errors (ENOSPC, EIO); nothing is lost then, and they may be called again.
 */
export class JournalMaker {
  readonly #options: JournalMakerOptions;
  readonly #reader: LogReader;
  readonly #compression: boolean;
  readonly #open: Map<number, EpisodeJournal> = new Map();
  /** Sealed before this maker began, or removed. */
  readonly #passed: Set<number> = new Set();
  /** Ended, and not yet sealed. */
  readonly #ending: EpisodeJournal[] = [];
  readonly #removed: Set<number>;
  readonly #runJournal: RunJournal;

  constructor(options: JournalMakerOptions) {
    const { fs, logDir, runJournal, compression = true, removed = [] } = options;
    this.#options = options;
    this.#compression = compression;
    this.#removed = new Set(removed);
    this.#runJournal = new RunJournal(fs, runJournal, compression);
    this.#reader = new LogReader(logDir, { fs, glances: true });
  }

  /** Records before it were read. */
  get position(): number {
    return this.#reader.position;
  }

  /** What was found damaged in the log. */
  get problems(): readonly LogProblem[] {
    return this.#reader.problems;
  }

  /** Records at positions below it stand, synced, in sealed journals and `run.epi`: the log may let go of them. */
  get released(): number {
    let released = Math.min(this.position, this.#runJournal.firstUnsynced);
    for (const { first } of this.#ending) released = Math.min(released, first);
    for (const { first } of this.#open.values()) released = Math.min(released, first);
    return released;
  }

  /** Episodes that are open at `position`. */
  get openEpisodes(): readonly number[] {
    return [...this.#open.keys()];
  }

  /** Reads on, up to `head` and so many records; false where there was none. */
  run(head: number = Number.POSITIVE_INFINITY, items: number = ITEMS): boolean {
    this.#seal();
    for (let count = 0; count < items; count++) {
      const item = this.#reader.next(head);
      if (item === null) return count > 0;
      this.#take(item);
      this.#seal();
    }
    return true;
  }

  /** Writes and syncs what belongs to no episode, up to `position`. */
  checkpoint(): void {
    this.#seal();
    this.#runJournal.sync();
  }

  /** Cleanup has removed the episode: if its journal is not sealed yet, it is not made. */
  forget(number: number): void {
    this.#removed.add(number);
    const episode = this.#open.get(number);
    if (episode === undefined) return;
    this.#open.delete(number);
    this.#passed.add(number);
    this.#options.fs.rmSync(`${episode.path}${TEMPORARY_SUFFIX}`, { force: true });
  }

  /** Nothing comes any more: seals what is open, as it is, and `run.epi`. */
  finish(): void {
    for (const episode of this.#open.values()) this.#ending.push(episode);
    this.#open.clear();
    this.#seal();
    this.#runJournal.finish();
  }

  close(): void {
    this.#reader.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #take(item: LogItem): void {
    const { record, episode: number, position } = item;
    if (number === null) {
      this.#runJournal.add(item);
      return;
    }
    if (this.#passed.has(number)) return;
    const start = record.type === "episode-start" ? record : null;
    const episode = this.#open.get(number) ?? this.#begin(number, start, position);
    if (episode === null) return;
    episode.builder.add(item);
    episode.last = position;
    if (record.type === "episode-end") {
      episode.end = record;
      this.#open.delete(number);
      this.#ending.push(episode);
    } else if (episode.builder.readyBytes > HELD_BYTES) this.#write(episode);
  }

  /** Null for an episode that is passed over. */
  #begin(number: number, start: EpisodeStartRecord | null, first: number): EpisodeJournal | null {
    const path = this.#options.journalPath(number);
    const isGone = this.#removed.has(number) || this.#reader.removed.has(number);
    if (isGone || isSealed(this.#options.fs, path)) {
      this.#passed.add(number);
      return null;
    }
    const builder = new JournalBuilder({ kind: "sealed", episode: number, compression: this.#compression });
    const episode = { number, start, first, last: first, end: null, builder, path, written: 0 };
    this.#open.set(number, episode);
    return episode;
  }

  #seal(): void {
    for (let episode = this.#ending[0]; episode !== undefined; episode = this.#ending[0]) {
      if (!this.#removed.has(episode.number)) this.#sealEpisode(episode);
      this.#ending.shift();
    }
  }

  #sealEpisode(episode: EpisodeJournal): void {
    const { fs } = this.#options;
    const { builder, path, number, start, end, first, last } = episode;
    const index = builder.finish();
    const aside = `${path}${TEMPORARY_SUFFIX}`;
    const fd = this.#openAside(episode);
    try {
      this.#append(fd, episode);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(aside, path);
    // The journal's name, and that of its directory: the log lets go of the episode now.
    const directory = dirname(path);
    for (const one of [directory, dirname(directory)]) syncDirectory(fs, one);
    const totals = end?.totals ?? builder.totals ?? NO_TOTALS;
    this.#options.onSealed?.({
      number,
      path,
      start,
      end,
      totals,
      first,
      last,
      bytes: episode.written,
      index,
    });
  }

  #write(episode: EpisodeJournal): void {
    const fd = this.#openAside(episode);
    try {
      this.#append(fd, episode);
    } finally {
      this.#options.fs.closeSync(fd);
    }
  }

  #append(fd: number, episode: EpisodeJournal): void {
    const bytes = episode.builder.peek();
    writeFully(this.#options.fs, fd, bytes, episode.written, episode.path);
    episode.builder.taken();
    episode.written += bytes.length;
  }

  #openAside({ path, written }: EpisodeJournal): number {
    const { fs } = this.#options;
    const aside = `${path}${TEMPORARY_SUFFIX}`;
    if (written > 0) return fs.openSync(aside, "r+");
    fs.mkdirSync(dirname(path), { recursive: true });
    return fs.openSync(aside, "w");
  }
}

const NO_TOTALS: EpisodeTotals = { steps: 0, reward: 0, final_similarity: null, best_similarity: null };

/** A loss of power may have left a name without its content. */
function isSealed(fs: FileSystem, path: string): boolean {
  if (!fs.existsSync(path)) return false;
  try {
    using reader = new JournalReader(path, { fs });
    return reader.isComplete;
  } catch {
    return false;
  }
}

/** The journal of records that belong to no episode: it grows by whole blocks, and is sealed with the run. */
class RunJournal {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #builder: JournalBuilder;
  readonly #out = new ByteWriter();
  readonly #encoder = new RecordEncoder(this.#out);
  /** Bytes that the file has. */
  #written = 0;
  /** Position of its last record; -1 = none. */
  #last = -1;
  #firstUnsynced = Number.POSITIVE_INFINITY;
  #isFinished = false;

  constructor(fs: FileSystem, path: string, compression: boolean) {
    this.#fs = fs;
    this.#path = path;
    this.#builder = new JournalBuilder({ kind: "growing", episode: 0, compression });
    if (fs.existsSync(path) && fs.statSync(path).size >= HEADER_BYTES) this.#goOn();
  }

  /** Position of the first record that is not synced; infinite where all are. */
  get firstUnsynced(): number {
    return this.#firstUnsynced;
  }

  add(item: LogItem): void {
    const { position, record } = item;
    if (this.#isFinished || position <= this.#last) return;
    this.#out.length = 0;
    this.#encoder.encode(record);
    const body = this.#out.written();
    this.#builder.add({ ...item, body, startsSegment: (body[0]! & SEGMENT_START) !== 0 });
    this.#last = position;
    this.#firstUnsynced = Math.min(this.#firstUnsynced, position);
  }

  /** Ends the block, writes it and waits for the disk. */
  sync(): void {
    if (this.#builder.isPartial) {
      this.#builder.endBlock();
      this.#encoder.startSegment();
    }
    if (this.#firstUnsynced === Number.POSITIVE_INFINITY) return;
    this.#write();
    this.#firstUnsynced = Number.POSITIVE_INFINITY;
  }

  finish(): void {
    if (!this.#isFinished) this.#builder.finish();
    this.#isFinished = true;
    // Again, where the system has refused it.
    this.#write();
    this.#firstUnsynced = Number.POSITIVE_INFINITY;
  }

  #write(): void {
    const bytes = this.#builder.peek();
    if (bytes.length === 0) return;
    const fs = this.#fs;
    const isNew = this.#written === 0;
    const fd = fs.openSync(this.#path, isNew ? "w" : "r+");
    try {
      writeFully(fs, fd, bytes, this.#written, this.#path);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    if (isNew) syncDirectory(fs, dirname(this.#path));
    this.#builder.taken();
    this.#written += bytes.length;
  }

  #goOn(): void {
    using reader = new JournalReader(this.#path, { fs: this.#fs });
    this.#isFinished = reader.sealed;
    for (const { record, position, decisions, startsSegment, offset, chain } of reader.entries()) {
      if (position === null || decisions === null || chain === null) continue;
      if (startsSegment) this.#builder.readSegment(offset, chain);
      this.#builder.readRecord(position, record, decisions);
      this.#last = position;
    }
    const { offset, checksum } = reader.blocksEnd;
    this.#builder.resume(offset, checksum);
    this.#written = offset;
    this.#fs.truncateSync(this.#path, this.#isFinished ? this.#fs.statSync(this.#path).size : offset);
  }
}
