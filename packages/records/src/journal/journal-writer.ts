import { ByteWriter } from "../coding/byte-writer.js";
import { crc32 } from "../coding/checksum.js";
import { FRAME_HEAD_BYTES, HEADER_BYTES } from "../coding/layout.js";
import { RecordEncoder } from "../coding/record-encoder.js";
import { fileDeleted } from "../disk/errors.js";
import type { FileSystem } from "../disk/file-system.js";
import { encodeHeader } from "../disk/header.js";
import { writeFully } from "../disk/write-fully.js";
import type { StreamRecord } from "../record/record.js";

const COPY_BYTES = 1 << 20;

export interface JournalWriterOptions {
  readonly fs: FileSystem;
  /** Number of the episode in its run, from 1, so that a lost manifest can be made again; 0 = run records. */
  readonly episode?: number;
  /** Creates the file and gives its descriptor. Default: as `openSync(path, "wx+")` does. */
  create?(): number;
  /** Goes on with a file whose records are whole up to this offset (`JournalReader.intactBytes`); what is behind it is cut off. */
  readonly resumeAt?: number;
}

/**
 * Appends records to a new journal file. The file is created by `open` or the first `flush`; EEXIST where there is one.
 *
 *     const writer = new JournalWriter(path, { fs });
 *     writer.append(record);   // into memory: no system call
 *     writer.flush();          // one write for all that was appended: survives the death of this process
 *     writer.sync();           // flush and fdatasync: survives a power loss
 *     writer.close();          // flush and close; sealing is `sealJournal`'s
 *
 * `append` throws RECORD_VALUE_UNSUPPORTED for what cannot be encoded, and nothing has changed. `flush` passes the
 * system's errors (ENOSPC, EIO), and ENOENT where somebody has deleted the file; everything unwritten stays buffered, so
 * it may be called again, or `discard`.
 */
export class JournalWriter {
  /** Changed by `continueIn` and `restartIn`. */
  path: string;
  readonly #fs: FileSystem;
  #create: () => number;
  /** Null before the file is created, and while the writer is parked. */
  #fd: number | null = null;
  #isCreated = false;
  /** The file system counts names, so that a file without one is known as deleted. */
  #countsNames = false;
  readonly #out = new ByteWriter(64 * 1024);
  readonly #encoder = new RecordEncoder(this.#out);
  /** Ends of the buffered records, in the buffer. */
  #ends: number[] = [];
  /** Where the buffer's first byte goes in the file. */
  #position = 0;
  #writtenOfBuffer = 0;
  #appended = 0;
  #closed = false;

  constructor(
    path: string,
    { fs, episode = 0, create = () => fs.openSync(path, "wx+"), resumeAt }: JournalWriterOptions,
  ) {
    this.path = path;
    this.#fs = fs;
    this.#create = resumeAt === undefined ? create : () => this.#reopenAt(resumeAt);
    if (resumeAt === undefined) this.#out.raw(encodeHeader("open", episode, 1));
    else this.#position = resumeAt;
  }

  /** Records appended since the file was created. */
  get appended(): number {
    return this.#appended;
  }

  /** Records that the system has taken: they survive the death of this process. */
  get written(): number {
    return this.#appended - this.#ends.length;
  }

  /** Bytes that `flush` would write. */
  get bufferedBytes(): number {
    return this.#out.length - this.#writtenOfBuffer;
  }

  /** Size of the file when all is flushed. */
  get size(): number {
    return this.#position + this.#out.length;
  }

  append(record: StreamRecord): void {
    const out = this.#out;
    const start = out.length;
    out.reserve(FRAME_HEAD_BYTES);
    out.length += FRAME_HEAD_BYTES;
    try {
      this.#encoder.encode(record);
    } catch (error) {
      out.length = start;
      throw error;
    }
    const body = start + FRAME_HEAD_BYTES;
    out.setU32(start, out.length - body);
    const sum = crc32(out.bytes, body, out.length, crc32(out.bytes, start, start + 4));
    out.setU32(start + 4, sum);
    this.#ends.push(out.length);
    this.#appended += 1;
  }

  /** Creates the file, or opens it again after `park`. */
  open(): void {
    this.#descriptor();
  }

  /** Gives the descriptor back; the next `flush` or `sync` opens the file again. What is buffered stays so. */
  park(): void {
    this.#release();
  }

