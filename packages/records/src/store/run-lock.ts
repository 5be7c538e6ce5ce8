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

interface Owner {
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

/** A mark that cannot be taken away any more counts until this process has ended. */
export function unlockRun(fs: FileSystem, runDir: string): void {
  try {
    fs.rmSync(join(runDir, MARK_DIRECTORY, LOCK_FILE), { force: true });
  } catch {
    // A directory that cannot be written any more is no failure of a run that went on elsewhere.
  }
}

/** Whether a living process records into this run. An unreadable lock counts as living: nothing is risked. */
export function isRunLocked(fs: FileSystem, runDir: string): boolean {
  return isAlive(fs, join(runDir, MARK_DIRECTORY, LOCK_FILE));
}

/** Makes the lock in the run's mark directory; false where a living process has it. */
export function createLock(fs: FileSystem, mark: string): boolean {
  if (writeOwner(fs, `${mark}/${LOCK_FILE}`)) return true;
  if (isAlive(fs, `${mark}/${LOCK_FILE}`)) return false;
  // Two that see the same dead owner must not both replace it: the second would take away the first one's lock.
  if (!writeOwner(fs, `${mark}/${TAKEOVER_FILE}`)) return false;
  try {
    if (isAlive(fs, `${mark}/${LOCK_FILE}`)) return false;
    fs.rmSync(`${mark}/${LOCK_FILE}`, { force: true });
    return writeOwner(fs, `${mark}/${LOCK_FILE}`);
  } finally {
    fs.rmSync(`${mark}/${TAKEOVER_FILE}`, { force: true });
  }
}

/** False where the file exists. */
function writeOwner(fs: FileSystem, path: string): boolean {
  const owner: Owner = { pid: process.pid, started: startOf(fs, process.pid) };
  try {
    fs.writeFileSync(path, `${JSON.stringify(owner)}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(fs: FileSystem, lock: string): boolean {
  let text: string;
  try {
    text = fs.readFileSync(lock, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
  let owner: Owner;
  try {
    owner = JSON.parse(text) as Owner;
  } catch {
    return true;
  }
  if (!Number.isInteger(owner?.pid)) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const started = startOf(fs, owner.pid);
  return owner.started === null || started === null || owner.started === started;
}

/** Field 22 of /proc/PID/stat; null where there is no /proc. */
function startOf(fs: FileSystem, pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
