import { dirname } from "node:path";
import type { Durability } from "../disk/durability.js";
import type { FileSystem } from "../disk/file-system.js";
import { toStorageError } from "../disk/storage-errors.js";
import { syncDirectory } from "../disk/write-atomically.js";
import { JournalWriter } from "../journal/journal-writer.js";

/** Journals that have a descriptor at the same time; the others are opened again when they are written. */
const OPEN_JOURNALS = 12;

export interface JournalFilesOptions {
  readonly fs: FileSystem;
  readonly durability: Durability;
  report(error: unknown, key: string): void;
}

/** Makes the files of journals at the run's durability, and keeps few of them open, however many are written. */
export class JournalFiles {
  readonly #options: JournalFilesOptions;
  /** Those that have a descriptor, the longest unused first. */
  readonly #open: Set<JournalWriter> = new Set();

  constructor(options: JournalFilesOptions) {
    this.#options = options;
  }

  /** A writer whose file is made when it is first written, so that a disk that refuses is only tried again. */
  writer(path: string, episode: number, makeDirectory: () => void): JournalWriter {
    const { fs } = this.#options;
    const create = (): number => {
      makeDirectory();
      return this.create(path);
    };
    return new JournalWriter(path, { fs, episode, create });
  }

  /** Makes the file and gives its descriptor; EEXIST where there is one. */
  create(path: string): number {
    const { fs, durability } = this.#options;
    const fd = fs.openSync(path, "wx+");
    if (durability === "process") return fd;
    try {
      syncDirectory(fs, dirname(path));
      syncDirectory(fs, dirname(dirname(path)));
      return fd;
    } catch (error) {
      fs.closeSync(fd);
      fs.rmSync(path, { force: true });
      throw error;
    }
  }

  /** The writer was written. Takes the descriptor of the one that was longest ago, where there are too many. */
  used(writer: JournalWriter): void {
    this.#open.delete(writer);
    this.#open.add(writer);
    if (this.#open.size <= OPEN_JOURNALS) return;
    const [oldest] = this.#open;
    this.#open.delete(oldest!);
    this.#attempt(oldest!, () => oldest!.park());
  }

  /** The writer has no descriptor any more. */
  forget(writer: JournalWriter): void {
    this.#open.delete(writer);
  }

  /** Closes the writer; what goes wrong is reported. */
  close(writer: JournalWriter): void {
    this.#open.delete(writer);
    this.#attempt(writer, () => writer.close());
  }

  #attempt(writer: JournalWriter, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.report(toStorageError(error, writer.path), "journal");
    }
  }
}
