import type { Dirent, Stats } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { EpiscopeError } from "@episcope/errors";
import { type Grid, readJson } from "@episcope/records";
import { noTasksError, taskMalformedError, taskNotJsonError, taskNotReadableError } from "./errors.js";
import type { ArcTask } from "./task.js";
import { parseTaskFile, type TaskFileContent } from "./task-file.js";

/** What loading needs of a file system; `node:fs` has it, and so has `memfs`. */
export interface TaskFileSystem {
  statSync(path: string): Pick<Stats, "isDirectory" | "isFile">;
  readdirSync(path: string, options: { withFileTypes: true }): Pick<Dirent, "name" | "isDirectory">[];
  readFileSync(path: string, encoding: "utf8"): string;
}

export interface LoadTasksOptions {
  /**
   * Hears of each file of a folder that could not be read as a task and is left out. Default: the first such file is
   * thrown.
   */
  readonly onProblem?: (error: EpiscopeError) => void;
}

/**
 * Loads one ARC task file, or every `.json` file of a folder and of the folders inside it, in the order of their
 * paths. The id of a task is its file name without `.json`; where two files of a folder share it, the path
 * relative to the folder takes its place. A file of many tasks by their ids, as Kaggle hands them out
 * (`…_challenges.json`), is read too, with the outputs of `…_solutions.json` beside it where there is one.
 * @throws EpiscopeError `TASK_NOT_READABLE`, `TASK_NOT_JSON`, `TASK_MALFORMED`, `NO_TASKS`; with `onProblem`, of a folder only where
 * no task is left.
 */
export function loadTasks(path: string, fs: TaskFileSystem, options: LoadTasksOptions = {}): ArcTask[] {
  const isFolder = reading(path, () => fs.statSync(path).isDirectory());
  const files = isFolder ? taskFiles(path, fs) : [path];
  if (files.length === 0) throw noTasksError(path);
  const { onProblem } = options;
  const problems: EpiscopeError[] = [];
  const read = files.flatMap((file): TaskFile[] => {
    try {
      return [{ file, content: parseTaskFile(readJsonFile(file, fs), idOf(file), file) }];
    } catch (error) {
      if (!isFolder || onProblem === undefined || !(error instanceof EpiscopeError)) throw error;
      problems.push(error);
      onProblem(error);
      return [];
    }
  });
  const solutions = solutionsFor(read, isFolder ? null : solutionsBeside(path, fs));
  const uses = new Map<string, number>();
  for (const { content } of read) for (const { id } of content.tasks) uses.set(id, (uses.get(id) ?? 0) + 1);
  const tasks = read.flatMap(({ file, content }) =>
    content.tasks.map((task) => ({
      ...withSolution(task, solutions),
      id: uses.get(task.id) === 1 ? task.id : idWithFolder(path, file, task.id),
    })),
  );
  if (tasks.length === 0) throw problems[0] ?? noTasksError(path);
  return tasks;
}

interface TaskFile {
  readonly file: string;
  readonly content: TaskFileContent;
}

function readJsonFile(file: string, fs: TaskFileSystem): unknown {
  const text = reading(file, () => fs.readFileSync(file, "utf8"));
  if (text.startsWith("\ufffd\ufffd") || text.includes("\u0000"))
    throw taskNotJsonError(file, "it is not in UTF-8, but perhaps in UTF-16");
  const twice: string[] = [];
  try {
    const value = readJson(text.replace(/^\ufeff/, ""), ({ kind, message }) => {
      if (kind === "duplicate_name") twice.push(message);
    });
    if (twice.length > 0) throw taskMalformedError(file, "an object", twice[0]!.replace("an object ", ""));
    return value;
  } catch (cause) {
    if (twice.length > 0) throw cause;
    throw taskNotJsonError(file, cause instanceof Error ? (cause.cause ?? cause) : cause);
  }
}

/** The file of solutions that belongs to a single file of challenges; null where there is none. */
function solutionsBeside(file: string, fs: TaskFileSystem): TaskFile | null {
  const other = file.replace(/_challenges(?=[^/\\]*$)/, "_solutions");
  if (other === file) return null;
  try {
    return { file: other, content: parseTaskFile(readJsonFile(other, fs), idOf(other), other) };
  } catch {
    return null;
  }
}

function solutionsFor(
  files: readonly TaskFile[],
  beside: TaskFile | null,
): ReadonlyMap<string, readonly (Grid | null)[]> {
  const all = beside === null ? files : [...files, beside];
  return new Map(all.flatMap(({ content }) => [...content.solutions]));
}

/** The outputs of a task that its own file hides. */
function withSolution(task: ArcTask, solutions: ReadonlyMap<string, readonly (Grid | null)[]>): ArcTask {
  const outputs = solutions.get(task.id);
  if (outputs === undefined) return task;
  return {
    ...task,
    test: task.test.map((pair, index) => ({ ...pair, output: pair.output ?? outputs[index] ?? null })),
  };
}

/** Symbolic links to files are followed, links to folders are not, so that no loop can form. */
function taskFiles(folder: string, fs: TaskFileSystem): string[] {
  const entries = reading(folder, () => fs.readdirSync(folder, { withFileTypes: true }));
  const names = entries.filter((entry) => !entry.name.startsWith("."));
  names.sort((a, b) => (a.name < b.name ? -1 : 1));
  return names.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return taskFiles(path, fs);
    return /\.json$/i.test(entry.name) && reading(path, () => fs.statSync(path).isFile()) ? [path] : [];
  });
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw taskNotReadableError(path, cause);
  }
}

const idOf = (file: string): string => basename(file).replace(/\.json$/i, "");

/** Of a file of many tasks, its path stands before the id. */
function idWithFolder(folder: string, file: string, id: string): string {
  const path = relative(folder, file).slice(0, -".json".length).split(sep).join("/");
  return id === idOf(file) ? path : `${path}/${id}`;
}
