import type { Dirent, Stats } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { noTasksError, taskNotJsonError, taskNotReadableError } from "./errors.js";
import { type ArcTask, parseTask } from "./task.js";

/** What loading needs of a file system; `node:fs` has it, and so has `memfs`. */
export interface TaskFileSystem {
  statSync(path: string): Pick<Stats, "isDirectory" | "isFile">;
  readdirSync(path: string, options: { withFileTypes: true }): Pick<Dirent, "name" | "isDirectory">[];
  readFileSync(path: string, encoding: "utf8"): string;
}

/**
 * Loads one ARC task file, or every `.json` file of a folder and of the folders inside it, in the order of their
 * paths. The id of a task is its file name without `.json`; where two files of a folder share it, the path
 * relative to the folder takes its place.
 * @throws EpiscopeError `TASK_NOT_READABLE`, `TASK_NOT_JSON`, `TASK_MALFORMED`, `NO_TASKS`
 */
export function loadTasks(path: string, fs: TaskFileSystem): ArcTask[] {
  if (!reading(path, () => fs.statSync(path).isDirectory())) return [loadTask(path, idOf(path), fs)];
  const files = taskFiles(path, fs);
  if (files.length === 0) throw noTasksError(path);
  const uses = new Map<string, number>();
  for (const file of files) uses.set(idOf(file), (uses.get(idOf(file)) ?? 0) + 1);
  return files.map((file) => {
    const id = idOf(file);
    return loadTask(file, uses.get(id) === 1 ? id : idWithFolder(path, file), fs);
  });
}

function loadTask(file: string, id: string, fs: TaskFileSystem): ArcTask {
  const text = reading(file, () => fs.readFileSync(file, "utf8"));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw taskNotJsonError(file, cause);
  }
  return parseTask(value, id, file);
}

/** Symbolic links to files are followed, links to folders are not, so that no loop can form. */
function taskFiles(folder: string, fs: TaskFileSystem): string[] {
  const entries = reading(folder, () => fs.readdirSync(folder, { withFileTypes: true }));
  const names = entries.filter((entry) => !entry.name.startsWith("."));
  names.sort((a, b) => (a.name < b.name ? -1 : 1));
  return names.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return taskFiles(path, fs);
    return entry.name.endsWith(".json") && reading(path, () => fs.statSync(path).isFile()) ? [path] : [];
  });
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw taskNotReadableError(path, cause);
  }
}

const idOf = (file: string): string => basename(file, ".json");

const idWithFolder = (folder: string, file: string): string =>
  relative(folder, file).slice(0, -".json".length).split(sep).join("/");
