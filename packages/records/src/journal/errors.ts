import { EpiscopeError } from "@episcope/errors";

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
