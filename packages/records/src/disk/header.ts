import { crc32 } from "../coding/checksum.js";
import {
  FILE_KIND,
  FORMAT_VERSION,
  HEADER_BYTES,
  MAGIC,
  WRITER_BYTES,
  WRITER_NAME,
} from "../coding/layout.js";
import { journalFromFuture, notAJournal } from "./errors.js";

export type FileKind = keyof typeof FILE_KIND;

export interface JournalHeader {
  readonly version: number;
  readonly kind: FileKind;
  /** Of an episode in its run, from 1; 0 for a journal of run records. Of a log: the segment's, from 1. */
  readonly number: number;
  /** Name and version of the program that wrote it. */
  readonly writer: string;
}

/**
 * Magic (8 bytes), format version (u16), minimal reader version (u16), kind (u8), number of the episode or segment
 * (u24, 0 = none), the writer's name in ASCII (20 bytes, filled with 0), CRC-32 of all that (u32).
 */
export function encodeHeader(kind: FileKind, number: number, version: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(8, version, true);
  view.setUint16(10, version, true);
  // The kind is the lowest byte, the number the three above it.
  view.setUint32(12, ((number & 0xffffff) << 8) | FILE_KIND[kind], true);
  for (let index = 0; index < WRITER_NAME.length; index++) bytes[16 + index] = WRITER_NAME.charCodeAt(index);
  view.setUint32(HEADER_BYTES - 4, crc32(bytes, 0, HEADER_BYTES - 4), true);
  return bytes;
}

const KINDS = Object.keys(FILE_KIND) as readonly FileKind[];

/**
 * Gives "damaged" where the checksum does not fit but enough is left to take the file for a journal, and null for a
 * file that ends within its header. Throws JOURNAL_NOT_RECOGNISED or JOURNAL_VERSION_UNSUPPORTED.
 */
export function decodeHeader(bytes: Uint8Array, path: string): JournalHeader | "damaged" | null {
  if (bytes.length < HEADER_BYTES) {
    if (startsLikeMagic(bytes)) return null;
    throw notAJournal(path, "it begins otherwise");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (crc32(bytes, 0, HEADER_BYTES - 4) !== view.getUint32(HEADER_BYTES - 4, true)) {
    if (matchingMagicBytes(bytes) < MAGIC.length - 1) throw notAJournal(path, "it begins otherwise");
    return "damaged";
  }
  if (!startsLikeMagic(bytes)) throw notAJournal(path, "it begins otherwise");
  const minimal = view.getUint16(10, true);
  let writer = "";
  for (const code of bytes.subarray(16, 16 + WRITER_BYTES))
    if (code !== 0) writer += String.fromCharCode(code);
  if (minimal > FORMAT_VERSION) throw journalFromFuture(path, writer, minimal, FORMAT_VERSION);
  return {
    version: view.getUint16(8, true),
    kind: KINDS[view.getUint8(12)] ?? "open",
    number: view.getUint32(12, true) >>> 8,
    writer,
  };
}

function startsLikeMagic(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, MAGIC.length);
  for (let index = 0; index < length; index++) if (bytes[index] !== MAGIC[index]) return false;
  return true;
}

function matchingMagicBytes(bytes: Uint8Array): number {
  return MAGIC.reduce((count, byte, index) => count + (bytes[index] === byte ? 1 : 0), 0);
}
