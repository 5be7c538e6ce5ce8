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
