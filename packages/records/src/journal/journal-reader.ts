import { ByteReader } from "../coding/byte-reader.js";
import { type Decisions, type RecordCounts, readDecisions } from "../coding/decisions.js";
import { contentInvalid } from "../coding/errors.js";
import {
  BODY,
  HEADER_BYTES,
  MAX_SEGMENT_RECORDS,
  SEGMENT_START,
  TRAILER_BYTES,
  TRAILER_BYTES_2,
} from "../coding/layout.js";
import { RecordDecoder } from "../coding/record-decoder.js";
import { readChained } from "../disk/chained-frames.js";
import type { FileSystem } from "../disk/file-system.js";
import { FileWindow, RANDOM_BYTES, SEQUENTIAL_BYTES } from "../disk/file-window.js";
import { readFrame } from "../disk/frames.js";
import { decodeHeader, type JournalHeader } from "../disk/header.js";
import type { Grid } from "../record/grid.js";
import type { StepRecord, StreamRecord } from "../record/record.js";
import type { ProgressCheckpoint } from "../view/progress.js";
import { decodeContent } from "./block.js";
import { type JournalFrame, JournalFrames } from "./journal-frames.js";
import {
  type JournalIndex,
  JournalIndexBuilder,
  type SegmentEntry,
  type SegmentList,
} from "./journal-index.js";
import { readStoredIndex } from "./stored-index.js";

export interface JournalProblem {
  /**
   * - `header`: the file's head is damaged; its records were read all the same.
   * - `torn-tail`: the file ends within a record, as after a crash.
   * - `damaged`: bytes in the middle that are no record; reading went on behind them.
   * - `content`: a record with the right checksum that cannot be decoded.
   * - `foreign`: records of another episode; they are left out.
   * - `index`: a sealed file whose index is missing or wrong; it was made again from the records.
   * - `cut`: a sealed file of version 2 that ends before its index: blocks may be missing.
   */
  readonly kind: "header" | "torn-tail" | "damaged" | "content" | "foreign" | "index" | "cut";
  /** In the file. */
  readonly offset: number;
  readonly bytes: number;
  /**
   * Whole records behind the place that refer to what was lost and so cannot be decoded; of a foreign record those of its
   * kind behind it.
   */
  readonly orphans: number;
  readonly message: string;
}

interface Place {
  /** In the run, from 0; null in files of version 1. */
  readonly position: number | null;
  /** What was decided about it when it arrived; null in files of version 1. */
  readonly decisions: Decisions | null;
  /** Records that were lost before it. */
  readonly lost: RecordCounts | null;
}

export interface JournalItem extends Place {
  readonly record: StreamRecord;
}

export interface JournalEntry extends JournalItem {
  /** Of a step: the grid before it, as the file tells it; null where the file does not. */
  readonly before: Grid | null;
  /** Offset of the frame that holds it. */
  readonly offset: number;
  readonly startsSegment: boolean;
  /** Checksum of the frame before that frame; null in files of version 1. */
  readonly chain: number | null;
  /** As the file has it, inflated; valid until the next entry is read. */
  readonly body: Uint8Array;
}

export interface FoundStep {
  readonly record: StepRecord;
  /** The grid before it; null where the file does not tell it. */
  readonly before: Grid | null;
}

export interface SegmentSteps {
  /** The steps of a segment, in order. */
  readonly steps: readonly StepRecord[];
  /** The grid before the first of them. */
  readonly before: Grid | null;
  /** What the episode had come to before the first of them. */
  readonly checkpoint: ProgressCheckpoint;
}

export interface JournalReaderOptions {
  readonly fs: FileSystem;
  /**
   * Key of the episode, as the manifest has it. A journal of an episode gives no records of another; where its first
   * record has another key than this, the commonest is the right one. Null: the records of every episode are given.
   */
  readonly key?: string | null | undefined;
}

/**
 * Reads a journal file, open or sealed, whole or damaged. What is damaged is left out and told in `problems`: a
 * record that comes out is exactly one that went in.
 *
 * Throws JOURNAL_NOT_RECOGNISED, JOURNAL_VERSION_UNSUPPORTED, or the system's error when it opens the file.
 */
