import type { FileSystem } from "@episcope/records/store";
import { logNotWritten } from "./errors.js";
import { frameRecords, LOG_HEADER } from "./transaction-log.js";

/**
 * A log that is being written. Whole records go out in one write call per batch, so that a killed process
 * leaves no half record behind, and nothing that was appended is held in the process's memory.
 */
export class LogFile {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #descriptor: number;
  #offset = 0;
  /** Of the file: behind `#offset` stands what was lent. */
  #end = 0;
  #synced = 0;

  private constructor(fs: FileSystem, path: string, descriptor: number) {
    this.#fs = fs;
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** Creates the file, never overwrites one (`EEXIST`), and writes its header. */
  static create(fs: FileSystem, path: string): LogFile {
    const log = new LogFile(fs, path, fs.openSync(path, "wx"));
    log.#write(LOG_HEADER);
    return log;
  }

  /** Goes on with a log at a length that it had; what came behind is cut off. Throws WANDB_LOG_NOT_WRITTEN. */
  static reopen(fs: FileSystem, path: string, length: number): LogFile {
    try {
      const log = new LogFile(fs, path, fs.openSync(path, "r+"));
      if (fs.fstatSync(log.#descriptor).size < length) throw new Error(`it is shorter than ${length} bytes`);
      log.#offset = length;
      log.#end = length;
      fs.ftruncateSync(log.#descriptor, length);
      return log;
    } catch (error) {
      throw logNotWritten(path, error);
    }
  }

  /** Bytes that stay: without what was only lent. */
  get length(): number {
    return this.#offset;
  }

  /**
   * Writes records that the next append takes back: a killed process leaves them behind, and a living one may still say
   * something else in their place.
   */
  lend(records: readonly Uint8Array[]): void {
    const length = this.#offset;
    this.append(records);
    this.#offset = length;
  }

  /** Appends encoded records; throws WANDB_LOG_NOT_WRITTEN, and then none of them is in the log. */
  append(records: readonly Uint8Array[]): void {
    if (records.length > 0) this.#write(frameRecords(records, this.#offset));
  }

  /** Resolves when what was appended would survive a loss of power. */
  async sync(): Promise<void> {
    const offset = this.#end;
    if (offset === this.#synced) return;
    await new Promise<void>((resolve, reject) => {
      this.#fs.fdatasync(this.#descriptor, (error) =>
        error ? reject(logNotWritten(this.#path, error)) : resolve(),
      );
    });
    this.#synced = offset;
  }

  close(): void {
    this.#fs.closeSync(this.#descriptor);
  }

  #write(bytes: Uint8Array): void {
    let written = 0;
    try {
      // One call in practice; a loop, because the system may take less than it was given.
      while (written < bytes.length) {
        written += this.#fs.writeSync(
          this.#descriptor,
          bytes,
          written,
          bytes.length - written,
          this.#offset + written,
        );
      }
    } catch (error) {
      this.#cutTornTail(written);
      throw logNotWritten(this.#path, error);
    }
    this.#offset += bytes.length;
    const isShorter = this.#offset < this.#end;
    this.#end = this.#offset;
    if (isShorter) this.#cutTornTail(bytes.length);
  }

  #cutTornTail(written: number): void {
    if (written === 0) return;
    try {
      this.#fs.ftruncateSync(this.#descriptor, this.#offset);
    } catch {
      // The next append writes over the torn bytes; until then readers stop before them.
    }
  }
}
