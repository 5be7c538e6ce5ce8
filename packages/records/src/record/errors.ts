import { EpiscopeError } from "@episcope/errors";

/** A value of a record is missing, of the wrong type, or out of range; `path` says which. */
export function recordInvalid(path: string, problem: string, hint?: string): EpiscopeError {
  return new EpiscopeError("RECORD_INVALID", `record${path === "" ? "" : ` at '${path}'`}: ${problem}.`, {
    hint: hint ?? "Send the record as docs/formats.md describes it.",
    fields: { path },
  });
}

/** A record of a type that this version does not know. */
export function recordTypeUnknown(type: string, options: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "RECORD_TYPE_UNKNOWN",
    `record at 'type': there is no record type '${type}'. Types: ${options.join(", ")}.`,
    {
      hint: "Use one of the types above, or a newer version of the reader.",
      fields: { path: "type", options },
    },
  );
}

/** A key that could change what an object inherits. */
export function recordKeyRefused(path: string, key: string): EpiscopeError {
  return new EpiscopeError("RECORD_KEY_REFUSED", `record at '${path}': the key '${key}' is not allowed.`, {
    hint: "Rename the key; '__proto__', 'constructor' and 'prototype' are refused everywhere.",
    fields: { path, refused: key },
  });
}

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

/** A grid that cannot be built from what was given. */
export function gridInvalid(problem: string, path = ""): EpiscopeError {
  return new EpiscopeError("GRID_INVALID", `grid${path === "" ? "" : ` at '${path}'`}: ${problem}.`, {
    hint: "Sides are 1 to 64, cells 0 to 15, and all rows have the same length.",
    fields: { path },
  });
}

/** A selection that does not fit the grid it selects from. */
export function selectionInvalid(problem: string, path = ""): EpiscopeError {
  return new EpiscopeError(
    "SELECTION_INVALID",
    `selection${path === "" ? "" : ` at '${path}'`}: ${problem}.`,
    {
      hint: "A mask has one entry per cell of the grid before the step.",
      fields: { path },
    },
  );
}

/** The run was recorded by a newer version. */
export function manifestFromFuture(path: string, version: number, supported: number): EpiscopeError {
  return new EpiscopeError(
    "MANIFEST_VERSION_UNSUPPORTED",
    `'${path}' has version ${version}; this program reads up to ${supported}.`,
    { hint: "Update episcope.", fields: { file: path, version, supported } },
  );
}

/** The directory holds no recorded run. */
export function runNotFound(path: string): EpiscopeError {
  return new EpiscopeError("RUN_NOT_FOUND", `'${path}' is no run: it holds no manifest and no journal.`, {
    hint: "Name a directory that 'episcope play' or 'episcope record' printed.",
    fields: { file: path },
  });
}

/** The run has no episode of that number. */
export function episodeNotFound(run: string, number: number, numbers: readonly number[]): EpiscopeError {
  const known =
    numbers.length === 0 ? "none" : `${numbers[0]} to ${numbers.at(-1)}, ${numbers.length} in all`;
  return new EpiscopeError(
    "EPISODE_NOT_FOUND",
    `run '${run}' has no episode ${number}. Episodes: ${known}.`,
    {
      hint: "List the episodes with 'episcope list'.",
      fields: { run, episode: number },
    },
  );
}

/** The episode has no step of that number. */
export function stepNotFound(number: number, step: number, steps: number): EpiscopeError {
  const known = steps === 0 ? "none" : `0 to ${steps - 1}`;
  return new EpiscopeError("STEP_NOT_FOUND", `episode ${number} has no step ${step}. Steps: ${known}.`, {
    hint: "Steps count from 0.",
    fields: { episode: number, step },
  });
}

/** The beginning of an episode is lost, and with it what its steps refer to. */
export function episodeStartMissing(number: number, path: string): EpiscopeError {
  return new EpiscopeError(
    "EPISODE_START_MISSING",
    `the journal of episode ${number} has no 'episode-start'.`,
    {
      hint: "Run 'episcope recover' on the run.",
      fields: { episode: number, file: path },
    },
  );
}
