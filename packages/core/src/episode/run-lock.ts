import { join } from "node:path";
import type { FileSystem } from "./file-system.js";

/** Stands in a run's directory while a process records into it. */
export const LOCK_FILE = ".episcope/lock";

interface Owner {
  readonly pid: number;
  /** When the process started, as the system counts it: a pid is given again, this is not. Null where unknown. */
  readonly started: string | null;
}

/** Marks the run as being recorded by this process. Passes EEXIST where another has. */
export function lockRun(fs: FileSystem, runDir: string): void {
  const path = join(runDir, LOCK_FILE);
  fs.mkdirSync(join(runDir, ".episcope"), { recursive: true });
  const owner: Owner = { pid: process.pid, started: startOf(fs, process.pid) };
  fs.writeFileSync(path, `${JSON.stringify(owner)}\n`, { flag: "wx" });
}

export function unlockRun(fs: FileSystem, runDir: string): void {
  fs.rmSync(join(runDir, LOCK_FILE), { force: true });
}

/** Whether a living process records into this run. An unreadable lock counts as living: nothing is risked. */
export function isRunLocked(fs: FileSystem, runDir: string): boolean {
  let text: string;
  try {
    text = fs.readFileSync(join(runDir, LOCK_FILE), "utf8");
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
