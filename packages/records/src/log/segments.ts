import { join } from "node:path";
import { ByteReader } from "../coding/byte-reader.js";
import type { ByteWriter } from "../coding/byte-writer.js";
import { type RecordCounts, readCounts, writeCounts } from "../coding/decisions.js";
import { BODY, HEADER_BYTES } from "../coding/layout.js";
import { type ChainedFrame, readChained } from "../disk/chained-frames.js";
import type { FileSystem } from "../disk/file-system.js";
import { FileWindow } from "../disk/file-window.js";
import { decodeHeader, type JournalHeader } from "../disk/header.js";

/** In a run's directory. */
export const LOG_DIRECTORY = "log";
/** Where `recover` keeps a damaged log, beside the journals that were made of it. */
export const DAMAGED_LOG = "log.damaged";
const SEGMENT_NAME = /^(\d{6,})\.epl$/;

/** How many records the log has up to a place, and how many of them are to be drawn. */
export interface LogTally {
  readonly records: RecordCounts;
  /** Pictures of steps that were decided to be drawn. */
  readonly drawn: number;
}

export const NO_TALLY: LogTally = { records: {}, drawn: 0 };

/** An episode that goes on in a segment. */
export interface EpisodePlace {
  /** In the run, from 1. */
  readonly number: number;
  readonly key: string;
  /** Position of its `episode-start`. */
  readonly start: number;
  /** Position of its last record before the segment. */
  readonly last: number;
}

/** What stands at the beginning of a segment: all that is needed to decode the rest alone. */
export interface SegmentHead {
  /** From 1. */
  readonly number: number;
  /** Position of its first record. */
  readonly first: number;
  /** Checksum of the last frame of the segment before it; 0 in the first. */
  readonly chain: number;
  /** Episodes that were started before it. */
  readonly episodes: number;
  /** Up to its first record. */
  readonly tally: LogTally;
  /** In the order of their numbers. */
  readonly open: readonly EpisodePlace[];
  /** Episodes that cleanup has removed although records of theirs are still in the log. */
  readonly removed: readonly number[];
}

export function segmentPath(logDir: string, number: number): string {
  return join(logDir, `${String(number).padStart(6, "0")}.epl`);
}

/** Numbers of the segments that are there, in order; none where there is no log. */
export function listSegments(fs: FileSystem, logDir: string): number[] {
  let names: string[];
  try {
    names = fs.readdirSync(logDir).map(String);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
  return names
    .flatMap((name) => Number(SEGMENT_NAME.exec(name)?.[1] ?? 0) || [])
    .sort((one, other) => one - other);
}

/** Removes the log of a run of which journals and outputs have everything. */
export function removeLog(fs: FileSystem, logDir: string): void {
  // From the last to the first: what a crash leaves is still the beginning of a log.
  for (const number of listSegments(fs, logDir).reverse()) {
    fs.rmSync(segmentPath(logDir, number), { force: true });
  }
  try {
    fs.rmdirSync(logDir);
  } catch {
    // Something of somebody else's is in there, or there is no log.
  }
}

export function writeSegmentHead(out: ByteWriter, head: SegmentHead): void {
  out.u8(BODY.logSegment);
  out.varint(head.number);
  out.varint(head.first);
  out.u32(head.chain);
  out.varint(head.episodes);
  writeCounts(out, head.tally.records);
  out.varint(head.tally.drawn);
  out.varint(head.open.length);
  for (const { number, key, start, last } of head.open) {
    out.varint(number);
    out.text(key);
    out.varint(start);
    out.varint(last);
  }
  out.varint(head.removed.length);
  for (const number of head.removed) out.varint(number);
}

/** Throws JOURNAL_CONTENT_INVALID. */
export function readSegmentHead(body: Uint8Array): SegmentHead {
  const input = new ByteReader(body, 1);
  return {
    number: input.varint(),
    first: input.varint(),
    chain: input.u32(),
    episodes: input.varint(),
    tally: { records: readCounts(input), drawn: input.varint() },
    open: Array.from({ length: input.count(4) }, () => ({
      number: input.varint(),
      key: input.text(),
      start: input.varint(),
      last: input.varint(),
    })),
    removed: Array.from({ length: input.count() }, () => input.varint()),
  };
}

/** A segment that was opened for reading. */
export interface OpenSegment {
  readonly number: number;
  readonly fd: number;
  readonly file: FileWindow;
  /** Null where the head cannot be read (yet). */
  readonly head: SegmentHead | null;
  readonly header: JournalHeader | "damaged" | null;
  /** The frame with the head; the first record follows it. */
  readonly frame: ChainedFrame | null;
}

/** Null where the file is not there. Throws JOURNAL_VERSION_UNSUPPORTED, or the system's error. */
export function openSegment(fs: FileSystem, logDir: string, number: number): OpenSegment | null {
  const path = segmentPath(logDir, number);
  let fd: number;
  try {
    fd = fs.openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const file = new FileWindow(fs, fd);
    const header = headerOf(file, path);
    const found = header === null ? null : readChained(file, HEADER_BYTES, 0);
    const frame = found?.body[0] === BODY.logSegment ? found : null;
    return { number, fd, file, header, frame, head: frame === null ? null : readSegmentHead(frame.body) };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** By its name the file is a segment, whatever its first bytes have become. */
function headerOf(file: FileWindow, path: string): JournalHeader | "damaged" | null {
  try {
    return decodeHeader(file.read(0, HEADER_BYTES).slice(), path);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "JOURNAL_NOT_RECOGNISED") throw error;
    return file.size < HEADER_BYTES ? null : "damaged";
  }
}

/** The head of a segment; null where it cannot be read. */
export function segmentHead(fs: FileSystem, logDir: string, number: number): SegmentHead | null {
  let segment: OpenSegment | null;
  try {
    segment = openSegment(fs, logDir, number);
  } catch {
    return null;
  }
  if (segment === null) return null;
  fs.closeSync(segment.fd);
  return segment.head;
}
