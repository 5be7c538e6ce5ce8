import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { LOG_DIRECTORY } from "../log/segments.js";
import { MANIFEST_FILE, RUN_JOURNAL } from "../store/manifest.js";
import { isRunLocked, lockRun, MARK_DIRECTORY } from "../store/run-lock.js";
import { RunReader } from "../store/run-reader.js";

/** What an opening of a run leaves before there is an episode, and what is drawn of it at its end. */
const OURS: ReadonlySet<string> = new Set([
  ...[MARK_DIRECTORY, ".hydra", MANIFEST_FILE, RUN_JOURNAL, LOG_DIRECTORY, "outputs.json"],
  ...["index.html", "run.svg", "metrics.svg", "tasks"],
]);

/**
 * Names of the runs directly below `base` that hold nothing: no episode, and no numbers of a training. They are left by an
 * input without episodes, or by a recorder that was stopped at once. A run that is being recorded is none of them, nor is a
 * directory with anything that is not ours.
 */
export function emptyRuns(fs: FileSystem, base: string): string[] {
  let names: string[];
  try {
    names = fs
      .readdirSync(base, { withFileTypes: true })
      .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
  return names.filter((name) => isEmptyRun(fs, join(base, name))).sort();
}

/** Deletes them, as far as they are still empty; gives the names of those that are gone. */
export function removeEmptyRuns(
  fs: FileSystem,
  base: string,
  names: readonly string[],
  onError: (error: unknown, name: string) => void,
): string[] {
  return names.filter((name) => {
    const dir = join(base, name);
    if (!isEmptyRun(fs, dir)) return false;
    try {
      // From here on no recorder takes it.
      lockRun(fs, dir);
      // Under another name nobody takes it for a run that could be continued while it goes.
      const trash = fs.mkdtempSync(join(base, `.trash-${process.pid}-`));
      fs.renameSync(dir, join(trash, name));
      fs.rmSync(trash, { recursive: true, force: true });
      return true;
    } catch (error) {
      onError(error, name);
      return false;
    }
  });
}

function isEmptyRun(fs: FileSystem, dir: string): boolean {
  try {
    const names = fs.readdirSync(dir).map(String);
    const isOurs = names.includes(MARK_DIRECTORY) || names.includes(MANIFEST_FILE);
    if (!isOurs || !names.every((name) => OURS.has(name)) || isRunLocked(fs, dir)) return false;
    return holdsNothing(fs, dir);
  } catch {
    // What cannot be judged stays.
    return false;
  }
}

function holdsNothing(fs: FileSystem, dir: string): boolean {
  let run: RunReader;
  try {
    run = new RunReader(dir, { fs });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "RUN_NOT_FOUND") throw error;
    return true;
  }
  if (run.episodes.length > 0 || run.otherPart !== null) return false;
  for (const record of run.runRecords()) {
    if (record.type === "metrics" || record.type === "batch") return false;
  }
  return true;
}
