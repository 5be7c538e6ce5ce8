import type { FileSystem } from "../file-system.js";
import type { StreamRecord } from "../record.js";
import { writeAtomically } from "../write-atomically.js";
import { encodeContent } from "./block.js";
import { ByteWriter } from "./byte-writer.js";
import { crc32 } from "./checksum.js";
import { journalDamaged } from "./errors.js";
import { encodeHeader } from "./header.js";
import { encodeIndex, type JournalIndex, JournalIndexBuilder } from "./journal-index.js";
import { JournalReader } from "./journal-reader.js";
import {
  BODY,
  HEADER_BYTES,
  SEGMENT_BYTES,
  SEGMENT_RECORDS,
  TRAILER_BYTES,
  TRAILER_MAGIC,
} from "./layout.js";
import { RecordEncoder } from "./record-encoder.js";

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
  return writeSealedJournal(path, checked(reader), { fs, compression, episode: reader.episode });
}

/** Writes a sealed journal of the given records. */
export function writeSealedJournal(
  path: string,
  records: Iterable<StreamRecord>,
  { fs, compression = true, episode = 0 }: WriteSealedOptions,
): SealResult {
  const sealer = new JournalSealer(compression, episode);
  const bytes = writeAtomically(fs, path, sealer.pieces(records));
  return { bytes, index: sealer.index };
}

function* checked(reader: JournalReader): Generator<StreamRecord> {
  yield* reader.records();
  if (reader.problems.length > 0) throw journalDamaged(reader.path, reader.problems.length);
}

/** A small index is not compressed: reading it is part of every access to a step. */
const PLAIN_INDEX_BYTES = 16 * 1024;

class JournalSealer {
  readonly #builder = new JournalIndexBuilder();
  readonly #compression: boolean;

  readonly #episode: number;

  constructor(compression: boolean, episode: number) {
    this.#compression = compression;
    this.#episode = episode;
  }

  get index(): JournalIndex {
    return this.#builder.build();
  }

  /** The bytes of the file, block by block. */
  *pieces(records: Iterable<StreamRecord>): Generator<Uint8Array> {
    const encoder = new RecordEncoder();
    const content = new ByteWriter(16 * 1024);
    let offset = HEADER_BYTES;
    let counted = 0;
    yield encodeHeader(true, this.#episode);
    for (const record of records) {
      const counts = record.type === "step" || record.type === "metrics" || record.type === "batch";
      if (content.length > 0 && ((counts && counted >= SEGMENT_RECORDS) || content.length >= SEGMENT_BYTES)) {
        const block = encodeContent(BODY.block, content.written(), this.#compression);
        yield block;
        offset += block.length;
        content.length = 0;
      }
      if (content.length === 0) {
        encoder.startSegment();
        this.#builder.startSegment(offset);
        counted = 0;
      }
      encoder.out.length = 0;
      encoder.encode(record);
      content.varint(encoder.out.length);
      content.raw(encoder.out.written());
      this.#builder.add(record);
      if (counts) counted += 1;
    }
    if (content.length > 0) {
      const block = encodeContent(BODY.block, content.written(), this.#compression);
      yield block;
      offset += block.length;
    }
    const index = encodeIndex(this.#builder.build());
    yield encodeContent(BODY.index, index, this.#compression && index.length > PLAIN_INDEX_BYTES);
    yield trailer(offset);
  }
}

function trailer(indexOffset: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(indexOffset), true);
  view.setUint32(8, crc32(bytes, 0, 8), true);
  bytes.set(TRAILER_MAGIC, 12);
  return bytes;
}
