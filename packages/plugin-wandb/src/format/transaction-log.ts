import { crc32 } from "node:zlib";

/**
 * The framing of W&B's `run-<id>.wandb`: LevelDB's log format with a file header of its own and an unmasked
 * CRC-32 (IEEE) over chunk type and payload. All integers are little-endian.
 */

/** ASCII ":W&B", u16 magic 0xBEE1, u8 version 0. */
export const LOG_HEADER: Uint8Array = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00);

/** Counted from file offset 0, so the first block has room for 7 bytes less. */
export const BLOCK_SIZE = 32768;
const CHUNK_HEADER_SIZE = 7;

const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;
/** Seeds the checksum of a chunk: the CRC of its type byte. Index 0 is unused. */
const TYPE_CRC = [0, FULL, FIRST, MIDDLE, LAST].map((type) => crc32(Uint8Array.of(type)));

/** `zlib.crc32` of no bytes is 0 whatever its second argument, hence the first case. */
function checksum(type: number, payload: Uint8Array): number {
  return payload.length === 0 ? TYPE_CRC[type]! : crc32(payload, TYPE_CRC[type]);
}

/** The bytes that append `records` to a log whose length so far is `offset`. */
export function frameRecords(records: readonly Uint8Array[], offset: number): Uint8Array {
  let bound = 0;
  for (const record of records) {
    bound +=
      record.length + (Math.ceil(record.length / (BLOCK_SIZE - CHUNK_HEADER_SIZE)) + 2) * CHUNK_HEADER_SIZE;
  }
  const out = Buffer.allocUnsafe(bound);
  let position = 0;
  for (const record of records) {
    let written = 0;
    let first = true;
    do {
      let left = BLOCK_SIZE - ((offset + position) % BLOCK_SIZE);
      if (left < CHUNK_HEADER_SIZE) {
        out.fill(0, position, position + left);
        position += left;
        left = BLOCK_SIZE;
      }
      // With exactly 7 bytes left this is an empty first chunk, which is what the official writers do.
      const length = Math.min(left - CHUNK_HEADER_SIZE, record.length - written);
      const last = written + length === record.length;
      const type = first ? (last ? FULL : FIRST) : last ? LAST : MIDDLE;
      const payload = record.subarray(written, written + length);
      out.writeUInt32LE(checksum(type, payload), position);
      out.writeUInt16LE(length, position + 4);
      out[position + 6] = type;
      out.set(payload, position + CHUNK_HEADER_SIZE);
      position += CHUNK_HEADER_SIZE + length;
      written += length;
      first = false;
    } while (written < record.length);
  }
  return out.subarray(0, position);
}

/** Where reading a log ended, and why. */
export interface LogEnd {
  /** File offset after the last whole record; what follows is torn or damaged. */
  readonly offset: number;
  /** Null where the log ends with a whole record. */
  readonly problem: string | null;
}

/** Gives up to `length` bytes from `offset`; fewer only at the end of the file. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/** Reads a log that is in memory. */
export function readAtFrom(bytes: Uint8Array): ReadAt {
  return (offset, length) => bytes.subarray(offset, offset + length);
}

/**
 * Gives every whole record from `start` (0, or the offset of an end that was reached before) up to the first torn or damaged
 * chunk, block by block. A record's bytes are valid until the next one is asked for.
 */
export function* readRecords(readAt: ReadAt, start: number = 0): Generator<Uint8Array, LogEnd> {
  let blockStart = start - (start % BLOCK_SIZE);
  let block = readAt(blockStart, BLOCK_SIZE);
  if (start === 0 && !LOG_HEADER.every((byte, index) => block[index] === byte)) {
    return { offset: 0, problem: "the file does not begin with the header of a W&B log" };
  }
  let offset = Math.max(start, LOG_HEADER.length);
  let position = offset - blockStart;
  let parts: Uint8Array[] | null = null;
  const torn = (problem: string): LogEnd => ({ offset, problem });

  for (;;) {
    const left = BLOCK_SIZE - position;
    if (left < CHUNK_HEADER_SIZE) {
      const padding = block.subarray(position, BLOCK_SIZE);
      if (padding.some((byte) => byte !== 0)) return torn("the padding of a block is not zero");
      if (block.length < BLOCK_SIZE) {
        return block.length === position && parts === null
          ? { offset, problem: null }
          : torn("the file ends inside the padding of a block");
      }
      blockStart += BLOCK_SIZE;
      block = readAt(blockStart, BLOCK_SIZE);
      position = 0;
      if (block.length === 0) {
        return parts === null && padding.length === 0
          ? { offset, problem: null }
          : torn("the file ends where a record was to follow");
      }
      continue;
    }
    if (position === block.length && parts === null) return { offset, problem: null };
    if (position + CHUNK_HEADER_SIZE > block.length) return torn("the file ends inside a chunk header");
    const view = new DataView(block.buffer, block.byteOffset + position, CHUNK_HEADER_SIZE);
    const length = view.getUint16(4, true);
    const type = view.getUint8(6);
    if (type < FULL || type > LAST) return torn(`unknown chunk type ${type}`);
    if (length > left - CHUNK_HEADER_SIZE) return torn("a chunk is longer than its block");
    const end = position + CHUNK_HEADER_SIZE + length;
    if (end > block.length) return torn("the file ends inside a chunk");
    const payload = block.subarray(position + CHUNK_HEADER_SIZE, end);
    if (checksum(type, payload) !== view.getUint32(0, true)) return torn("a checksum does not match");
    if ((type === FULL || type === FIRST) !== (parts === null))
      return torn("the chunks of a record are not in order");
    position = end;
    if (type === FIRST || type === MIDDLE) {
      parts ??= [];
      parts.push(payload.slice());
      continue;
    }
    offset = blockStart + position;
    const record: Uint8Array = parts === null ? payload : Buffer.concat([...parts, payload]);
    parts = null;
    yield record;
  }
}
