import type { FileSystem } from "@episcope/records/store";

/**
 * A small JSON file that says how far something came. It is written aside and renamed, so a reader never meets half of it;
 * what is there may be older than the truth (the program was killed), never newer.
 */
export class PositionFile<T> {
  readonly #fs: FileSystem;
  readonly #path: string;
  #written: string | null = null;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = path;
  }

  /** Null where there is none, or none that can be read: whoever asks begins anew then. */
  read(): T | null {
    try {
      return JSON.parse(this.#fs.readFileSync(this.#path, "utf8")) as T;
    } catch {
      return null;
    }
  }

  /** Writes nothing where nothing has changed. Throws what the file system throws. */
  write(position: T): void {
    const text = `${JSON.stringify(position)}\n`;
    if (text === this.#written) return;
    const temporary = `${this.#path}.tmp`;
    this.#fs.writeFileSync(temporary, text);
    this.#fs.renameSync(temporary, this.#path);
    this.#written = text;
  }
}
