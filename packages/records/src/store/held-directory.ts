import type { FileSystem } from "../disk/file-system.js";
import { cleanupRefused } from "../disk/storage-errors.js";

export interface HeldDirectory extends Disposable {
  /** Leads to this very directory, whatever its name is given to meanwhile. */
  readonly path: string;
}

/** Opens a directory so that nobody can put a link in its place while we work below it; where the system allows it. */
export function holdDirectory(fs: FileSystem, path: string): HeldDirectory {
  assertDirectory(fs, path);
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants;
  if (O_DIRECTORY === undefined || O_NOFOLLOW === undefined) return { path, [Symbol.dispose]: () => {} };
  const fd = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const held = `/proc/self/fd/${fd}`;
  return { path: fs.existsSync(held) ? held : path, [Symbol.dispose]: () => fs.closeSync(fd) };
}

/** Throws CLEANUP_REFUSED for a link, or anything else than a directory. */
export function assertDirectory(fs: FileSystem, path: string): void {
  if (!fs.lstatSync(path).isDirectory()) throw cleanupRefused(path, "it is no directory, or a link to one");
}
