import { randomBytes } from "node:crypto";
import type { FileSystem } from "../disk/file-system.js";
import type { Accounting } from "../record/record.js";
import { MANIFEST_VERSION, type Manifest, type ManifestEpisode, writeManifest } from "./manifest.js";

export interface ManifestWriterOptions {
  readonly fs: FileSystem;
  /** Name of the run. */
  readonly run: string;
  /** Unix seconds. */
  readonly created: number;
}

/**
 * Keeps the manifest of a run that is being recorded. The file is written at once while episodes are few, later
 * after every two per cent more: what is missing after a crash is found again from the journals.
 */
export class ManifestWriter {
  readonly #fs: FileSystem;
  #runDir: string;
  #episodes = new Map<number, ManifestEpisode>();
  #head: Omit<Manifest, "episodes">;
  /** Of the directory that the run has left. */
  #left: ManifestWriter | null = null;
  #unwritten = 0;

  constructor(runDir: string, { fs, run, created }: ManifestWriterOptions) {
    this.#fs = fs;
    this.#runDir = runDir;
    this.#head = {
      episcope: MANIFEST_VERSION,
      run,
      run_id: randomBytes(16).toString("hex"),
      created,
      complete: false,
      accounting: {},
    };
  }

  get manifest(): Manifest {
    const episodes = [...this.#episodes.values()].sort((a, b) => a.number - b.number);
    return { ...this.#head, episodes };
  }

  /** Adds an episode or replaces its entry. Passes the system's error where the file cannot be written. */
  add(episode: ManifestEpisode): void {
    if (this.#left?.lists(episode.number)) {
      this.#left.add(episode);
      return;
    }
    this.#episodes.set(episode.number, episode);
    this.#unwritten += 1;
    if (this.#unwritten >= this.#episodes.size / 50) this.write();
  }

  lists(number: number): boolean {
    return this.#episodes.has(number);
  }

  /** Forgets an episode that a cleanup deleted. */
  remove(number: number): void {
    this.#left?.remove(number);
    if (this.#episodes.delete(number)) this.#unwritten += 1;
  }

  write(): void {
    writeManifest(this.#fs, this.#runDir, this.manifest);
    this.#unwritten = 0;
  }

  /** The run goes on in another directory: what is listed stays behind, with a manifest that says where it goes on. */
  moveTo(runDir: string): void {
    const { run, created } = this.#head;
    const left = new ManifestWriter(this.#runDir, { fs: this.#fs, run, created });
    left.#head = { ...this.#head, continued_in: runDir };
    left.#episodes = this.#episodes;
    this.#left = left;
    this.#head = { ...this.#head, continues: this.#runDir };
    this.#runDir = runDir;
    this.#episodes = new Map();
    this.write();
    left.#writeIfPossible();
  }

  /** At the end of the run. */
  finish(accounting: { readonly [sink: string]: Accounting }): void {
    this.#head = { ...this.#head, accounting, complete: true };
    this.write();
    const left = this.#left;
    if (left === null) return;
    left.#head = { ...left.#head, accounting, complete: true };
    left.#writeIfPossible();
  }

  /** That the directory cannot be written is why the run has left it. */
  #writeIfPossible(): void {
    try {
      this.write();
    } catch {
      // The other part names this one.
    }
  }
}