  /** Hands all that is buffered to the system. */
  flush(): void {
    const out = this.#out;
    const done = this.#writtenOfBuffer;
    if (out.length === done) return;
    const fd = this.#descriptor();
    try {
      writeFully(this.#fs, fd, out.written(done), this.#position + done, this.path, (written) => {
        this.#writtenOfBuffer = done + written;
      });
    } catch (error) {
      let whole = 0;
      while (whole < this.#ends.length && this.#ends[whole]! <= this.#writtenOfBuffer) whole++;
      this.#ends.splice(0, whole);
      throw error;
    }
    // Until it is known that the file can still be found, the records count as not written.
    this.#writtenOfBuffer = done;
    if (this.#countsNames && this.#fs.fstatSync(fd).nlink === 0) throw fileDeleted(this.path);
    this.#position += out.length;
    out.length = 0;
    this.#writtenOfBuffer = 0;
    this.#ends = [];
  }

  /** Flushes and waits until the disk has it. After an error of `fdatasync` nothing is known to be safe: close it. */
  sync(): void {
    this.flush();
    this.#fs.fdatasyncSync(this.#descriptor());
  }

  /**
   * Gives up the records that could not be written, and cuts off the part of a record that was. Later records begin
   * a segment of their own. Gives the number of records given up.
   */
  discard(): number {
    const dropped = this.#ends.length;
    const boundary = this.#firstUnwritten();
    if (this.#isCreated)
      this.#fs.ftruncateSync(this.#descriptor(), Math.min(this.#position + this.#writtenOfBuffer, boundary));
    const header = boundary < HEADER_BYTES ? this.#out.written().slice(0, HEADER_BYTES) : null;
    this.#position = header === null ? boundary : 0;
    this.#out.length = 0;
    if (header !== null) this.#out.raw(header);
    this.#writtenOfBuffer = 0;
    this.#ends = [];
    this.#appended -= dropped;
    this.#encoder.startSegment();
    return dropped;
  }

  /**
   * Copies what the file holds to a new file, durably, for `continueIn`; the writer stays where it is. False where the
   * file cannot be read any more. Passes the errors of the new file, which may be there in part then.
   */
  copyTo(path: string): boolean {
    const length = this.#position;
    const source = length === 0 ? null : this.#readable();
    if (length > 0 && source === null) return false;
    const target = this.#fs.openSync(path, "wx+");
    try {
      const chunk = new Uint8Array(Math.min(length, COPY_BYTES));
      for (let offset = 0; offset < length; ) {
        const count = this.#read(source!, chunk, offset, length);
        if (count === 0) return false;
        writeFully(this.#fs, target, chunk.subarray(0, count), offset, path);
        offset += count;
      }
      this.#fs.fdatasyncSync(target);
      return true;
    } finally {
      this.#fs.closeSync(target);
    }
  }

  /** Goes on in the file that `copyTo` has made; what is buffered stays so. */
  continueIn(path: string): void {
    this.#leave(path);
    this.#isCreated = true;
    this.#writtenOfBuffer = 0;
  }

  /** Goes on in a new file without what the old one holds; gives the number of records given up, those that are buffered. */
  restartIn(path: string, episode: number, create: () => number): number {
    const dropped = this.#ends.length;
    this.#leave(path);
    this.#create = create;
    this.#isCreated = false;
    this.#position = 0;
    this.#out.length = 0;
    this.#out.raw(encodeHeader("open", episode, 1));
    this.#writtenOfBuffer = 0;
    this.#ends = [];
    this.#appended -= dropped;
    this.#encoder.startSegment();
    return dropped;
  }

  /** Flushes and closes; may be called twice. The file is closed also where the flush fails. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
    } finally {
      this.#release();
    }
  }

  #descriptor(): number {
    if (this.#fd !== null) return this.#fd;
    if (this.#isCreated) this.#fd = this.#fs.openSync(this.path, "r+");
    else {
      this.#fd = this.#create();
      this.#isCreated = true;
      this.#countsNames = this.#fs.fstatSync(this.#fd).nlink > 0;
    }
    return this.#fd;
  }

  #reopenAt(offset: number): number {
    const fd = this.#fs.openSync(this.path, "r+");
    this.#fs.ftruncateSync(fd, offset);
    return fd;
  }

  #release(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) this.#fs.closeSync(fd);
  }

  /** Offset in the file where the first record that is not wholly written begins. */
  #firstUnwritten(): number {
    const { bytes, length } = this.#out;
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    let offset = this.#position === 0 ? HEADER_BYTES : 0;
    if (this.#position === 0 && this.#writtenOfBuffer < HEADER_BYTES) return 0;
    while (offset < length) {
      const end = offset + FRAME_HEAD_BYTES + view.getUint32(offset, true);
      if (end > this.#writtenOfBuffer) break;
      offset = end;
    }
    return this.#position + offset;
  }

  #readable(): number | null {
    try {
      return this.#descriptor();
    } catch {
      return null;
    }
  }

  /** Bytes read; 0 where they cannot be. */
  #read(fd: number, chunk: Uint8Array, offset: number, end: number): number {
    try {
      return this.#fs.readSync(fd, chunk, 0, Math.min(chunk.length, end - offset), offset);
    } catch {
      return 0;
    }
  }

  #leave(path: string): void {
    try {
      this.#release();
    } catch {
      // Of a file that is given up.
    }
    this.path = path;
  }
}
