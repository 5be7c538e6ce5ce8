import { dirname, join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { journalSource, writeAtomicallyAsync } from "@episcope/records/store";
import type { Format } from "../contract/roles.js";
import { type PackedError, packError } from "./thread-errors.js";

/** What became of an episode's export. */
export interface ExportedJournal {
  /** Name of the file; null where there is none. */
  readonly exported: string | null;
  readonly exportError: PackedError | null;
}

/** Exports an episode from its journal. What fails is told, and leaves no file. */
export async function exportJournal(
  fs: FileSystem,
  journal: string,
  number: number,
  format: Format | null,
): Promise<ExportedJournal> {
  if (format === null) return { exported: null, exportError: null };
  const name = `episode.${format.extension}`;
  try {
    const pieces = format.encode(journalSource(fs, journal, number));
    await writeAtomicallyAsync(fs, join(dirname(journal), name), pieces, { sync: false });
    return { exported: name, exportError: null };
  } catch (error) {
    return { exported: null, exportError: packError(error) };
  }
}
