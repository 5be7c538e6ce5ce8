import { EpiscopeError } from "@episcope/errors";

/** The event file could not be made or grown. */
export function eventFileNotWritten(file: string, cause: unknown): EpiscopeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EpiscopeError(
    "TENSORBOARD_NOT_WRITTEN",
    `TensorBoard's file '${file}' could not be written: ${reason}`,
    {
      hint: "Free space on that disk, or make the folder writable; the episodes themselves are in the journal.",
      fields: { file },
      cause,
    },
  );
}
