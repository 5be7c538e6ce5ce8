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

  /** Appends encoded records; throws WANDB_LOG_NOT_WRITTEN, and then none of them is in the log. */
  append(records: readonly Uint8Array[]): void {
    if (records.length > 0) this.#write(frameRecords(records, this.#offset));
  }

  /** Resolves when what was appended would survive a loss of power. */
  async sync(): Promise<void> {
    const offset = this.#offset;
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
