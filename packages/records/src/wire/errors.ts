import { EpiscopeError } from "@episcope/errors";

/** A line of a record stream that is no JSON, or no object. */
export function lineInvalid(problem: string, cause?: unknown): EpiscopeError {
  return new EpiscopeError("RECORD_LINE_INVALID", `line is no record: ${problem}.`, {
    hint: "Each line holds one JSON object in UTF-8.",
    cause,
  });
}

/** A message of the binary wire that cannot be decoded, or is longer than allowed. */
export function messageInvalid(problem: string, cause?: unknown): EpiscopeError {
  return new EpiscopeError("MESSAGE_INVALID", `message cannot be read: ${problem}.`, {
    hint: "Each message is MessagePack behind its length as u32 little-endian.",
    cause,
  });
}

/** The producer speaks a newer version of the record stream. */
export function streamVersionUnsupported(version: number, supported: number): EpiscopeError {
  return new EpiscopeError(
    "STREAM_VERSION_UNSUPPORTED",
    `the producer sends version ${version} of the record stream; this program reads up to ${supported}.`,
    { hint: "Update episcope, or use an older client.", fields: { version, supported } },
  );
}
