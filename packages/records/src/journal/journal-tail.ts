import { ByteReader } from "../coding/byte-reader.js";
import { HEADER_BYTES, SEGMENT_START } from "../coding/layout.js";
import { RecordDecoder } from "../coding/record-decoder.js";
import type { FileSystem } from "../disk/file-system.js";
import { FileWindow, SEQUENTIAL_BYTES } from "../disk/file-window.js";
import { type Frame, findFrame, readFrame } from "../disk/frames.js";
import { decodeHeader } from "../disk/header.js";
import type { StreamRecord } from "../record/record.js";

/**
 * Follows a journal while another process appends to it. The file is kept open: that it is sealed meanwhile, and so
 * replaced, takes nothing away, because the open journal has all records up to its end.
 *
 * Throws JOURNAL_NOT_RECOGNISED, JOURNAL_VERSION_UNSUPPORTED, or the system's error when it opens the file.
 */
export class JournalTail {
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #path: string;
  readonly #file: FileWindow;
  readonly #decoder = new RecordDecoder();
  #offset = 0;
  #skippedBytes = 0;

  constructor(path: string, { fs }: { readonly fs: FileSystem }) {
    this.#fs = fs;
    this.#path = path;
    this.#fd = fs.openSync(path, "r");
    this.#file = new FileWindow(fs, this.#fd);
    this.#file.ahead = SEQUENTIAL_BYTES;
  }

  /** Bytes of damage that were passed over. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** The records that have come whole since the last call. What is not whole yet is waited for. */
  poll(): StreamRecord[] {
    this.#file.refresh();
    const records: StreamRecord[] = [];
    if (this.#offset === 0 && !this.#readHeader()) return records;
    for (let frame = this.#nextFrame(); frame !== null; frame = this.#nextFrame()) {
      this.#offset = frame.end;
      const startsSegment = (frame.body[0]! & SEGMENT_START) !== 0;
      if (!startsSegment && !this.#decoder.ready) {
        this.#skippedBytes += frame.end - frame.offset;
        continue;
      }
      try {
        records.push(this.#decoder.decode(new ByteReader(frame.body)));
      } catch {
        this.#decoder.forget();
        this.#skippedBytes += frame.end - frame.offset;
      }
    }
    return records;
  }

  close(): void {
    this.#fs.closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readHeader(): boolean {
    if (decodeHeader(this.#file.read(0, HEADER_BYTES), this.#path) === null) return false;
    this.#offset = HEADER_BYTES;
    return true;
  }

  #nextFrame(): Frame | null {
    const frame = readFrame(this.#file, this.#offset);
    if (frame !== null) return frame;
    const size = this.#file.size;
    if (size <= this.#offset) return null;
    // A frame behind bytes that are none shows that these are damage, and not one that is still being written.
    const next = findFrame(this.#file, this.#offset + 1, size);
    if (next === null) return null;
    this.#decoder.forget();
    this.#skippedBytes += next.offset - this.#offset;
    return next;
  }
}
