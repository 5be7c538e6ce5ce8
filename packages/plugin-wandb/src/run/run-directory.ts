import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { makeDirectories } from "@episcope/records/store";
import { directoryNotCreated } from "../format/errors.js";

const PARENT = "wandb";
/** Both `wandb sync` without arguments and our own listing look for this prefix. */
const PREFIX = "offline-run-";
const LATEST = "latest-run";
const ID_LENGTH = 8;
const MAX_ATTEMPTS = 100;

interface RunDirectoryOptions {
  readonly fs: FileSystem;
  /** Of the Episcope run; the W&B directory is `wandb/offline-run-…` in it. */
  readonly runDir: string;
  /** Unix seconds; in local time it is part of the name, as `wandb sync` expects. */
  readonly now: number;
  /** What makes this run different from others; the id is derived from it. */
  readonly seed: string;
}

/** The directory of one W&B run: its log, and `files/` with the media that the log names. */
export class RunDirectory {
  /** Absolute. */
  readonly path: string;
  /** 8 characters of `[a-z0-9]`. */
  readonly id: string;
  readonly #fs: FileSystem;

  private constructor(fs: FileSystem, path: string, id: string) {
    this.#fs = fs;
    this.path = path;
    this.id = id;
  }

  /** Makes the directory, never an existing one, and points `latest-run` at it. Throws WANDB_DIRECTORY_NOT_CREATED. */
  static create(options: RunDirectoryOptions): RunDirectory {
    const { fs, now, seed } = options;
    const parent = join(options.runDir, PARENT);
    let path = parent;
    try {
      makeDirectories(fs, parent);
      // A run that begins anew, without a state to go on from, must not write over the rows of its first beginning.
      const taken = fs.readdirSync(parent).map(String);
      for (let attempt = 0; ; attempt += 1) {
        const id = wandbRunId(attempt === 0 ? seed : `${seed}\n${attempt}`);
        if (taken.some((name) => name.startsWith(PREFIX) && name.endsWith(`-${id}`))) continue;
        const name = `${PREFIX}${localStamp(now)}-${id}`;
        path = join(parent, name);
        try {
          fs.mkdirSync(path);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === "EEXIST" && attempt < MAX_ATTEMPTS) continue;
          throw error;
        }
        fs.mkdirSync(join(path, "files"));
        pointLatestAt(fs, parent, name);
        return new RunDirectory(fs, path, id);
      }
    } catch (error) {
      throw directoryNotCreated(path, error);
    }
  }

  /** The directory of a name that `create` gave before; null where it is gone. */
  static reopen(fs: FileSystem, runDir: string, name: string): RunDirectory | null {
    const path = join(runDir, PARENT, name);
    const id = name.slice(-ID_LENGTH);
    const directory = new RunDirectory(fs, path, id);
    if (!name.startsWith(PREFIX) || !fs.existsSync(directory.logPath)) return null;
    // It is not complete any more.
    fs.rmSync(`${directory.logPath}.synced`, { force: true });
    return directory;
  }

  get name(): string {
    return basename(this.path);
  }

  get logPath(): string {
    return join(this.path, `run-${this.id}.wandb`);
  }

  /** Where a file below `files/` stands; `path` has slashes. */
  pathOf(path: string): string {
    return join(this.path, "files", ...path.split("/"));
  }

  /** Writes a file below `files/` so that it is whole or absent. */
  writeFile(path: string, bytes: Uint8Array): void {
    this.#write(this.pathOf(path), bytes);
  }

  /** Writes a file that is part of an artifact only; returns its path. */
  writeArtifactFile(name: string, bytes: Uint8Array): string {
    const target = join(this.path, "artifacts", name);
    this.#write(target, bytes);
    return target;
  }

  #write(target: string, bytes: Uint8Array): void {
    const temporary = `${target}.tmp`;
    makeDirectories(this.#fs, dirname(target));
    try {
      this.#fs.writeFileSync(temporary, bytes);
      this.#fs.renameSync(temporary, target);
    } catch (error) {
      this.#fs.rmSync(temporary, { force: true });
      throw error;
    }
  }
}

/** The W&B directories of an Episcope run, oldest first; empty where there are none. */
export function wandbDirectories(runDir: string, fs: Pick<FileSystem, "readdirSync">): string[] {
  const parent = join(runDir, PARENT);
  try {
    return fs
      .readdirSync(parent)
      .filter((name) => name.startsWith(PREFIX))
      .sort()
      .map((name) => join(parent, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** What a person types to upload a directory with the official client. */
export function wandbSyncCommand(directory: string): string {
  return `wandb sync ${shellWord(directory)}`;
}

/** A path as one word of a shell's command line. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** A run id in W&B's own form, derived from `seed`. */
function wandbRunId(seed: string): string {
  const digest = createHash("sha256").update(seed).digest("hex");
  return BigInt(`0x${digest}`).toString(36).slice(-ID_LENGTH).padStart(ID_LENGTH, "0");
}

/** Path below `files/` for a logged object; the key keeps its slashes as folders. */
export function mediaPath(
  folder: string,
  key: string,
  tag: string,
  sha256: string,
  extension: string,
): string {
  const parts = key
    .replace(/^\/+/, "")
    .split("/")
    .map((part) => (part === "" || part === "." || part === ".." ? "_" : part));
  return `media/${folder}/${parts.join("/")}_${tag}_${sha256.slice(0, 20)}.${extension}`;
}

/** YYYYMMDD_HHMMSS in local time. */
export function localStamp(unixSeconds: number): string {
  const time = new Date(unixSeconds * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${date}_${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

/** A convenience for people: file systems without links do without. */
function pointLatestAt(fs: FileSystem, parent: string, name: string): void {
  const link = join(parent, LATEST);
  try {
    if (fs.lstatSync(link, { throwIfNoEntry: false }) !== undefined) fs.unlinkSync(link);
    fs.symlinkSync(name, link, "dir");
  } catch {
    // Nothing reads it but people and `wandb` without arguments.
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
