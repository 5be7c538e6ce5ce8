import { dirname } from "node:path";
import { ByteWriter } from "../coding/byte-writer.js";
import {
  addCounts,
  type Decisions,
  NOTHING_DECIDED,
  type RecordCounts,
  writeDecisions,
} from "../coding/decisions.js";
import { BODY, FRAME_HEAD_BYTES } from "../coding/layout.js";
import { RecordEncoder } from "../coding/record-encoder.js";
import { chainedChecksum } from "../disk/chained-frames.js";
import { copyFile } from "../disk/copy-file.js";
import type { Durability } from "../disk/durability.js";
import { fileDeleted } from "../disk/errors.js";
import type { FileSystem } from "../disk/file-system.js";
import { encodeHeader } from "../disk/header.js";
import { makeDirectories } from "../disk/make-directories.js";
import { syncDirectory } from "../disk/write-atomically.js";
import { writeFully } from "../disk/write-fully.js";
import { copyGrid } from "../record/grid.js";
import type { EpisodeStartRecord, RecordType, StreamRecord } from "../record/record.js";
import { logEpisodeUnknown } from "./errors.js";
import { type LogEnd, readLogEnd } from "./log-end.js";
import { type LogTally, segmentPath, writeSegmentHead } from "./segments.js";

/** From this many bytes on a new segment is begun. */
const SEGMENT_BYTES = 8 * 2 ** 20;
const LOG_VERSION = 2;
/** Encoders of episodes that are over, kept for the next ones. */
const SPARE_ENCODERS = 16;

export interface LogWriterOptions {
  readonly fs: FileSystem;
  /** Default `process`: the log is never synced. */
  readonly durability?: Durability;
  /** Default 8 MiB. */
  readonly segmentBytes?: number;
}

interface LogEpisode {
  readonly number: number;
  readonly start: number;
  /** Its `episode-start`, to say it again where the log begins again; null where another writer had it. */
  readonly record: EpisodeStartRecord | null;
  last: number;
  readonly encoder: RecordEncoder;
  /** Of which each frame has the last eight bits: so it is known, behind damage, which episodes have lost nothing. */
  frames: number;
  /** A step of it was lost: the next says its `before`, which no reader could know. */
  gap: boolean;
}

/**
 * The one writer of a run's log: `<dir>/000001.epl` and so on. Records stand in the order in which they are appended, each at
 * a position, from 0 without gaps.
 *
 *     const log = new LogWriter(join(runDir, "log"), { fs });
 *     const position = log.append(record, decisions);   // into memory: no system call
 *     log.write();                                      // one write call for all that was appended: it is acknowledged
 *     log.sync();                                       // and synced, with durability `group` or `step`
 *     log.head;                                         // positions below it are in the file: readers may go so far
 *     log.close();
 *
 * `append` throws RECORD_VALUE_UNSUPPORTED for what cannot be encoded and LOG_EPISODE_UNKNOWN; nothing has changed then.
 * `write` passes the system's errors (ENOSPC, EIO), and ENOENT where somebody has deleted the file; everything unwritten stays
 * buffered, so it may be called again. One descriptor is open, however many episodes are.
 */
