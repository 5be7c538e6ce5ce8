import { EpiscopeError } from "@episcope/config/errors";

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
        `${path} cannot be written (${code}): ${cause instanceof Error ? cause.message : String(cause)}`,
        path,
        "Check the path and the disk.",
        cause,
      );
  }
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

export function runExists(path: string): EpiscopeError {
  return new EpiscopeError("RUN_EXISTS", `${path} holds a recorded run already.`, {
    hint: "Choose another storage.run_name or hydra.run.dir, or leave the name out to get a new one.",
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
