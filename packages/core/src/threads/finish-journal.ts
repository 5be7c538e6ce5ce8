import { dirname, join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { journalSource, sealJournal, writeAtomicallyAsync } from "@episcope/records/store";
import type { Format } from "../contract/roles.js";
import { type PackedError, packError } from "./thread-errors.js";
import type { FinishedJournal } from "./worker-messages.js";

export interface FinishJournalOptions {
  readonly fs: FileSystem;
  /** Absolute path of a closed journal. */
  readonly journal: string;
  readonly number: number;
  readonly compression: boolean;
  readonly format: Format | null;
}

/**
 * Seals the journal of an episode and exports it from there. What fails is told: a journal that cannot be sealed stays
 * as it is, which is as good to read, and an export that fails leaves no file.
 */
export async function finishJournal(options: FinishJournalOptions): Promise<FinishedJournal> {
  const { fs, journal, number, compression, format } = options;
  let sealError: PackedError | null = null;
  try {
    sealJournal(journal, { fs, compression });
  } catch (error) {
    sealError = packError(error);
  }
  if (format === null) return { sealError, exported: null, exportError: null };
  const name = `episode.${format.extension}`;
  try {
    const pieces = format.encode(journalSource(fs, journal, number));
    await writeAtomicallyAsync(fs, join(dirname(journal), name), pieces, { sync: false });
    return { sealError, exported: name, exportError: null };
  } catch (error) {
    return { sealError, exported: null, exportError: packError(error) };
  }
}
