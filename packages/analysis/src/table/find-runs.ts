import { join } from "node:path";
import { type FileSystem, MANIFEST_FILE, RUN_JOURNAL } from "@episcope/records/store";

/** How deep below a folder runs are looked for: `outputs/<level>/<date>/<time>/<job>`. */
const MOST_LEVELS = 5;

/** Whether a directory is a run's. */
export function isRunDirectory(fs: FileSystem, dir: string): boolean {
  return fs.existsSync(join(dir, MANIFEST_FILE)) || fs.existsSync(join(dir, RUN_JOURNAL));
}

/** The run itself, or the runs below a folder, in the order of their paths. A run's own folders are not looked into. */
export function findRuns(fs: FileSystem, dir: string, levels: number = MOST_LEVELS): string[] {
  if (isRunDirectory(fs, dir)) return [dir];
  if (levels === 0) return [];
  let entries: import("node:fs").Dirent[];
  try {
    entries = fs.readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.sort().flatMap((name) => findRuns(fs, join(dir, name), levels - 1));
}