export class LogWriter {
  readonly #fs: FileSystem;
  readonly #options: Required<LogWriterOptions>;
  readonly #out = new ByteWriter(256 * 1024);
  /** Of episodes that are over: where they are short, making encoders would cost more than using them. */
  readonly #spares: RecordEncoder[] = [];
  readonly #run: LogEpisode;
  readonly #open: Map<string, LogEpisode> = new Map();
  readonly #removed: Set<number> = new Set();
  #dir: string;
  #episodes = 0;
  #next = 0;
  #lost: RecordCounts | null = null;
  readonly #counts: Record<RecordType, number> = {
    "run-start": 0,
    "episode-start": 0,
    step: 0,
    "episode-end": 0,
    metrics: 0,
    batch: 0,
    "run-end": 0,
  };
  #drawn = 0;
  /** Ends of the buffered records, in the buffer. */
  #ends: number[] = [];
  /** Of the records that are buffered. */
  #buffered: { [Type in RecordType]?: number } = {};
  #segment = 0;
  /** Those that were not released, each with the position of its first record. */
  readonly #segments: { readonly number: number; readonly first: number }[] = [];
  #checksum = 0;
  /** Null before the file is made. */
  #fd: number | null = null;
  #countsNames = false;
  /** Where the buffer's first byte goes in the segment. */
  #offset = 0;
  #writtenOfBuffer = 0;
  /** Of segments that are full and were not synced yet. */
  readonly #unsynced: number[] = [];
  #closed = false;

  /** Makes no file: the first `write` does. */
  constructor(
    dir: string,
    { fs, durability = "process", segmentBytes = SEGMENT_BYTES }: LogWriterOptions,
    end?: LogEnd,
  ) {
    this.#dir = dir;
    this.#fs = fs;
    this.#options = { fs, durability, segmentBytes };
    this.#run = this.#episode(0, 0, null);
    if (end === undefined) this.#beginSegment();
    else this.#goOn(end);
  }

  /**
   * Goes on with a log whose writer is dead, behind its last whole record; a torn tail is cut off. Positions, numbers and the
   * chain go on. Null where there is no log.
   */
  static resume(dir: string, options: LogWriterOptions): LogWriter | null {
    const end = readLogEnd(options.fs, dir);
    return end === null ? null : new LogWriter(dir, options, end);
  }

  /** Directory of the segments. */
  get dir(): string {
    return this.#dir;
  }

  /** Records that were appended: the position that the next one gets. */
  get next(): number {
    return this.#next;
  }

  /** Records that the system has taken: they survive the death of this process, and readers find them. */
  get head(): number {
    return this.#next - this.#ends.length;
  }

  /** Bytes that `write` would write. */
  get bufferedBytes(): number {
    return this.#out.length - this.#writtenOfBuffer;
  }

  /** Number of the segment that is being written, from 1. */
  get segment(): number {
    return this.#segment;
  }

  /** Of everything that was appended. */
  get tally(): LogTally {
    return { records: addCounts({}, this.#counts), drawn: this.#drawn };
  }

  /** Number in the run of an open episode. Throws LOG_EPISODE_UNKNOWN. */
  numberOf(key: string): number {
    return this.#known(key).number;
  }

  /** Position of the first record of the open episode that was started first; `next` where none is open. */
  get firstOpen(): number {
    for (const { start } of this.#open.values()) return start;
    return this.#next;
  }

  /** Gives the record's position. Nothing of `record` is kept, so arrays may be used again. */
  append(record: StreamRecord, decisions: Decisions = NOTHING_DECIDED): number {
    const episode = this.#episodeOf(record);
    const position = this.#appendTo(episode, record, decisions);
    if (record.type === "episode-start") {
      this.#episodes = episode.number;
      this.#open.set(record.episode, episode);
    } else if (record.type === "episode-end") {
      this.#open.delete(record.episode);
      this.#spare(episode.encoder);
    }
    return position;
  }

  #appendTo(episode: LogEpisode, record: StreamRecord, decisions: Decisions): number {
    const position = this.#next;
    const out = this.#out;
    const start = this.#beginFrame();
    out.u8(BODY.logRecord);
    out.varint(position);
    out.varint(episode.number);
    out.u8(episode.frames & 0xff);
    try {
      writeDecisions(out, position, decisions, this.#lost);
      episode.encoder.encode(this.#whole(record, episode));
    } catch (error) {
      out.length = start;
      throw error;
    }
    this.#endFrame(start);
    this.#ends.push(out.length);
    this.#next = position + 1;
    this.#lost = null;
    this.#counts[record.type] += 1;
    this.#buffered[record.type] = (this.#buffered[record.type] ?? 0) + 1;
    if (decisions.draw === true) this.#drawn += 1;
    episode.last = position;
    episode.frames += 1;
    episode.gap = false;
    return position;
  }

  /**
   * Says that a record is lost, because nothing can be written and memory is full: the frame after the gap says how many of
   * each type. Starts and ends are small and few: append them all the same. Of a step its grid is kept, so that the next one
   * stands on its own.
   */
  dropped(record: StreamRecord): void {
    this.droppedUnseen({ [record.type]: 1 });
    if (record.type !== "step") return;
    const episode = this.#known(record.episode);
    episode.encoder.pass(record);
    episode.gap = true;
  }

  /** As `dropped`, for records that were lost before anyone here saw them: the next step of each episode should say its `before`. */
  droppedUnseen(counts: RecordCounts): void {
    this.#lost = addCounts(this.#lost ?? {}, counts);
  }

  /** Says that cleanup has removed an episode: `recover` does not make its journal again. */
  removed(number: number): void {
    this.#removed.add(number);
    const start = this.#beginFrame();
    this.#out.u8(BODY.logRemoval);
    this.#out.varint(this.#next);
    this.#out.varint(number);
    this.#endFrame(start);
  }

  /** Deletes the segments whose records all stand at positions below `position`; never the last. Gives how many. */
  release(position: number): number {
    let count = 0;
    for (let next = this.#segments[1]; next !== undefined; next = this.#segments[1]) {
      const isWritten = next.number < this.#segment || this.#offset > 0;
      if (next.first > position || !isWritten) break;
      this.#fs.rmSync(segmentPath(this.#dir, this.#segments[0]!.number), { force: true });
      this.#segments.shift();
      count += 1;
    }
    return count;
  }

  /** Hands all that is buffered to the system, and begins a new segment where this one is full. */
  write(): void {
    const out = this.#out;
    const done = this.#writtenOfBuffer;
    if (out.length === done) return;
    const fd = this.#descriptor();
    try {
      writeFully(this.#fs, fd, out.written(done), this.#offset + done, this.#path, (written) => {
        this.#writtenOfBuffer = done + written;
      });
    } catch (error) {
      let whole = 0;
      while (whole < this.#ends.length && this.#ends[whole]! <= this.#writtenOfBuffer) whole++;
      this.#ends.splice(0, whole);
      throw error;
    }
    // Until it is known that the file can still be found, the records count as not written.
    this.#writtenOfBuffer = done;
    if (this.#countsNames && this.#fs.fstatSync(fd).nlink === 0) throw fileDeleted(this.#path);
    this.#offset += out.length;
    this.#writtenOfBuffer = 0;
    out.length = 0;
    this.#ends = [];
    this.#buffered = {};
    if (this.#offset >= this.#options.segmentBytes) this.#roll();
  }

  /** Writes, and waits until the disk has everything. After an error of `fdatasync` nothing is known to be safe. */
  sync(): void {
    this.write();
    while (this.#unsynced.length > 0) {
      const fd = this.#unsynced[0]!;
      this.#fs.fdatasyncSync(fd);
      this.#unsynced.shift();
      this.#fs.closeSync(fd);
    }
    if (this.#fd !== null) this.#fs.fdatasyncSync(this.#fd);
  }

  /**
   * Goes on in another directory, where this one cannot be written any more. The segments that are still there are copied,
   * durably, and what is buffered stays so: readers find the same log there. True then.
   *
   * Where they cannot be read, the log begins again: what is buffered is lost, which the next frame says, and each open episode
   * is there from its start on, at a position of its own, and from the next step, with its `before`. Passes the errors of the
   * new directory; nothing has changed then.
   */
  moveTo(dir: string): boolean {
    const { durability } = this.#options;
    const whole = this.#segments.filter(({ number }) => number < this.#segment).map(({ number }) => number);
    const sources = this.#offset > 0 ? [...whole, this.#segment] : whole;
    this.#fs.mkdirSync(dir, { recursive: true });
    const copied = sources.every((number) => {
      const [from, to] = [segmentPath(this.#dir, number), segmentPath(dir, number)];
      return number === this.#segment
        ? copyFile(this.#fs, from, to, this.#offset, this.#fd)
        : copyFile(this.#fs, from, to);
    });
    this.#leave();
    this.#dir = dir;
    if (!copied) {
      for (const number of sources) this.#fs.rmSync(segmentPath(dir, number), { force: true });
      this.#restart();
      return false;
    }
    this.#writtenOfBuffer = 0;
    if (this.#offset > 0) this.#fd = this.#fs.openSync(this.#path, "r+");
    if (durability !== "process") syncDirectory(this.#fs, dir);
    return true;
  }

  /** Writes and closes; may be called twice. The files are closed also where the write fails. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.write();
    } finally {
      for (const fd of this.#unsynced.splice(0)) this.#fs.closeSync(fd);
      if (this.#fd !== null) this.#fs.closeSync(this.#fd);
      this.#fd = null;
    }
  }

  get #path(): string {
    return segmentPath(this.#dir, this.#segment);
  }

  #episode(number: number, start: number, record: EpisodeStartRecord | null): LogEpisode {
    const encoder = this.#spares.pop() ?? new RecordEncoder(this.#out);
    const own = record === null ? null : copyStart(record);
    return { number, start, record: own, last: start, encoder, frames: 0, gap: false };
  }

  #spare(encoder: RecordEncoder): void {
    if (this.#spares.length >= SPARE_ENCODERS) return;
    encoder.adopt(null, 0);
    this.#spares.push(encoder);
  }

  #leave(): void {
    const descriptors = this.#fd === null ? [] : [this.#fd];
    for (const fd of [...this.#unsynced.splice(0), ...descriptors]) {
      try {
        this.#fs.closeSync(fd);
      } catch {
        // Of a file that is given up.
      }
    }
    this.#fd = null;
  }

  #restart(): void {
    this.droppedUnseen(this.#buffered);
    this.#buffered = {};
    this.#out.length = 0;
    this.#ends = [];
    this.#writtenOfBuffer = 0;
    this.#segments.length = 0;
    this.#checksum = 0;
    this.#beginSegment();
    for (const episode of this.#open.values()) {
      if (episode.record === null) continue;
      // What the episode has come to since then is its encoder's: it comes with the next step.
      const { last, targetCells } = episode.encoder;
      const grid = last === null ? null : copyGrid(last);
      this.#appendTo(episode, episode.record, NOTHING_DECIDED);
      episode.encoder.adopt(grid, targetCells);
      episode.gap = true;
    }
  }

  #episodeOf(record: StreamRecord): LogEpisode {
    if (record.type === "episode-start") return this.#episode(this.#episodes + 1, this.#next, record);
    return "episode" in record ? this.#known(record.episode) : this.#run;
  }

  #known(key: string): LogEpisode {
    const episode = this.#open.get(key);
    if (episode === undefined) throw logEpisodeUnknown(key);
    return episode;
  }

  #whole(record: StreamRecord, { gap, encoder }: LogEpisode): StreamRecord {
    if (!gap || record.type !== "step" || record.before !== undefined || encoder.last === null) return record;
    return { ...record, before: encoder.last };
  }

  #beginFrame(): number {
    const out = this.#out;
    const start = out.length;
    out.reserve(FRAME_HEAD_BYTES);
    out.length += FRAME_HEAD_BYTES;
    return start;
  }

  #endFrame(start: number): void {
    const out = this.#out;
    out.setU32(start, out.length - start - FRAME_HEAD_BYTES);
    this.#checksum = chainedChecksum(out.bytes, start, out.length, this.#checksum);
    out.setU32(start + 4, this.#checksum);
  }

  /** Into the buffer; the file is made when it is written. */
  #beginSegment(): void {
    const chain = this.#checksum;
    this.#segment += 1;
    this.#offset = 0;
    this.#out.raw(encodeHeader("log", this.#segment, LOG_VERSION));
    this.#checksum = 0;
    const start = this.#beginFrame();
    const open = [...this.#open].map(([key, { number, start, last }]) => ({ number, key, start, last }));
    const { tally } = this;
    this.#segments.push({ number: this.#segment, first: this.#next });
    writeSegmentHead(this.#out, {
      number: this.#segment,
      first: this.#next,
      chain,
      episodes: this.#episodes,
      tally,
      open,
      removed: [...this.#removed],
    });
    this.#endFrame(start);
    this.#run.encoder.startSegment();
    for (const { encoder } of this.#open.values()) encoder.startSegment();
  }

  #roll(): void {
    const fd = this.#fd!;
    this.#fd = null;
    if (this.#options.durability === "process") this.#fs.closeSync(fd);
    else this.#unsynced.push(fd);
    this.#beginSegment();
  }

  #goOn(end: LogEnd): void {
    this.#segment = end.segment;
    this.#offset = end.offset;
    this.#checksum = end.checksum;
    this.#next = end.next;
    this.#episodes = end.episodes;
    Object.assign(this.#counts, end.tally.records);
    this.#drawn = end.tally.drawn;
    for (const number of end.removed) this.#removed.add(number);
    this.#segments.push(...end.segments);
    this.#run.frames = end.runFrames;
    for (const { number, key, start, last, frames, grid, targetCells } of end.open) {
      const episode = this.#episode(number, start, null);
      episode.last = last;
      episode.frames = frames;
      episode.encoder.adopt(grid, targetCells);
      this.#open.set(key, episode);
    }
    for (const number of end.torn) this.#fs.unlinkSync(segmentPath(this.#dir, number));
    this.#fd = this.#fs.openSync(this.#path, "r+");
    this.#fs.ftruncateSync(this.#fd, end.offset);
    this.#countsNames = this.#fs.fstatSync(this.#fd).nlink > 0;
  }

  #descriptor(): number {
    if (this.#fd !== null) return this.#fd;
    makeDirectories(this.#fs, this.#dir);
    this.#fd = this.#fs.openSync(this.#path, "wx+");
    this.#countsNames = this.#fs.fstatSync(this.#fd).nlink > 0;
    if (this.#options.durability !== "process") {
      // The segment's name, the log's, and that of the run: any of them may be new.
      const run = dirname(this.#dir);
      for (const directory of [this.#dir, run, dirname(run)]) syncDirectory(this.#fs, directory);
    }
    return this.#fd;
  }
}

/** The grids of a record belong to whoever gave it. */
function copyStart(record: EpisodeStartRecord): EpisodeStartRecord {
  const { initial, input, target } = record;
  return {
    ...record,
    initial: copyGrid(initial),
    ...(input === undefined ? {} : { input: copyGrid(input) }),
    target: target === null ? null : copyGrid(target),
  };
}
