import { basename, join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { makeDirectories } from "../disk/make-directories.js";
import { cleanupRefused } from "../disk/storage-errors.js";
import { type HeldDirectory, holdDirectory } from "./held-directory.js";
import { type Manifest, readManifest, writeManifest } from "./manifest.js";
import { createLock, isRunLocked, LOCK_FILE, MARK_DIRECTORY } from "./run-lock.js";

/**
 * A run that a cleanup works on: its real directory is held open, and it is locked, so that neither a recorder nor
 * another cleaner works on it meanwhile. The run that this process records is locked already, and keeps its manifest
 * itself.
 */
export class HeldRun implements Disposable {
  readonly name: string;
  readonly isOwn: boolean;
  readonly #fs: FileSystem;
  readonly #directory: HeldDirectory;
  /** Null for the own run. */
  readonly #mark: HeldDirectory | null;
  #manifest: Manifest;
  #isChanged = false;

  /** Throws CLEANUP_REFUSED for what is no run of ours, and for one that is locked. */
  constructor(fs: FileSystem, base: string, name: string, own: Manifest | null) {
    if (name !== basename(name) || name === "." || name === "..")
      throw cleanupRefused(name, "it is no name of a directory below the base");
    this.name = name;
    this.isOwn = own !== null;
    this.#fs = fs;
    this.#directory = holdDirectory(fs, join(base, name));
    try {
      this.#mark = this.isOwn ? null : this.#lock();
    } catch (error) {
      this.#directory[Symbol.dispose]();
      throw error;
    }
    const manifest = own ?? readManifest(fs, this.path);
    if (manifest === null) {
      this[Symbol.dispose]();
      throw cleanupRefused(name, "it has no manifest of ours");
    }
    this.#manifest = manifest;
  }

  get path(): string {
    return this.#directory.path;
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /** Written when the run is let go. */
  set manifest(manifest: Manifest) {
    this.#manifest = manifest;
    this.#isChanged = true;
  }

  /** Writes the manifest if it has changed, and unlocks the run. */
  [Symbol.dispose](): void {
    try {
      if (this.#isChanged) writeManifest(this.#fs, this.path, this.#manifest);
    } finally {
      if (this.#mark !== null) {
        this.#fs.rmSync(`${this.#mark.path}/${LOCK_FILE}`, { force: true });
        this.#mark[Symbol.dispose]();
      }
      this.#directory[Symbol.dispose]();
    }
  }

  #lock(): HeldDirectory {
    // What is no run of ours gets no lock either.
    if (readManifest(this.#fs, this.path) === null)
      throw cleanupRefused(this.name, "it has no manifest of ours");
    const refused = (): Error =>
      cleanupRefused(this.name, "another process records into it, or cleans it up");
    if (isRunLocked(this.#fs, this.path)) throw refused();
    const place = join(this.path, MARK_DIRECTORY);
    if (!this.#fs.existsSync(place)) makeDirectories(this.#fs, place);
    const mark = holdDirectory(this.#fs, place);
    try {
      if (createLock(this.#fs, mark.path)) return mark;
    } catch (error) {
      mark[Symbol.dispose]();
      throw error;
    }
    mark[Symbol.dispose]();
    throw refused();
  }
}
