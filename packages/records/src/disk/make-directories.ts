import { dirname, resolve } from "node:path";
import type { FileSystem } from "./file-system.js";

/**
 * Makes a directory and those above it that do not exist, one after the other, and gives the first that it made (undefined if
 * all were there). Throws what the system says of the first that cannot be made. Node's own recursive form never comes back where
 * a file system answers ENOENT to a directory whose parent exists, as /proc does.
 */
export function makeDirectories(fs: FileSystem, path: string): string | undefined {
  const missing: string[] = [];
  for (let at = resolve(path); !isDirectory(fs, at); at = dirname(at)) {
    missing.push(at);
    if (dirname(at) === at) break;
  }
  const first = missing.at(-1);
  for (const directory of missing.reverse()) {
    try {
      fs.mkdirSync(directory);
    } catch (error) {
      // Somebody else was faster; a file of that name is still in the way.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isDirectory(fs, directory)) throw error;
    }
  }
  return first;
}

/** Throws what the system says where it cannot tell. */
function isDirectory(fs: FileSystem, path: string): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}
