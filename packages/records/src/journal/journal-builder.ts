import { ByteWriter } from "../coding/byte-writer.js";
import { crc32 } from "../coding/checksum.js";
import { type Decisions, type RecordCounts, writeDecisions } from "../coding/decisions.js";
import { BODY, TRAILER_BYTES_2, TRAILER_MAGIC } from "../coding/layout.js";
import { checksumOf, encodeChained } from "../disk/chained-frames.js";
import { encodeHeader, type FileKind } from "../disk/header.js";
import type { EpisodeTotals, StreamRecord } from "../record/record.js";
import { contentBody } from "./block.js";
import { encodeIndexBodies } from "./index-encoding.js";
import { type JournalIndex, JournalIndexBuilder } from "./journal-index.js";

export const JOURNAL_VERSION = 2;

/** A record with the bytes of it that a block takes as they are. */
export interface JournalRecord {
  readonly position: number;
  /** A glance of it is enough. */
  readonly record: StreamRecord;
  readonly decisions: Decisions;
  readonly lost: RecordCounts | null;
  readonly body: Uint8Array;
  readonly startsSegment: boolean;
}

export interface JournalBuilderOptions {
  readonly kind: FileKind;
  /** Number of the episode in its run; 0 = run records. */
  readonly episode: number;
  readonly compression: boolean;
}

/**
 * Makes the bytes of a journal of version 2, block by block. A block is a segment, and each record in it stands behind its
 * position and what was decided. Knows no file: `peek` gives what is ready.
 */
export class JournalBuilder {
  readonly #options: JournalBuilderOptions;
  readonly #index = new JournalIndexBuilder();
  readonly #content = new ByteWriter(4 * 1024);
  readonly #head = new ByteWriter(64);
  #finished: JournalIndex | null = null;
  #ready: Uint8Array[] = [];
  #readyBytes = 0;
  /** Where the next frame goes in the file. */
  #offset = 0;
  #checksum = 0;
  /** Of the last record of the block; -1 at its beginning. */
  #position = -1;

  constructor(options: JournalBuilderOptions) {
    this.#options = options;
    this.#push(encodeHeader(options.kind, options.episode, JOURNAL_VERSION));
  }

  /** Bytes that `take` would give. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** Records are in a block that is not complete. */
  get isPartial(): boolean {
    return this.#content.length > 0;
  }

  get totals(): EpisodeTotals | undefined {
    return this.#index.totals;
  }

  add({ position, record, decisions, lost, body, startsSegment }: JournalRecord): void {
    if (startsSegment) {
      this.endBlock();
      this.#index.startSegment(this.#offset, this.#checksum);
    }
    const head = this.#head;
    head.length = 0;
    head.varint(position - this.#position - 1);
    writeDecisions(head, position, decisions, lost);
    this.#position = position;
    const content = this.#content;
    content.varint(head.length + body.length);
    content.raw(head.written());
    content.raw(body);
    this.#index.at(position);
    this.#index.add(record, decisions.key);
  }

  /** The next record has to begin a segment. */
  endBlock(): void {
    const content = this.#content;
    this.#position = -1;
    if (content.length === 0) return;
    this.#frame(contentBody(BODY.block, content.written(), this.#options.compression));
    content.length = 0;
  }

  /** What is ready: the same again, and more, until it is `taken`. */
  peek(): Uint8Array {
    if (this.#ready.length !== 1) this.#ready = [Buffer.concat(this.#ready)];
    return this.#ready[0]!;
  }

  /** What `peek` gave stands in the file. */
  taken(): void {
    this.#ready = [];
    this.#readyBytes = 0;
  }

  /** The last block, the index and the trailer: nothing can be added any more. May be called twice. */
  finish(): JournalIndex {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  #finish(): JournalIndex {
    this.endBlock();
    const index = this.#index.build();
    const offset = this.#offset;
    const chain = this.#checksum;
    for (const body of encodeIndexBodies(index, this.#options.compression)) this.#frame(body);
    this.#push(trailer(offset, chain));
    return index;
  }

  /** Goes on behind a frame that a file has already; the records up to there have been added. */
  resume(offset: number, checksum: number): void {
    this.taken();
    this.#offset = offset;
    this.#checksum = checksum;
  }

  /** A segment that a file has already. */
  readSegment(offset: number, chain: number): void {
    this.#index.startSegment(offset, chain);
  }

  /** A record that a file has already. */
  readRecord(position: number, record: StreamRecord, decisions: Decisions): void {
    this.#index.at(position);
    this.#index.add(record, decisions.key);
  }

  #frame(body: Uint8Array): void {
    const frame = encodeChained(body, this.#checksum);
    this.#checksum = checksumOf(frame);
    this.#push(frame);
  }

  #push(bytes: Uint8Array): void {
    this.#ready.push(bytes);
    this.#readyBytes += bytes.length;
    this.#offset += bytes.length;
  }
}

function trailer(indexOffset: number, chain: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES_2);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(indexOffset), true);
  view.setUint32(8, chain, true);
  view.setUint32(12, crc32(bytes, 0, 12), true);
  bytes.set(TRAILER_MAGIC, 16);
  return bytes;
}
