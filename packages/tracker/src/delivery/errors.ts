import { EpiscopeError } from "@episcope/errors";

/** What is to be sent could not be kept on disk. */
export function outboxNotWritten(file: string, cause: unknown): EpiscopeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EpiscopeError(
    "TRACKER_OUTBOX_NOT_WRITTEN",
    `the outbox '${file}' could not be written: ${reason}`,
    {
      hint: "Free space on that disk, or make the run directory writable; the episodes themselves are in the journal.",
      fields: { file },
      cause,
    },
  );
}
