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
