import { dirname } from "node:path";
import type { FileSystem } from "./file-system.js";
import { writeFully } from "./write-fully.js";

export interface WriteAtomicallyOptions {
  /** Makes the content and the name survive a power loss. Default true. */
  readonly sync?: boolean;
  /** Rights of a new file, less the process's umask. Default 0o666. */
  readonly mode?: number;
}

/** Rights of what only its owner may read. */
export const PRIVATE_MODE = 0o600;

/**
 * Replaces `path` in one step: readers see the old content or the new, also after a crash or on a full disk. The
 * new content is written beside it, made durable, and renamed. Gives the bytes written.
 */
export function writeAtomically(
  fs: FileSystem,
  path: string,
  pieces: Iterable<Uint8Array>,
  { sync = true, mode = 0o666 }: WriteAtomicallyOptions = {},
): number {
  const temporary = temporaryName(path);
  let size = 0;
  const fd = fs.openSync(temporary, "w", mode);
  try {
    try {
      for (const piece of pieces) {
        writeFully(fs, fd, piece, size, temporary);
        size += piece.length;
      }
      if (sync) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, path);
  } catch (error) {
    discard(fs, temporary);
    throw error;
  }
  if (sync) syncDirectory(fs, dirname(path));
  return size;
}

/** As `writeAtomically`, for pieces that come over time. */
export async function writeAtomicallyAsync(
  fs: FileSystem,
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { sync = true }: WriteAtomicallyOptions = {},
): Promise<number> {
  const temporary = temporaryName(path);
  let size = 0;
  const fd = fs.openSync(temporary, "w");
  try {
    try {
      for await (const piece of pieces) {
        writeFully(fs, fd, piece, size, temporary);
        size += piece.length;
      }
      if (sync) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, path);
  } catch (error) {
    discard(fs, temporary);
    throw error;
  }
  if (sync) syncDirectory(fs, dirname(path));
  return size;
}

/** Makes renames and new names in a directory durable. Systems that cannot open a directory do so by themselves. */
export function syncDirectory(fs: FileSystem, directory: string): void {
  let fd: number;
  try {
    fd = fs.openSync(directory, "r");
  } catch {
    return;
  }
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "EINVAL" && code !== "EPERM" && code !== "EISDIR" && code !== "EBADF") throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** The suffix by which leftovers of a crash are recognised. */
export const TEMPORARY_SUFFIX = ".tmp";

/** One name per target: a leftover is overwritten, never collected. A file has one writer at a time. */
function temporaryName(path: string): string {
  return `${path}${TEMPORARY_SUFFIX}`;
}

function discard(fs: FileSystem, temporary: string): void {
  try {
    fs.unlinkSync(temporary);
  } catch {
    // The first error is the one to report; the next write to this name takes the leftover's place.
  }
}
