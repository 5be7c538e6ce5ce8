import { dirname, join } from "node:path";
import type { FileSystem } from "../../disk/file-system.js";
import { type EpisodePlace, openJournalOf } from "../../journal/journal-of-records.js";
import { JournalReader } from "../../journal/journal-reader.js";
import { episodeNotKept } from "../errors.js";
import { EPISODE_JOURNAL, type ManifestEpisode } from "../manifest.js";
import type { ExportReader } from "./exported-episode.js";
import { findExport } from "./read-export.js";

export interface KeptJournalOptions {
  readonly number: number;
  /** As the manifest has it. */
  readonly key?: string;
  place(): EpisodePlace;
  readonly fs: FileSystem;
  readonly exports: readonly ExportReader[];
  /** Whether the manifest lists exports of the episode. */
  readonly hasExports: boolean;
}

/**
 * The journal of an episode; where it is missing, cannot be read or has lost its beginning, one made in memory of an export,
 * whose `path` is the export's.
 * Throws EPISODE_NOT_KEPT where there is neither, JOURNAL_VERSION_UNSUPPORTED.
 */
export function openKeptJournal(
  path: string,
  { number, key, place, fs, exports, hasExports }: KeptJournalOptions,
): JournalReader {
  const { journal, problem } = tryJournal(fs, path, key);
  const isSound = journal !== null && !hasExports && journal.isComplete;
  if (journal !== null && (isSound || journal.first?.type === "episode-start")) return journal;
  try {
    const { episode, file, problems } = findExport(fs, dirname(path), exports, key);
    if (episode !== null && file !== null) {
      journal?.close();
      return openJournalOf(join(dirname(path), file), episode.records, place());
    }
    if (journal?.first !== undefined) return journal;
    throw episodeNotKept(number, dirname(path), [
      problem ?? `${EPISODE_JOURNAL} holds no record`,
      ...problems,
    ]);
  } catch (error) {
    journal?.close();
    throw error;
  }
}

function tryJournal(
  fs: FileSystem,
  path: string,
  key: string | undefined,
): { readonly journal: JournalReader | null; readonly problem: string | null } {
  try {
    return { journal: new JournalReader(path, { fs, key }), problem: null };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { journal: null, problem: `${EPISODE_JOURNAL} is not there` };
    if (code !== "JOURNAL_NOT_RECOGNISED") throw error;
    return { journal: null, problem: message.replace(/\.$/, "") };
  }
}

/** Where an episode stood in its run, as far as the list of the episodes says it. */
export function placeOf(
  episodes: readonly ManifestEpisode[],
  { number, positions }: ManifestEpisode,
): EpisodePlace {
  let [first, globalStep] = [1, 0];
  for (const other of episodes) {
    const isBefore =
      positions === undefined || other.positions === undefined
        ? other.number < number
        : other.positions.last < positions.first;
    if (!isBefore) continue;
    globalStep += other.totals.steps;
    first += other.totals.steps + (other.ended === null ? 1 : 2);
  }
  return { number, first: positions?.first ?? first, globalStep };
}

/** Whether a manifest lists exports of an episode. */
export function hasExports({ files }: ManifestEpisode): boolean {
  return files.some(({ path }) => path !== EPISODE_JOURNAL);
}
