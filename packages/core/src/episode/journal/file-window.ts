import type { FileSystem } from "../file-system.js";

const WINDOW_BYTES = 256 * 1024;
const EMPTY = new Uint8Array(0);

/** Reads pieces of a file through one buffer; a piece is valid until the next read. */
export class FileWindow {
  readonly #fs: FileSystem;
  readonly #fd: number;
  #buffer = EMPTY;
  #start = 0;
  #length = 0;

  constructor(fs: FileSystem, fd: number) {
    this.#fs = fs;
    this.#fd = fd;
  }

  get size(): number {
    return this.#fs.fstatSync(this.#fd).size;
  }

  /** The bytes from `offset` on, `count` of them or as many as the file has. `ahead` = read more for the next call. */
  read(offset: number, count: number, ahead = true): Uint8Array {
    if (offset < this.#start || offset + count > this.#start + this.#length) {
      const left = ahead && count < WINDOW_BYTES ? this.size - offset : 0;
      this.#fill(offset, Math.max(count, Math.min(WINDOW_BYTES, left)));
    }
    const begin = offset - this.#start;
    return this.#buffer.subarray(begin, Math.min(begin + count, this.#length));
  }

  /** Forgets what was read: the file may have grown. */
  refresh(): void {
    this.#length = 0;
  }

  #fill(offset: number, count: number): void {
    if (this.#buffer.length < count) this.#buffer = new Uint8Array(count);
    this.#start = offset;
    this.#length = 0;
    while (this.#length < count) {
      const got = this.#fs.readSync(
        this.#fd,
        this.#buffer,
        this.#length,
        count - this.#length,
        offset + this.#length,
      );
      if (got === 0) return;
      this.#length += got;
    }
  }
}
