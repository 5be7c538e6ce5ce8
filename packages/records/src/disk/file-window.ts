import type { FileSystem } from "./file-system.js";

/** Read ahead when a file is read from end to end. */
export const SEQUENTIAL_BYTES: number = 256 * 1024;
/** Read ahead elsewhere: the head, a usual index, or a block of a sealed journal. More would have to be allocated at each opening. */
export const RANDOM_BYTES: number = 4 * 1024;

/** Reads pieces of a file through one buffer; a piece is valid until the next read. */
export class FileWindow {
  readonly #fs: FileSystem;
  readonly #fd: number;
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #length = 0;
  /** Bytes to read where fewer are asked for. */
  ahead: number = RANDOM_BYTES;

  constructor(fs: FileSystem, fd: number) {
    this.#fs = fs;
    this.#fd = fd;
  }

  get size(): number {
    return this.#fs.fstatSync(this.#fd).size;
  }

  /** The bytes from `offset` on, `count` of them or as many as the file has. */
  read(offset: number, count: number): Uint8Array {
    if (offset < this.#start || offset + count > this.#start + this.#length) this.#fill(offset, count);
    const begin = offset - this.#start;
    return this.#buffer.subarray(begin, Math.min(begin + count, this.#length));
  }

  /** Forgets what was read: the file may have grown. */
  refresh(): void {
    this.#length = 0;
  }

  #fill(offset: number, count: number): void {
    const wanted = Math.max(count, this.ahead);
    if (this.#buffer.length < wanted) {
      // Not through Buffer's own class: its `slice` shares memory. Unsafe, because only what was read is given out.
      const memory = Buffer.allocUnsafeSlow(wanted);
      this.#buffer = new Uint8Array(memory.buffer, memory.byteOffset, wanted);
    }
    this.#start = offset;
    this.#length = 0;
    while (this.#length < count) {
      const at = this.#length;
      const got = this.#fs.readSync(this.#fd, this.#buffer, at, wanted - at, offset + at);
      if (got === 0) return;
      this.#length += got;
    }
  }
}
