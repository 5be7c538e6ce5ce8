import { tmpdir } from "node:os";
import { EpiscopeError } from "@episcope/errors";

/** What the file system refused: the base of the errors that a fallback can answer. */
export class StorageError extends EpiscopeError {
  readonly path: string;

  constructor(code: string, message: string, path: string, hint: string, cause?: unknown) {
    super(code, message, { hint, fields: { file: path }, cause });
    this.path = path;
  }
}

/** The disk, a quota or the reserve of `storage.min_free_gb` is used up. */
export class DiskSpaceError extends StorageError {}

/** The path may not be written by this user, or stands on a read-only file system. */
export class PermissionError extends StorageError {}

/** Sorts an error of the file system by what can be done about it; a StorageError is given back as it is. */
export function toStorageError(cause: unknown, path: string): StorageError {
  if (cause instanceof StorageError) return cause;
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? "UNKNOWN";
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new DiskSpaceError(
        "DISK_SPACE",
        `${path} cannot be written: no space is left (${code}).`,
        path,
        "Free space, lower storage.max_storage_gb, or set storage.fallback_dir to another disk.",
        cause,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new PermissionError(
        "PERMISSION_DENIED",
        `${path} cannot be written by user ${process.getuid?.() ?? "unknown"} (${code}).`,
        path,
        "Give the user the right to write there, or set storage.base_output_dir or storage.fallback_dir.",
        cause,
      );
    default:
      return new StorageError(
        "STORAGE_FAILED",
        `${path} cannot be written (${reasonOf(cause, code)}).`,
        path,
        "Check the path and the disk.",
        cause,
      );
  }
}

/** "ENOTDIR: not a directory", without the call and the path that Node adds. */
function reasonOf(cause: unknown, code: string): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.startsWith(`${code}: `) ? message.split(", ", 1)[0]! : `${code}: ${message}`;
}

/** Where something can be written when the file system has refused it. */
export interface StoragePlaces {
  /** Where it was to be written. */
  readonly dir: string;
  /** As `storage.fallback_dir`. */
  readonly fallbackDir: string | null;
  /** Gives the bytes that it freed. */
  cleanUp(): number;
}

/**
 * The directory to use after a storage error, by the chain of the original design. No space: what was there before is cleaned up,
 * and it is `dir` again where that freed anything, else the fallback. No permission: the fallback, or the directory of temporary
 * files. Null for anything else, and where no place is left: drawing stops, recording goes on as long as there is a place to write.
 */
export function handleStorageError(
  error: StorageError,
  { dir, fallbackDir, cleanUp }: StoragePlaces,
): string | null {
  if (error instanceof DiskSpaceError) return cleanUp() > 0 ? dir : fallbackDir;
  return error instanceof PermissionError ? (fallbackDir ?? tmpdir()) : null;
}

/** Neither the configured directory nor a fallback could be written when the run started. */
export function noWritableOutput(tried: readonly string[], cause: unknown): StorageError {
  return new StorageError(
    "OUTPUT_UNWRITABLE",
    `no output directory can be written; tried ${tried.join(", ")}.`,
    tried[0] ?? "",
    "Set storage.base_output_dir to a directory that can be written.",
    cause,
  );
}

/** Said once: from here on a run lies in two directories. */
export function runMoved(from: string, to: string, cause: StorageError): StorageError {
  return new StorageError(
    "RUN_MOVED",
    `${cause.message} The run goes on in ${to}, with the episodes that were open; what was finished stays in ${from}.`,
    to,
    `Read both with 'episcope show ${to}'.`,
    cause,
  );
}

/** `isUnfinished`: outputs of that run wait, or it was cut off. */
export function runExists(path: string, isUnfinished = false): EpiscopeError {
  const other = "hoose another storage.run_name or hydra.run.dir, or leave the name out to get a new one.";
  return new EpiscopeError("RUN_EXISTS", `${path} holds a recorded run already.`, {
    hint: isUnfinished ? `'episcope resume ${path}' finishes its outputs. To record, c${other}` : `C${other}`,
    fields: { file: path, key: "storage.run_name" },
  });
}

/** Two writers would mix their records. */
export function runInUse(path: string): EpiscopeError {
  return new EpiscopeError("RUN_IN_USE", `another process records into ${path}, or cleans it up.`, {
    hint: "Choose another storage.run_name or hydra.run.dir, or wait until that process has ended.",
    fields: { file: path, key: "storage.run_name" },
  });
}

export function nameInvalid(key: string, name: string, problem: string): EpiscopeError {
  return new EpiscopeError("NAME_INVALID", `${key}: '${name}' is no name for a file: ${problem}.`, {
    hint: "Use letters, digits, '.', '_' and '-', at most 100 of them.",
    fields: { key },
  });
}

export function nameFormatInvalid(key: string, format: string, problem: string): EpiscopeError {
  return new EpiscopeError("NAME_FORMAT_INVALID", `${key}: '${format}' is no name format: ${problem}.`, {
    hint: "Write one placeholder, for instance episode_{episode:04d} or step_{step:03d}.",
    fields: { key },
  });
}

/** A cleanup plan names something that is not ours to delete. */
export function cleanupRefused(what: string, problem: string): EpiscopeError {
  return new EpiscopeError("CLEANUP_REFUSED", `'${what}' is not deleted: ${problem}.`, {
    hint: "Delete it by hand if it is yours.",
    fields: { file: what },
  });
}
