import { EpiscopeError } from "@episcope/errors";

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
