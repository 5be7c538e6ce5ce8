import { EpiscopeError } from "@episcope/errors";

/** A record passed its checksum and yet makes no sense: written by a faulty program. */
export function contentInvalid(problem: string, cause?: unknown): EpiscopeError {
  return new EpiscopeError(
    "JOURNAL_CONTENT_INVALID",
    `a record of the journal cannot be decoded: ${problem}.`,
    {
      hint: "Run 'episcope verify' to see which records are affected.",
      cause,
    },
  );
}

/** A value that no record can hold reached the encoder. */
export function valueUnsupported(problem: string): EpiscopeError {
  return new EpiscopeError("RECORD_VALUE_UNSUPPORTED", `a value cannot be recorded: ${problem}.`, {
    hint: "Record plain data: null, booleans, numbers, texts, lists and objects of them.",
  });
}
