import { crc32 } from "../coding/checksum.js";
import { BODY, HEADER_BYTES, TRAILER_BYTES, TRAILER_BYTES_2, TRAILER_MAGIC } from "../coding/layout.js";
import { readChained } from "../disk/chained-frames.js";
import type { FileWindow } from "../disk/file-window.js";
import { readFrame } from "../disk/frames.js";
import { decodeIndex } from "./index-encoding.js";
import type { JournalIndex } from "./journal-index.js";

/** The index that a sealed file's trailer leads to; null where there is none. Throws where it cannot be decoded. */
export function readStoredIndex(file: FileWindow, version: number): JournalIndex | null {
  const trailerBytes = version > 1 ? TRAILER_BYTES_2 : TRAILER_BYTES;
  const checked = trailerBytes - 8;
  const size = file.size;
  if (size < HEADER_BYTES + trailerBytes) return null;
  const tail = Math.max(0, size - 4096);
  const end = file.read(tail, size - tail);
  const trailer = end.subarray(end.length - trailerBytes);
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailerBytes);
  if (!TRAILER_MAGIC.every((byte, at) => trailer[trailerBytes - 4 + at] === byte)) return null;
  if (crc32(trailer, 0, checked) !== view.getUint32(checked, true)) return null;
  const offset = Number(view.getBigUint64(0, true));
  const chain = version > 1 ? view.getUint32(8, true) : null;
  const frame = chain === null ? readFrame(file, offset) : readChained(file, offset, chain);
  if (frame === null || frame.body[0] !== BODY.index) return null;
  // Copies: the window moves on.
  const places = frame.body.slice();
  const { end: behind } = frame;
  const details =
    "checksum" in frame ? readChained(file, behind, frame.checksum as number) : readFrame(file, behind);
  if (details === null || details.body[0] !== BODY.indexDetails) return null;
  return decodeIndex(places, details.body.slice(), version);
}
