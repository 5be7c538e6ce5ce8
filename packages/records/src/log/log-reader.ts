import { ByteReader } from "../coding/byte-reader.js";
import { type Decisions, type RecordCounts, readDecisions, recordTypeOf } from "../coding/decisions.js";
import { BODY, HEADER_BYTES, SEGMENT_START } from "../coding/layout.js";
import { RecordDecoder } from "../coding/record-decoder.js";
import { type ChainedFrame, findChained, readChained } from "../disk/chained-frames.js";
import type { FileSystem } from "../disk/file-system.js";
import { type FileWindow, SEQUENTIAL_BYTES } from "../disk/file-window.js";
import type { Grid } from "../record/grid.js";
import type { RecordType, StreamRecord } from "../record/record.js";
import {
  type LogTally,
  listSegments,
  NO_TALLY,
  type OpenSegment,
  openSegment,
  type SegmentHead,
  segmentHead,
  segmentPath,
} from "./segments.js";

/** A record of a run with its place and what was decided about it. */
export interface RunItem {
  /** In the run, from 0. */
  readonly position: number;
  readonly record: StreamRecord;
  /** Number in the run of the record's episode, from 1; null for records that belong to none. */
  readonly episode: number | null;
  readonly decisions: Decisions;
  /** Records that were lost between the item before and this one, as the log's writer knew; null = none. */
  readonly lost: RecordCounts | null;
}

/** An item as the log has it. */
export interface LogItem extends RunItem {
  /** The record's bytes, for a journal that takes them as they are; valid until the next item is read. */
  readonly body: Uint8Array;
  readonly startsSegment: boolean;
}

export interface LogProblem {
  /**
   * - `damaged`: bytes that are no frame, or frames that were taken out, doubled or moved; reading went on behind them.
   * - `content`: a frame with the right checksum that cannot be decoded.
   * - `missing`: a segment is not there, or belongs to another log.
   * - `torn-tail`: the log ends within a frame, as after a crash.
   */
  readonly kind: "damaged" | "content" | "missing" | "torn-tail";
  /** Number of the segment, from 1. */
  readonly segment: number;
  readonly offset: number;
  readonly bytes: number;
  /** Positions that have no record; of a torn tail 0, for nobody knows. */
  readonly lost: number;
  /** Whole records behind the place that refer to what was lost and so cannot be decoded. */
  readonly orphans: number;
  readonly message: string;
}

export interface LogReaderOptions {
  readonly fs: FileSystem;
  /** Position of the first item; default 0. What was before it and is needed is read, and not given. */
  readonly from?: number;
  /** Records without selection, name and state, whose grids change when it reads on: for those who only count. */
  readonly glances?: boolean;
}

interface EpisodeState {
  readonly decoder: RecordDecoder;
  key: string | null;
  start: number;
  last: number;
  /** Frames of the episode, of which a frame has the last eight bits. */
  frames: number;
}

/** What the log knows of an open episode at a place. */
export interface OpenEpisodeState {
  readonly number: number;
  readonly key: string;
  readonly start: number;
  readonly last: number;
  /** Null where it was lost. */
  readonly grid: Grid | null;
  readonly targetCells: number;
  /** Its frames so far; only the last eight bits count. */
  readonly frames: number;
}

const ELSEWHERE = Number.MAX_SAFE_INTEGER;

/**
 * Reads a run's log in order of positions, also while it grows: `next` gives null where it has come to the end for now.
 *
 *     using reader = new LogReader(join(runDir, "log"), { fs, from: cursor });
 *     for (let item = reader.next(); item !== null; item = reader.next()) cursor = item.position + 1;
 *
 * What is damaged is left out and told in `problems`: a record that comes out is exactly one that went in. Of episodes that
 * a damaged place did not touch nothing more is lost. Memory: one window of the file, and a grid for each open episode.
 */
