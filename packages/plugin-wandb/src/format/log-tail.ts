import type { FileSystem } from "@episcope/records/store";
import { decodeRecord, type LoggedRecord } from "./decode-records.js";
import { type LogEnd, type ReadAt, readRecords } from "./transaction-log.js";

/** Reads a log that may still be growing, record by record, each once. */
export class LogTail {
  readonly #fs: FileSystem;
  readonly #descriptor: number;
  #reader: Generator<Uint8Array, LogEnd> | null = null;
  #offset = 0;
  #limit = Number.POSITIVE_INFINITY;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#descriptor = fs.openSync(path, "r");
  }

  /** Bytes of the file that may be read; what stands behind them may still be taken back. Default: all. */
  set limit(bytes: number) {
    this.#limit = bytes;
  }

  /** The next whole record; null where there is none yet. */
  next(): LoggedRecord | null {
    this.#reader ??= readRecords(this.#readAt, this.#offset);
    const { done, value } = this.#reader.next();
    if (done !== true) return decodeRecord(value);
    // A torn end is a record that is being written.
    this.#offset = value.offset;
    this.#reader = null;
    return null;
  }

  close(): void {
    this.#fs.closeSync(this.#descriptor);
  }

  readonly #readAt: ReadAt = (offset, length) => {
    const wanted = Math.max(0, Math.min(length, this.#limit - offset));
    const buffer = Buffer.alloc(wanted);
    let filled = 0;
    while (filled < wanted) {
      const count = this.#fs.readSync(this.#descriptor, buffer, filled, wanted - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  };
}
