import { EpiscopeError } from "@episcope/errors";

/** The file does not begin as a journal does. */
export function notAJournal(path: string, problem: string): EpiscopeError {
  return new EpiscopeError("JOURNAL_NOT_RECOGNISED", `'${path}' is no journal: ${problem}.`, {
    hint: "Name a journal.epi or run.epi of a run directory.",
    fields: { file: path },
  });
}

/** The file was written by a newer version whose files this version must not read. */
export function journalFromFuture(path: string, writer: string, needs: number, have: number): EpiscopeError {
  return new EpiscopeError(
    "JOURNAL_VERSION_UNSUPPORTED",
    `'${path}' was written by ${writer} and needs a reader of format version ${needs} or later; this one reads up to ${have}.`,
    { hint: "Update episcope.", fields: { file: path, needs, have, writer } },
  );
}

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

/** The journal has damage that sealing would make permanent. */
export function journalDamaged(path: string, problems: number): EpiscopeError {
  return new EpiscopeError(
    "JOURNAL_DAMAGED",
    `'${path}' has ${problems} damaged ${problems === 1 ? "place" : "places"}.`,
    {
      hint: "Run 'episcope verify' to see where, and 'episcope recover' to repair it.",
      fields: { file: path, problems },
    },
  );
}

/** The system wrote nothing although there was something to write. */
export function writeStalled(path: string): EpiscopeError {
  return new EpiscopeError("JOURNAL_WRITE_STALLED", `'${path}': the system accepts no more bytes.`, {
    hint: "Check the disk.",
    fields: { file: path },
  });
}

/** As the system says it where a name is looked up: the file that is being written has no name any more. */
export function fileDeleted(path: string): NodeJS.ErrnoException {
  const message = `ENOENT: the file was deleted while it was written, '${path}'`;
  return Object.assign(new Error(message), { code: "ENOENT", syscall: "fstat", path });
}