export class LogReader {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #from: number;
  readonly #glances: boolean;
  #segment: OpenSegment | null = null;
  #offset = 0;
  #checksum = 0;
  #position = 0;
  #states: Map<number, EpisodeState> = new Map();
  readonly #removed: Set<number> = new Set();
  #episodes = 0;
  #tally: LogTally = NO_TALLY;
  #counts: { [Type in RecordType]?: number } = {};
  #drawn = 0;
  /** A frame that was found behind damage. */
  #found: ChainedFrame | null = null;
  /** Something was damaged: from then on the counters of episodes say which have lost nothing. */
  #afterDamage = false;
  /** Whether `#checksum` is that of the last frame of this segment, once it is read to its end. */
  #knowsChain = true;
  readonly #problems: LogProblem[] = [];

  constructor(dir: string, { fs, from = 0, glances = false }: LogReaderOptions) {
    this.#dir = dir;
    this.#fs = fs;
    this.#from = from;
    this.#glances = glances;
    this.#position = from;
  }

  /** Position of the first record that is still in the log of `dir`; null where there is no log. */
  static first(fs: FileSystem, dir: string): number | null {
    for (const number of listSegments(fs, dir)) {
      const head = segmentHead(fs, dir, number);
      if (head !== null) return head.first;
    }
    return null;
  }

