import { EpiscopeError } from "@episcope/errors";
import type { ApplicationIo } from "./io.js";
import type { JobReturn } from "./job.js";

/** What a program says of an error: its message and how to mend it; with HYDRA_FULL_ERROR=1, and of foreign ones, the stack. */
export function describeError(error: unknown, io: ApplicationIo): string {
  const full = io.env["HYDRA_FULL_ERROR"] === "1";
  if (error instanceof EpiscopeError && !full) {
    const hint = error.hint === undefined ? "" : `\n  ${error.hint}`;
    return `${error.message}${hint} [${error.code}]\n\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n`;
  }
  return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

/** What it says of a job that failed. */
export function describeFailure(job: JobReturn, io: ApplicationIo): string {
  const overrides = job.overrides.map((text) => `'${text}'`).join(", ");
  return `Error executing job with overrides: [${overrides}]\n${describeError(job.error, io)}`;
}
