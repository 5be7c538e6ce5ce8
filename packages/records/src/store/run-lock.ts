import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { makeDirectories } from "../disk/make-directories.js";
import { runInUse } from "../disk/storage-errors.js";

/** In a run's directory: what is for programs and not for people. */
export const MARK_DIRECTORY = ".episcope";
/** Stands in there while a process records into the run, or cleans it up. */
export const LOCK_FILE = "lock";
/** Stands in there for the moment in which the lock of a dead process is replaced. */
const TAKEOVER_FILE = "lock.takeover";

/** How often an owner should call `renewLock`. */
export const RENEW_MS = 10_000;
/** An owner that cannot be looked at, on another machine or in another container, is dead when it has not renewed for so long. */
const SILENCE_MS = 120_000;
/** For so long a file that cannot be understood may be one that is just being written. */
const WRITING_MS = 10_000;

interface Owner {
  /** Names of the machine, of its last start, and of the space in which process ids count; null where unknown. */
  readonly host: string | null;
  readonly boot: string | null;
  readonly namespace: string | null;
  readonly pid: number;
  /** When the process started, as the system counts it: a pid is given again, this is not. Null where unknown. */
  readonly started: string | null;
}

/** Marks the run as being recorded by this process. Throws RUN_IN_USE where another has; a dead one's mark is replaced. */
export function lockRun(fs: FileSystem, runDir: string): void {
  const mark = join(runDir, MARK_DIRECTORY);
  makeDirectories(fs, mark);
  if (!createLock(fs, mark)) throw runInUse(runDir);
}

/** Says that this process still has the run, for those who cannot look at it: every ten seconds is often enough. */
export function renewLock(fs: FileSystem, runDir: string): void {
  const now = Date.now() / 1000;
  try {
    fs.utimesSync(join(runDir, MARK_DIRECTORY, LOCK_FILE), now, now);
  } catch {
    // A directory that cannot be written is no reason to stop.
  }
}

/** A mark that cannot be taken away any more counts until this process has ended. */
export function unlockRun(fs: FileSystem, runDir: string): void {
  try {
    fs.rmSync(join(runDir, MARK_DIRECTORY, LOCK_FILE), { force: true });
  } catch {
    // A directory that cannot be written any more is no failure of a run that went on elsewhere.
  }
}

/**
 * Whether a living process records into this run. A process of this machine is looked at; of one elsewhere, or in another
 * container, the age of the file tells, which its owner renews. What cannot be understood counts for the ten seconds in which
 * somebody may still be writing it.
 */
export function isRunLocked(fs: FileSystem, runDir: string): boolean {
  return isAlive(fs, join(runDir, MARK_DIRECTORY, LOCK_FILE));
}

/** Makes the lock in the run's mark directory; false where a living process has it. */
export function createLock(fs: FileSystem, mark: string): boolean {
  if (writeOwner(fs, `${mark}/${LOCK_FILE}`)) return true;
  if (isAlive(fs, `${mark}/${LOCK_FILE}`)) return false;
  // Two that see the same dead owner must not both replace it: the second would take away the first one's lock.
  if (!takeTurn(fs, `${mark}/${TAKEOVER_FILE}`)) return false;
  try {
    if (isAlive(fs, `${mark}/${LOCK_FILE}`)) return false;
    fs.rmSync(`${mark}/${LOCK_FILE}`, { force: true });
    return writeOwner(fs, `${mark}/${LOCK_FILE}`);
  } finally {
    fs.rmSync(`${mark}/${TAKEOVER_FILE}`, { force: true });
  }
}

/** False where somebody who lives has the turn; one that is dead is moved out of the way. */
function takeTurn(fs: FileSystem, path: string): boolean {
  if (writeOwner(fs, path)) return true;
  const seen = fs.statSync(path, { throwIfNoEntry: false });
  if (isAlive(fs, path)) return false;
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    fs.renameSync(path, aside);
    const moved = fs.statSync(aside);
    // Somebody was faster, and this is his.
    if (seen !== undefined && (moved.ino !== seen.ino || moved.mtimeMs !== seen.mtimeMs)) {
      fs.renameSync(aside, path);
      return false;
    }
    fs.rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return writeOwner(fs, path);
}

/** False where the file exists. */
function writeOwner(fs: FileSystem, path: string): boolean {
  try {
    fs.writeFileSync(path, `${JSON.stringify(ownerHere(fs))}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(fs: FileSystem, lock: string): boolean {
  let text: string;
  let ageMs: number;
  try {
    text = fs.readFileSync(lock, "utf8");
    ageMs = Date.now() - fs.statSync(lock).mtimeMs;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
  const owner = parseOwner(text);
  if (owner === null) return ageMs < WRITING_MS;
  const here = ownerHere(fs);
  // Locks of earlier versions say nothing of the machine.
  const isSameHost = owner.host === null || owner.host === here.host;
  if (isSameHost && owner.boot !== null && here.boot !== null && owner.boot !== here.boot) return false;
  if (!isSameHost || (owner.namespace !== null && owner.namespace !== here.namespace)) {
    return ageMs < SILENCE_MS;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const started = startOf(fs, owner.pid);
  return owner.started === null || started === null || owner.started === started;
}

function parseOwner(text: string): Owner | null {
  try {
    const plain = JSON.parse(text) as Partial<Owner> | null;
    if (plain === null || !Number.isInteger(plain.pid) || plain.pid! <= 0) return null;
    const { host = null, boot = null, namespace = null, started = null } = plain;
    return { host, boot, namespace, pid: plain.pid!, started };
  } catch {
    return null;
  }
}

function ownerHere(fs: FileSystem): Owner {
  return {
    host: hostname(),
    boot: textOf(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    namespace: textOf(() => fs.readlinkSync("/proc/self/ns/pid", "utf8")),
    pid: process.pid,
    started: startOf(fs, process.pid),
  };
}

/** Field 22 of /proc/PID/stat; null where there is no /proc. */
function startOf(fs: FileSystem, pid: number): string | null {
  return textOf(() => {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  });
}

function textOf(read: () => string | null): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