  /** Position that the next item has, or a later one. */
  get position(): number {
    return Math.max(this.#position, this.#from);
  }

  get problems(): readonly LogProblem[] {
    return this.#problems;
  }

  /** Episodes that cleanup has removed, as far as was read. */
  get removed(): ReadonlySet<number> {
    return this.#removed;
  }

  /** Of all records before `position`. */
  get tally(): LogTally {
    return { records: { ...this.#counts }, drawn: this.#drawn };
  }

  /** Where the last whole frame ends; null before the first. For a writer that goes on there. */
  get end(): { readonly segment: number; readonly offset: number; readonly checksum: number } | null {
    if (this.#segment === null) return null;
    return { segment: this.#segment.number, offset: this.#offset, checksum: this.#checksum };
  }

  /** Episodes that were started before `position`. */
  get episodes(): number {
    return this.#episodes;
  }

  /** Episodes that are open at `position`. */
  get open(): readonly OpenEpisodeState[] {
    return [...this.#states].flatMap(([number, { key, start, last, frames, decoder }]) => {
      if (number === 0 || key === null) return [];
      const grid = decoder.ready ? decoder.last : null;
      return [{ number, key, start, last, frames, grid, targetCells: decoder.targetCells }];
    });
  }

  /** Frames of records that belong to no episode; only the last eight bits count. */
  get runFrames(): number {
    return this.#states.get(0)?.frames ?? 0;
  }

  /** The next item below the position `head`, where that is given; null where there is none yet. */
  next(head: number = Number.POSITIVE_INFINITY): LogItem | null {
    while (this.#position < head) {
      const frame = this.#nextFrame();
      if (frame === null) return null;
      const item = this.#item(frame);
      if (item !== null && item.position >= this.#from) return item;
    }
    return null;
  }

  /** Notes bytes at the end that are no whole frame. For logs that nobody writes. */
  checkTail(): void {
    const last = this.#segment;
    let bytes = last === null ? 0 : last.file.size - this.#offset;
    for (const number of listSegments(this.#fs, this.#dir)) {
      if (number > (last?.number ?? 0)) bytes += this.#fs.statSync(segmentPath(this.#dir, number)).size;
    }
    if (bytes > 0) this.#problem("torn-tail", bytes, 0, "the log ends within a record");
  }

  close(): void {
    if (this.#segment !== null) this.#fs.closeSync(this.#segment.fd);
    this.#segment = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Leads to a frame whose body is a record or a removal, in this segment or a later one. */
  #nextFrame(): ChainedFrame | null {
    if (this.#segment === null && !this.#openFirst()) return null;
    for (;;) {
      const frame = this.#found ?? this.#readFrame();
      this.#found = null;
      if (frame !== null) {
        this.#offset = frame.end;
        this.#checksum = frame.checksum;
        return frame;
      }
      if (!this.#advance()) return null;
    }
  }

  #readFrame(): ChainedFrame | null {
    const { file } = this.#segment!;
    const frame = readChained(file, this.#offset, this.#checksum);
    if (frame !== null) return frame;
    // The file may have grown since its window was read.
    file.refresh();
    const size = file.size;
    if (size <= this.#offset) return null;
    const again = readChained(file, this.#offset, this.#checksum);
    if (again !== null) return again;
    const found = findChained(file, this.#offset, size, this.#checksum, isLogType);
    if (found === null) return null;
    const { frame: next, damagedIsWhole } = found;
    if (damagedIsWhole !== null) {
      this.#problem("damaged", 4, 0, "the checksum of this record is damaged");
      return damagedIsWhole;
    }
    this.#problem("damaged", next.offset - this.#offset, 0, "these bytes are no record of this log");
    this.#afterDamage = true;
    return next;
  }

  #openFirst(): boolean {
    const numbers = listSegments(this.#fs, this.#dir);
    let low = 0;
    let high = numbers.length - 1;
    // The last segment whose first position is at or before the one that is wanted; without a head it is as the one after it.
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const head = segmentHead(this.#fs, this.#dir, numbers[middle]!);
      if (head !== null && head.first <= this.#from) low = middle;
      else high = middle - 1;
    }
    return low < numbers.length && this.#enter(numbers[low]!, null);
  }

  /** To the next segment, where this one is over. */
  #advance(): boolean {
    const segment = this.#segment!;
    const later = listSegments(this.#fs, this.#dir).find((number) => number > segment.number);
    if (later === undefined) return false;
    // The writer may have gone on between the two looks: what it wrote before the next segment is read first.
    segment.file.refresh();
    const { size } = segment.file;
    if (readChained(segment.file, this.#offset, this.#checksum) !== null) return true;
    if (size > this.#offset) {
      this.#problem("damaged", size - this.#offset, 0, "these bytes are no record of this log");
      this.#afterDamage = true;
      this.#knowsChain = false;
    }
    return this.#enter(later, segment.number);
  }

  /** `before` is the number of the segment before it; null for the first that is read. False where it cannot be read yet. */
  #enter(number: number, before: number | null): boolean {
    const segment = openSegment(this.#fs, this.#dir, number);
    if (segment === null) return false;
    const later = listSegments(this.#fs, this.#dir).some((other) => other > number);
    if (segment.head === null && !later && !hasFrames(segment.file)) {
      // Its writer is about to write it, or has died before it had.
      this.#fs.closeSync(segment.fd);
      return false;
    }
    const { head } = segment;
    const chain = this.#checksum;
    if (this.#segment !== null) this.#fs.closeSync(this.#segment.fd);
    segment.file.ahead = SEQUENTIAL_BYTES;
    this.#segment = segment;
    this.#offset = segment.frame?.end ?? HEADER_BYTES;
    this.#checksum = segment.frame?.checksum ?? 0;
    if (segment.header === "damaged")
      this.#problem("damaged", HEADER_BYTES, 0, "the head of the file is damaged", 0);
    const follows =
      number === (before ?? 0) + 1 && (head === null || head.chain === chain || !this.#knowsChain);
    if (before !== null && !follows) {
      this.#afterDamage = true;
      this.#problem("missing", 0, 0, `segment ${before + 1} is missing, or belongs to another log`, 0);
    }
    this.#knowsChain = true;
    this.#takeHead(head, before === null);
    return true;
  }

  #takeHead(head: SegmentHead | null, isFirst: boolean): void {
    if (head === null) {
      this.#afterDamage = true;
      return;
    }
    this.#episodes = head.episodes;
    this.#counts = { ...head.tally.records };
    this.#drawn = head.tally.drawn;
    for (const number of head.removed) this.#removed.add(number);
    if (isFirst) this.#position = head.first;
    else if (head.first > this.#position) this.#lose(head.first);
    const states = new Map<number, EpisodeState>();
    const run = this.#states.get(0);
    if (run !== undefined) states.set(0, run);
    for (const { number, key, start, last } of head.open) {
      const known = this.#states.get(number);
      states.set(number, known ?? { decoder: new RecordDecoder(), key, start, last, frames: 0 });
    }
    this.#states = states;
  }

  #item(frame: ChainedFrame): LogItem | null {
    try {
      const input = new ByteReader(frame.body);
      const type = input.u8();
      if (type === BODY.logRecord) return this.#recordItem(input);
      if (type === BODY.logRemoval) {
        input.varint();
        this.#removed.add(input.varint());
      }
    } catch (error) {
      this.#forgetAll();
      this.#problem("content", frame.end - frame.offset, 1, (error as Error).message, frame.offset);
    }
    return null;
  }

  #recordItem(input: ByteReader): LogItem | null {
    const position = input.varint();
    const number = input.varint();
    const counter = input.u8();
    if (position > this.#position) this.#lose(position);
    // A frame that stands here for the second time.
    if (position < this.#position) return this.#passAgain();
    this.#position = position + 1;
    const { decisions, lost } = readDecisions(input, position);
    const lead = input.bytes[input.offset] ?? 0;
    const type = recordTypeOf(lead);
    this.#counts[type] = (this.#counts[type] ?? 0) + 1;
    if (decisions.draw === true) this.#drawn += 1;
    const state = this.#state(number, position);
    if (this.#afterDamage || state.frames === 0) this.#checkCounter(state, counter);
    state.frames += 1;
    state.last = position;
    if (type === "episode-start") this.#episodes = Math.max(this.#episodes, number);
    const startsSegment = (lead & SEGMENT_START) !== 0;
    if (!startsSegment && !state.decoder.ready) {
      this.#orphan();
      if (type === "episode-end") this.#states.delete(number);
      return null;
    }
    const body = input.bytes.subarray(input.offset, input.end);
    const record = this.#decode(state.decoder, input, position);
    if (type === "episode-end") this.#states.delete(number);
    if (record === null) return null;
    if (state.key === null && "episode" in record) state.key = record.episode;
    const episode = number === 0 ? null : number;
    return { position, record, episode, decisions, lost, body, startsSegment };
  }

  #decode(decoder: RecordDecoder, input: ByteReader, position: number): StreamRecord | null {
    if (this.#glances) return decoder.glance(input);
    return position < this.#from ? decoder.seek(input, ELSEWHERE) : decoder.decode(input);
  }

  #state(number: number, position: number): EpisodeState {
    let state = this.#states.get(number);
    if (state === undefined) {
      state = { decoder: new RecordDecoder(), key: null, start: position, last: position, frames: 0 };
      this.#states.set(number, state);
    }
    return state;
  }

  /** Of an episode whose frames were counted without a gap nothing was lost. */
  #checkCounter(state: EpisodeState, counter: number): void {
    if (state.frames > 0 && (state.frames & 0xff) === counter) return;
    if (state.frames > 0) state.decoder.forget();
    state.frames = counter === 0 ? 256 : counter;
  }

  /** Positions up to `position` have no record here. */
  #lose(position: number): void {
    const lost = position - this.#position;
    const last = this.#problems.at(-1);
    if (last === undefined || !this.#afterDamage)
      this.#problem("missing", 0, lost, "records are missing before this one");
    else this.#problems[this.#problems.length - 1] = { ...last, lost: last.lost + lost };
    this.#afterDamage = true;
    this.#position = position;
    // The counter of an episode's frames may have come around.
    if (lost >= 256) this.#forgetAll();
  }

  #passAgain(): null {
    if (!this.#afterDamage) this.#problem("damaged", 0, 0, "a record stands here for the second time");
    this.#afterDamage = true;
    return null;
  }

  #forgetAll(): void {
    for (const state of this.#states.values()) {
      state.decoder.forget();
      state.frames = 0;
    }
  }

  #orphan(): void {
    const last = this.#problems.at(-1);
    if (last === undefined) return;
    this.#problems[this.#problems.length - 1] = { ...last, orphans: last.orphans + 1 };
  }

  #problem(
    kind: LogProblem["kind"],
    bytes: number,
    lost: number,
    message: string,
    offset = this.#offset,
  ): void {
    const segment = this.#segment?.number ?? 0;
    this.#problems.push({ kind, segment, offset, bytes, lost, orphans: 0, message });
  }
}

function hasFrames(file: FileWindow): boolean {
  return findChained(file, HEADER_BYTES, file.size, 0, isLogType) !== null;
}

function isLogType(type: number): boolean {
  return type >= BODY.logRecord && type <= BODY.logRemoval;
}