export class JournalReader {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #file: FileWindow;
  readonly #header: JournalHeader | "damaged" | null;
  readonly #expectedKey: string | null | undefined;
  /** Of the episode, once a record of it was read. */
  #key: string | null = null;
  #problems: JournalProblem[] = [];
  #index: JournalIndex | null = null;
  #closed = false;

  constructor(path: string, { fs, key }: JournalReaderOptions) {
    this.path = path;
    this.#expectedKey = key;
    this.#fs = fs;
    this.#fd = fs.openSync(path, "r");
    try {
      this.#file = new FileWindow(fs, this.#fd);
      this.#header = decodeHeader(this.#file.read(0, HEADER_BYTES).slice(), path);
    } catch (error) {
      fs.closeSync(this.#fd);
      throw error;
    }
  }

  /** Whether the file was sealed: compressed, indexed, complete. */
  get sealed(): boolean {
    if (this.#header === null || this.#header === "damaged") return false;
    const { kind } = this.#header;
    return kind === "sealed" || (kind === "growing" && this.#storedIndex() !== null);
  }

  /** Whether it ends with an index, as a file that is whole does. */
  get isComplete(): boolean {
    return this.#storedIndex() !== null;
  }

  /** Of the file's format: 1 or 2; 0 for a file that ends within its head. */
  get version(): number {
    if (this.#header === null) return 0;
    if (this.#header !== "damaged") return this.#header.version;
    // Frames of version 1 are known without those before them.
    const first = readFrame(this.#file, HEADER_BYTES);
    return first !== null && first.end < this.#file.size && readFrame(this.#file, first.end) === null ? 2 : 1;
  }

  /** Number of the episode in its run, from 1; 0 where the file does not say. */
  get episode(): number {
    return this.#header === null || this.#header === "damaged" ? 0 : this.#header.number;
  }

  /** What the last full reading of the file found; empty for an intact file and before the first reading. */
  get problems(): readonly JournalProblem[] {
    return this.#problems;
  }

  /** Offset behind the last whole record; the rest is a torn tail. */
  get intactBytes(): number {
    const torn = this.#problems.find(({ kind }) => kind === "torn-tail");
    return torn?.offset ?? this.#file.size;
  }

  /** Number of records. Read from the index, or counted. */
  get count(): number {
    return this.index.records;
  }

  /** The index of a sealed file, or one made from the records. */
  get index(): JournalIndex {
    this.#index ??= this.#storedIndex() ?? this.#builtIndex();
    return this.#index;
  }

  /** All records that can be read, in the order of the file. `problems` is complete when the last has been given. */
  *records(): Generator<StreamRecord> {
    for (const entry of this.entries()) yield entry.record;
  }

  /** As `records`, with their places. */
  entries(): Generator<JournalEntry> {
    return this.#own(this.#entries(decodeWhole));
  }

  /** As `entries`, with as much of the records as `RecordDecoder.glance` gives. */
  glances(): Generator<JournalEntry> {
    return this.#own(this.#entries(decodeGlance));
  }

  *#own(entries: Generator<JournalEntry>): Generator<JournalEntry> {
    // A journal of run records may hold those of many episodes.
    const isOfOne = this.#holdsOne;
    let foreign: { orphans: number } | null = null;
    for (const entry of entries) {
      const { record, offset } = entry;
      if (!isOfOne || !("episode" in record)) {
        yield entry;
        continue;
      }
      this.#key ??= this.#keyOf(record.episode);
      if (record.episode === this.#key) {
        yield entry;
      } else if (foreign !== null) {
        foreign.orphans += 1;
      } else {
        const message = `records of the episode '${record.episode}' stand among those of '${this.#key}'`;
        const found = problem("foreign", offset, 0, message);
        this.#problems.push(found);
        foreign = found;
      }
    }
  }

  /** Whether it is the journal of one episode, whose records alone are given. */
  get #holdsOne(): boolean {
    return this.#expectedKey !== null && (this.episode > 0 || this.#expectedKey !== undefined);
  }

  #keyOf(first: string): string {
    if (this.#expectedKey == null || this.#expectedKey === first) return first;
    const counts = new Map<string, number>();
    using whole = new JournalReader(this.path, { fs: this.#fs });
    for (const { record } of whole.#entries(decodeGlance)) {
      if ("episode" in record) counts.set(record.episode, (counts.get(record.episode) ?? 0) + 1);
    }
    const [commonest] = [...counts].sort(([, one], [, other]) => other - one);
    return commonest?.[0] ?? first;
  }

  *#entries(decode: Decode): Generator<JournalEntry> {
    const problems: JournalProblem[] = [];
    this.#problems = problems;
    this.#file.refresh();
    const size = this.#file.size;
    this.#file.ahead = Math.min(SEQUENTIAL_BYTES, size);
    if (this.#header === "damaged") {
      problems.push(problem("header", 0, HEADER_BYTES, "the head of the file is damaged"));
    }
    if (this.#header === null) {
      if (size > 0) problems.push(problem("torn-tail", 0, size, "the file ends within its head"));
      return;
    }
    const { version } = this;
    const trailerBytes = version > 1 ? TRAILER_BYTES_2 : TRAILER_BYTES;
    const decoder = new RecordDecoder();
    const frames = new JournalFrames(this.#file, version);
    let indexed = false;
    while (frames.offset < size && !(indexed && size - frames.offset === trailerBytes)) {
      const { offset } = frames;
      const frame = frames.next(size);
      if (frame === null) {
        problems.push(problem("torn-tail", offset, size - offset, "the file ends within a record"));
        break;
      }
      const { damagedBytes } = frame;
      if (damagedBytes > 0) {
        decoder.forget();
        problems.push(problem("damaged", offset, damagedBytes, "these bytes are no record"));
      }
      if (frame.checksumDamaged) {
        problems.push(problem("index", offset, 4, "a checksum is damaged; the records are not affected"));
      }
      const type = frame.body[0]!;
      if (type === BODY.index) indexed = true;
      else if (type === BODY.block) yield* this.#block(frame, decoder, problems, decode);
      else if (type !== BODY.indexDetails) {
        const entry = decodeOne(frame, new ByteReader(frame.body), decoder, problems, decode, NO_PLACE);
        if (entry !== null) yield entry;
      }
    }
    this.#checkEnd(frames.offset, size, indexed, problems);
  }

  #checkEnd(offset: number, size: number, indexed: boolean, problems: JournalProblem[]): void {
    if (this.#header === null || this.#header === "damaged") return;
    const needsIndex = this.#header.kind === "sealed" || indexed;
    if (!needsIndex || this.#storedIndex() !== null) return;
    if (this.version > 1 && !indexed && offset >= size) {
      problems.push(problem("cut", size, 0, "the file ends before its index: records may be missing"));
    } else {
      problems.push(problem("index", size, 0, "the index is missing or wrong; the records are not affected"));
    }
  }

  /** Offset and checksum behind the last whole block, for a writer that goes on there; call it when all was read. */
  get blocksEnd(): { readonly offset: number; readonly checksum: number } {
    const size = this.#file.size;
    const frames = new JournalFrames(this.#file, this.version);
    let end = { offset: frames.offset, checksum: 0 };
    for (let frame = frames.next(size); frame?.body[0] === BODY.block; frame = frames.next(size)) {
      end = { offset: frame.end, checksum: frames.checksum };
    }
    return end;
  }

  /**
   * The step of that number; undefined where there is none. Reads one segment, and of it little more than the step. A
   * wrong index is noticed by the step's own number, and made again.
   */
  step(step: number): FoundStep | undefined {
    return this.#bySegment(step, (segment) => this.#findStep(segment, step));
  }

  /** The steps of the segment of a step, up to it: from there on views of it can be made. */
  stepsUpTo(step: number): SegmentSteps | undefined {
    return this.#bySegment(step, (segment) => this.#stepsUpTo(segment, step));
  }

  /**
   * The records of a segment of the index, one after the other; fewer where it is damaged. Of a sealed file the segment is read
   * at once, and may be gone through when the reader is closed.
   */
  *segmentItems(at: number): Generator<JournalItem, undefined> {
    this.#file.ahead = RANDOM_BYTES;
    const decoder = new RecordDecoder();
    try {
      for (const { input, place } of this.#bodies(this.index.segments.at(at))) {
        yield { record: decoder.decode(input), ...place };
      }
    } catch {
      // The index is wrong about the place, or the segment is damaged: `entries` tells it.
    }
  }

  /** The first record of a journal of one episode, without reading further; undefined where it is lost. */
  get first(): StreamRecord | undefined {
    for (const record of this.records()) return record;
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fs.closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  *#block(
    frame: JournalFrame,
    decoder: RecordDecoder,
    problems: JournalProblem[],
    decode: Decode,
  ): Generator<JournalEntry> {
    const { chain } = frame;
    let last = -1;
    let isFirst = true;
    try {
      const content = decodeContent(frame.body);
      for (const input of recordsOf(content)) {
        const { end } = input;
        const place = chain === null ? NO_PLACE : readPlace(input, last);
        last = place.position ?? -1;
        // A block is one segment: with more of them its size would not bound what it costs.
        if (!isFirst && startsSegment(input)) throw contentInvalid("a block has more than one segment");
        isFirst = false;
        const entry = decodeOne(frame, input, decoder, problems, decode, place);
        if (entry === null) {
          addOrphans(problems, recordsBehind(content, end));
          return;
        }
        yield entry;
      }
    } catch (error) {
      decoder.forget();
      problems.push(problem("content", frame.offset, frame.end - frame.offset, (error as Error).message));
    }
  }

  #bySegment<Found>(step: number, read: (segment: SegmentEntry) => Found | undefined): Found | undefined {
    this.#file.ahead = RANDOM_BYTES;
    const index = this.index;
    const found = readSegment(step, index, read);
    if (found !== undefined || !this.sealed) return found;
    const rebuilt = this.#builtIndex();
    if (sameSegments(rebuilt.segments, index.segments)) return undefined;
    this.#index = rebuilt;
    return readSegment(step, rebuilt, read);
  }

  #findStep(segment: SegmentEntry, step: number): FoundStep | undefined {
    const decoder = new RecordDecoder();
    try {
      for (const { input } of this.#bodies(segment)) {
        const record = decoder.seek(input, step);
        if (record?.type === "step")
          return this.#isForeign(record) ? undefined : { record, before: decoder.before };
      }
    } catch {
      // The index is wrong about the place, or the segment is damaged.
    }
    return undefined;
  }

  #stepsUpTo(segment: SegmentEntry, step: number): SegmentSteps | undefined {
    const decoder = new RecordDecoder();
    const steps: StepRecord[] = [];
    let before: Grid | null = null;
    try {
      for (const { input } of this.#bodies(segment)) {
        const record = decoder.decode(input);
        if (record.type !== "step" || this.#isForeign(record)) continue;
        if (steps.length === 0) before = decoder.before;
        steps.push(record);
        if (record.step === step) return { steps, before, checkpoint: segment.checkpoint };
      }
    } catch {
      // As above.
    }
    return undefined;
  }

  #isForeign({ episode }: StepRecord): boolean {
    if (!this.#holdsOne) return false;
    this.#key ??= this.#keyOf(episode);
    return episode !== this.#key;
  }

  /** The records of one segment, not decoded; fewer where the index is wrong about its place. */
  *#bodies(segment: SegmentEntry): Generator<{ readonly input: ByteReader; readonly place: Place }> {
    let offset = segment.offset;
    const { chain } = segment;
    for (let count = 0; count < segment.records; count++) {
      const frame = chain === null ? readFrame(this.#file, offset) : readChained(this.#file, offset, chain);
      if (frame === null) return;
      offset = frame.end;
      if (frame.body[0] === BODY.block) {
        let last = -1;
        for (const input of recordsOf(decodeContent(frame.body))) {
          const place = chain === null ? NO_PLACE : readPlace(input, last);
          last = place.position ?? -1;
          yield { input, place };
        }
        return;
      }
      yield { input: new ByteReader(frame.body), place: NO_PLACE };
    }
  }

  #storedIndex(): JournalIndex | null {
    if (this.#header === null || this.#header === "damaged" || this.#header.kind === "open") return null;
    try {
      return readStoredIndex(this.#file, this.#header.version);
    } catch {
      return null;
    }
  }

  #builtIndex(): JournalIndex {
    const builder = new JournalIndexBuilder();
    for (const entry of this.glances()) {
      if (entry.startsSegment) builder.startSegment(entry.offset, entry.chain);
      if (entry.position !== null) builder.at(entry.position);
      builder.add(entry.record, entry.decisions?.key);
    }
    return builder.build();
  }
}

/**
 * The records of a block's content: each is its length (varint) and its body. The reader is the same for all. Throws
 * JOURNAL_CONTENT_INVALID where there are more than any writer puts into one block.
 */
function* recordsOf(content: Uint8Array): Generator<ByteReader> {
  const input = new ByteReader(content);
  for (let count = 0; input.offset < content.length; count++) {
    if (count >= MAX_SEGMENT_RECORDS) throw contentInvalid("a block has too many records");
    input.end = content.length;
    const length = input.count();
    const end = input.offset + length;
    input.end = end;
    yield input;
    input.offset = end;
  }
}

/** How many records a block's content has from `offset` on: those refer to one that cannot be decoded. */
function recordsBehind(content: Uint8Array, offset: number): number {
  const input = new ByteReader(content, offset);
  let count = 0;
  for (; input.remaining > 0 && count < MAX_SEGMENT_RECORDS; count++) input.skip(input.varint());
  return count;
}

function addOrphans(problems: JournalProblem[], count: number): void {
  const last: { orphans: number } | undefined = problems.at(-1);
  if (last !== undefined) last.orphans += count;
}

function startsSegment({ bytes, offset, end }: ByteReader): boolean {
  return offset < end && (bytes[offset]! & SEGMENT_START) !== 0;
}

type Decode = (decoder: RecordDecoder, input: ByteReader) => StreamRecord;

const decodeWhole: Decode = (decoder, input) => decoder.decode(input);
const decodeGlance: Decode = (decoder, input) => decoder.glance(input);

const NO_PLACE: Place = { position: null, decisions: null, lost: null };

/** What stands before a record in a block of version 2; `last` is the position of the record before it. */
function readPlace(input: ByteReader, last: number): Place {
  const position = last + 1 + input.varint();
  return { position, ...readDecisions(input, position) };
}

/** Null for a record that cannot be decoded; it is counted. */
function decodeOne(
  frame: JournalFrame,
  input: ByteReader,
  decoder: RecordDecoder,
  problems: JournalProblem[],
  decode: Decode,
  place: Place,
): JournalEntry | null {
  const body = input.bytes.subarray(input.offset, input.end);
  const startsSegment = (body[0]! & SEGMENT_START) !== 0;
  if (!startsSegment && !decoder.ready) {
    if (problems.length === 0) {
      problems.push(problem("damaged", frame.offset, 0, "the records before this place are missing"));
    }
    addOrphans(problems, 1);
    return null;
  }
  let record: StreamRecord;
  try {
    record = decode(decoder, input);
  } catch (error) {
    decoder.forget();
    problems.push(problem("content", frame.offset, frame.end - frame.offset, (error as Error).message));
    return null;
  }
  return {
    record,
    before: record.type === "step" ? decoder.before : null,
    offset: frame.offset,
    startsSegment,
    chain: frame.chain,
    body,
    ...place,
  };
}

function readSegment<Found>(
  step: number,
  index: JournalIndex,
  read: (segment: SegmentEntry) => Found | undefined,
): Found | undefined {
  const segment = segmentOf(step, index.segments);
  return segment === undefined ? undefined : read(segment);
}

/** The last segment that begins at or before the step. */
function segmentOf(step: number, segments: SegmentList): SegmentEntry | undefined {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments.firstStep(middle) <= step) low = middle;
    else high = middle - 1;
  }
  return low <= high && segments.firstStep(low) <= step ? segments.at(low) : undefined;
}

function sameSegments(a: SegmentList, b: SegmentList): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) {
    if (a.offset(at) !== b.offset(at) || a.firstStep(at) !== b.firstStep(at)) return false;
  }
  return true;
}

function problem(
  kind: JournalProblem["kind"],
  offset: number,
  bytes: number,
  message: string,
): JournalProblem {
  return { kind, offset, bytes, orphans: 0, message };
}
