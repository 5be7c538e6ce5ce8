import { basename, join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { keepDamaged } from "../disk/keep-damaged.js";
import { journalItems } from "../journal/journal-of-records.js";
import { type JournalItem, JournalReader } from "../journal/journal-reader.js";
import { writeSealedItems, writeSealedJournal } from "../journal/seal-journal.js";
import type { StreamRecord } from "../record/record.js";
import type { ExportReader } from "../store/exports/exported-episode.js";
import { placeOf } from "../store/exports/kept-journal.js";
import { findExport } from "../store/exports/read-export.js";
import { EPISODE_JOURNAL, type ManifestEpisode } from "../store/manifest.js";

export interface RebuiltJournals {
  /** Journals that were made again of an export. */
  readonly journals: number;
  /** In the journals that were made again. */
  readonly records: number;
}

interface RunFacts {
  /** What is known of the run's episodes, from whatever source. */
  readonly episodes: readonly ManifestEpisode[];
  readonly exports: readonly ExportReader[];
}

/**
 * Makes journals again that are gone, cannot be read, or have lost records, where an export beside them has more; a damaged
 * original stays beside them. Of a run of version 1 they are of version 1, so that all of them are ordered alike.
 */
export function rebuildJournals(
  fs: FileSystem,
  directories: readonly string[],
  { episodes, exports }: RunFacts,
): RebuiltJournals {
  let [journals, records] = [0, 0];
  let isOld: boolean | null = null;
  for (const directory of directories) {
    const path = join(directory, EPISODE_JOURNAL);
    const known = episodes.find(({ dir }) => dir === basename(directory));
    const { kept, hasStart, isWhole, isThere } = examine(fs, path, known?.key);
    if (isWhole) continue;
    const { episode } = findExport(fs, directory, exports, known?.key);
    if (episode === null || (hasStart && episode.records.length <= kept)) continue;
    // Without its start it is not read as a journal: the export is read in its place.
    const readable = hasStart ? readableOf(fs, path, known?.key) : [];
    if (isThere) keepDamaged(fs, path);
    isOld ??= isOfVersion1(fs, directories);
    const place =
      known === undefined ? { number: episode.number, first: 1, globalStep: 0 } : placeOf(episodes, known);
    const items = merged(readable, [...journalItems(episode.records, place)]);
    const options = { fs, episode: place.number };
    if (isOld) writeSealedJournal(path, recordsOf(items), options);
    else writeSealedItems(path, items, options);
    journals += 1;
    records += episode.records.length;
  }
  return { journals, records };
}

/** What can be read of a journal; nothing where it is none any more. */
function readableOf(fs: FileSystem, path: string, key: string | undefined): readonly JournalItem[] {
  try {
    using journal = new JournalReader(path, { fs, key });
    return [...journal.entries()].map(({ record, position, decisions, lost }) => ({
      ...{ record, position, decisions, lost },
    }));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "JOURNAL_NOT_RECOGNISED") throw error;
    return [];
  }
}

/**
 * The items of an export, and in the place of those that the journal still has the journal's: an export knows neither the `seq`
 * that a producer gave nor what was decided live. What only the export has follows its neighbour.
 */
function merged(readable: readonly JournalItem[], exported: readonly JournalItem[]): readonly JournalItem[] {
  const kept = new Map(readable.map((item) => [placeIn(item.record), item]));
  if (kept.size === 0) return exported;
  let [seq, position] = [-1, -1];
  return exported.map((item) => {
    const next = { ...item, position: position + 1, record: { ...item.record, seq: seq + 1 } };
    const own = kept.get(placeIn(item.record)) ?? next;
    seq = own.record.seq;
    position = own.position ?? position + 1;
    return own;
  });
}

/** What a record is in its episode. */
function placeIn(record: StreamRecord): string {
  return record.type === "step" ? `step ${record.step}` : record.type;
}

function* recordsOf(items: readonly JournalItem[]) {
  for (const { record } of items) yield record;
}

interface Examined {
  /** Records that a repair of the file would keep. */
  readonly kept: number;
  readonly hasStart: boolean;
  /** Nothing has to be made again. */
  readonly isWhole: boolean;
  readonly isThere: boolean;
}

const UNREADABLE: Examined = { kept: 0, hasStart: false, isWhole: false, isThere: true };

function examine(fs: FileSystem, path: string, key: string | undefined): Examined {
  if (!fs.existsSync(path)) return { ...UNREADABLE, isThere: false };
  try {
    using journal = new JournalReader(path, { fs, key });
    let kept = 0;
    let hasStart = false;
    for (const { record } of journal.glances()) {
      kept += 1;
      hasStart ||= record.type === "episode-start";
    }
    return { kept, hasStart, isWhole: hasStart && journal.problems.length === 0, isThere: true };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === "JOURNAL_VERSION_UNSUPPORTED") return { ...UNREADABLE, isWhole: true };
    if (code !== "JOURNAL_NOT_RECOGNISED") throw error;
    return UNREADABLE;
  }
}

/** Whether the run's other journals are of version 1. */
function isOfVersion1(fs: FileSystem, directories: readonly string[]): boolean {
  let isOld = false;
  for (const directory of directories) {
    const path = join(directory, EPISODE_JOURNAL);
    if (!fs.existsSync(path)) continue;
    try {
      using journal = new JournalReader(path, { fs });
      if (journal.version > 1) return false;
      isOld ||= journal.version === 1;
    } catch {
      // Says nothing about the run.
    }
  }
  return isOld;
}
