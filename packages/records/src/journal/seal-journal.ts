import { ByteWriter } from "../coding/byte-writer.js";
import { crc32 } from "../coding/checksum.js";
import { BODY, HEADER_BYTES, SEGMENT_START, TRAILER_BYTES, TRAILER_MAGIC } from "../coding/layout.js";
import { RecordEncoder } from "../coding/record-encoder.js";
import type { FileSystem } from "../disk/file-system.js";
import { encodeHeader } from "../disk/header.js";
import { writeAtomically } from "../disk/write-atomically.js";
import type { StreamRecord } from "../record/record.js";
import { encodeContent } from "./block.js";
import { journalDamaged } from "./errors.js";
import { encodeIndex } from "./index-encoding.js";
import { JournalBuilder } from "./journal-builder.js";
import { type JournalIndex, JournalIndexBuilder } from "./journal-index.js";
import { type JournalItem, JournalReader } from "./journal-reader.js";

export interface SealOptions {
  readonly fs: FileSystem;
  /** `logging.async_logger.enable_compression`; default true. */
  readonly compression?: boolean;
}

export interface WriteSealedOptions extends SealOptions {
  /** Number of the episode in its run, as in `JournalWriterOptions`. */
  readonly episode?: number;
}

export interface SealResult {
  /** Of the sealed file. */
  readonly bytes: number;
  readonly index: JournalIndex;
}

/**
 * Replaces a finished open journal by its sealed form: blocks of 64 steps, compressed, and an index. Written aside,
 * made durable and renamed: a crash leaves the open journal or the sealed one. Sealing a sealed file changes
 * nothing. Throws JOURNAL_DAMAGED for a file with problems, which stays as it is.
 */
export function sealJournal(path: string, { fs, compression = true }: SealOptions): SealResult {
  using reader = new JournalReader(path, { fs });
  if (reader.sealed) {
    const { index } = reader;
    return { bytes: fs.statSync(path).size, index };
  }
  return writeSealed(path, checked(reader), { fs, compression, episode: reader.episode });
}

/** Writes a sealed journal of the given records. */
export function writeSealedJournal(
  path: string,
  records: Iterable<StreamRecord>,
  { fs, compression = true, episode = 0 }: WriteSealedOptions,
): SealResult {
  return writeSealed(path, encoded(records), { fs, compression, episode });
}

/** Writes a sealed journal of version 2 of what another one has, with positions and decisions. */
export function writeSealedItems(
  path: string,
  items: Iterable<JournalItem>,
  { fs, compression = true, episode = 0 }: WriteSealedOptions,
): SealResult {
  const builder = new JournalBuilder({ kind: "sealed", episode, compression });
  const encoder = new RecordEncoder();
  function* pieces(): Generator<Uint8Array> {
    for (const { record, position, decisions, lost } of items) {
      if (position === null || decisions === null) continue;
      encoder.out.length = 0;
      encoder.encode(record);
      const body = encoder.out.written();
      const startsSegment = (body[0]! & SEGMENT_START) !== 0;
      builder.add({ position, record, decisions, lost, body, startsSegment });
      yield builder.peek();
      builder.taken();
    }
    builder.finish();
    yield builder.peek();
  }
  const bytes = writeAtomically(fs, path, pieces());
  return { bytes, index: builder.finish() };
}

/** A record, and the bytes of it that a block takes as they are. */
interface EncodedRecord {
  /** A glance of it is enough. */
  readonly record: StreamRecord;
  readonly body: Uint8Array;
  readonly startsSegment: boolean;
}

/** The bytes of the open journal: what is whole there is not encoded again. */
function* checked(reader: JournalReader): Generator<EncodedRecord> {
  yield* reader.glances();
  if (reader.problems.length > 0) throw journalDamaged(reader.path, reader.problems.length);
}

function* encoded(records: Iterable<StreamRecord>): Generator<EncodedRecord> {
  const encoder = new RecordEncoder();
  for (const record of records) {
    encoder.out.length = 0;
    encoder.encode(record);
    const body = encoder.out.written();
    yield { record, body, startsSegment: (body[0]! & SEGMENT_START) !== 0 };
  }
}

function writeSealed(
  path: string,
  records: Iterable<EncodedRecord>,
  { fs, compression, episode }: Required<WriteSealedOptions>,
): SealResult {
  const builder = new JournalIndexBuilder();
  const bytes = writeAtomically(fs, path, pieces(records, builder, compression, episode));
  return { bytes, index: builder.build() };
}

/** The bytes of the file, block by block. A block is a segment. */
function* pieces(
  records: Iterable<EncodedRecord>,
  builder: JournalIndexBuilder,
  compression: boolean,
  episode: number,
): Generator<Uint8Array> {
  const content = new ByteWriter(16 * 1024);
  let offset = HEADER_BYTES;
  yield encodeHeader("sealed", episode, 1);
  for (const { record, body, startsSegment } of records) {
    if (startsSegment) {
      if (content.length > 0) {
        const block = encodeContent(BODY.block, content.written(), compression);
        yield block;
        offset += block.length;
        content.length = 0;
      }
      builder.startSegment(offset);
    }
    content.varint(body.length);
    content.raw(body);
    builder.add(record);
  }
  if (content.length > 0) {
    const block = encodeContent(BODY.block, content.written(), compression);
    yield block;
    offset += block.length;
  }
  yield* encodeIndex(builder.build(), compression);
  yield trailer(offset);
}

function trailer(indexOffset: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(indexOffset), true);
  view.setUint32(8, crc32(bytes, 0, 8), true);
  bytes.set(TRAILER_MAGIC, 12);
  return bytes;
}
