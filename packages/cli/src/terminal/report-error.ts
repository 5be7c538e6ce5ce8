import { EpiscopeError } from "@episcope/errors";
import { fileRefused, UsageError } from "./errors.js";
import { EXIT, type ExitStatus } from "./exit-status.js";

/**
 * What the program says of an error: our own ones and those of the file system in a line or two, without a stack;
 * anything else is a defect of the program and keeps its stack.
 */
export function describeError(thrown: unknown): { text: string; exitStatus: ExitStatus } {
  const error = ownError(thrown);
  if (error instanceof EpiscopeError) {
    const hint = error.hint === undefined ? "" : `\n  ${error.hint}`;
    return {
      text: `episcope: ${error.message}${hint} [${error.code}]`,
      exitStatus: error instanceof UsageError ? EXIT.wrongUse : EXIT.failed,
    };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `episcope: this should not have happened:\n${stack}`, exitStatus: EXIT.failed };
}

/** What a file system throws as an error of ours; everything else as it is. */
export function ownError(thrown: unknown): unknown {
  return isOfFileSystem(thrown) ? fileRefused(thrown) : thrown;
}

function isOfFileSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error && "path" in error;
}
