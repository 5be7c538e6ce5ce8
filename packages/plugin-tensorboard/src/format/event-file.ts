import { basename, join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { eventFileNotWritten } from "./errors.js";
import { versionEvent } from "./events.js";
import { frameRecord } from "./tfrecord.js";

/** Where a file was at a moment, as plain data. */
export interface EventFilePosition {
  readonly name: string;
  readonly length: number;
}

/** An event file that is being written: whole records, one write call for a batch of them. */
export class EventFile {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #descriptor: number;
  #length: number;

  private constructor(fs: FileSystem, path: string, descriptor: number, length: number) {
    this.#fs = fs;
    this.#path = path;
    this.#descriptor = descriptor;
    this.#length = length;
  }

  /** Makes `events.out.tfevents.<seconds>.episcope` in the folder, never over another. Throws TENSORBOARD_NOT_WRITTEN. */
  static create(fs: FileSystem, folder: string, time: number): EventFile {
    let path = folder;
    try {
      fs.mkdirSync(folder, { recursive: true });
      for (let attempt = 0; ; attempt += 1) {
        path = join(
          folder,
          `events.out.tfevents.${Math.floor(time)}.episcope${attempt === 0 ? "" : `.${attempt}`}`,
        );
        if (fs.existsSync(path)) continue;
        const file = new EventFile(fs, path, fs.openSync(path, "wx"), 0);
        file.append([versionEvent(time)]);
        return file;
      }
    } catch (cause) {
      throw eventFileNotWritten(path, cause);
    }
  }

  /** Goes on at a position that the file had, and cuts off what came behind; null where the file is gone. */
  static reopen(fs: FileSystem, folder: string, { name, length }: EventFilePosition): EventFile | null {
    const path = join(folder, basename(name));
    try {
      const descriptor = fs.openSync(path, "r+");
      fs.ftruncateSync(descriptor, length);
      return new EventFile(fs, path, descriptor, length);
    } catch {
      return null;
    }
  }

  get position(): EventFilePosition {
    return { name: basename(this.#path), length: this.#length };
  }

  /** Throws TENSORBOARD_NOT_WRITTEN; what was written of the events is then written over by the next call. */
  append(events: readonly Uint8Array[]): void {
    if (events.length === 0) return;
    const bytes = Buffer.concat(events.map(frameRecord));
    try {
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.length - written;
        written += this.#fs.writeSync(this.#descriptor, bytes, written, rest, this.#length + written);
      }
    } catch (cause) {
      throw eventFileNotWritten(this.#path, cause);
    }
    this.#length += bytes.length;
  }

  sync(): void {
    this.#fs.fdatasyncSync(this.#descriptor);
  }

  close(): void {
    this.#fs.closeSync(this.#descriptor);
  }
}
