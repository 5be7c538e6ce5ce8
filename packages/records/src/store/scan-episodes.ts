import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { JournalReader } from "../journal/journal-reader.js";
import { scanLog } from "../log/scan-log.js";
import { DAMAGED_LOG, LOG_DIRECTORY } from "../log/segments.js";
import type { EpisodeEndRecord, EpisodeRecord, EpisodeStartRecord, StreamRecord } from "../record/record.js";
import { EpisodeProgress } from "../view/progress.js";
import type { ExportReader } from "./exports/exported-episode.js";
import { findExport } from "./exports/read-export.js";
import {
  EPISODE_JOURNAL,
  type EpisodeFacts,
  type ManifestEpisode,
  manifestEpisode,
  NO_TOTALS,
  SAFE_NAME,
} from "./manifest.js";
import { recordedNames } from "./recorded-names.js";

export interface ScanOptions {
  /** Entries that are taken as they are. */
  readonly known?: readonly ManifestEpisode[];
  /** Names of the directories that are looked at; default: all. */
  readonly only?: ReadonlySet<string>;
  /** By which an episode without a readable journal is read. */
  readonly exports: readonly ExportReader[];
}

/**
 * Makes the entries of all episodes below a run again, from their journals, or from exports where there is no journal that can
 * be read. Other directories are no episodes.
 */
export function scanEpisodes(
  fs: FileSystem,
  runDir: string,
  { known = [], only, exports }: ScanOptions,
): ManifestEpisode[] {
  const byDir = new Map(known.map((episode) => [episode.dir, episode]));
  const episodes: ManifestEpisode[] = [];
  for (const dir of directoriesOf(fs, runDir)) {
    if (only !== undefined && !only.has(dir)) continue;
    const episode = byDir.get(dir) ?? scanEpisode(fs, runDir, dir, exports);
    if (episode !== null) episodes.push(episode);
  }
  return episodes.sort((a, b) => a.number - b.number);
}

/** Names of the directories of a run that hold a journal. */
export function episodeDirectories(fs: FileSystem, runDir: string): string[] {
  return directoriesOf(fs, runDir).filter((dir) => fs.existsSync(join(runDir, dir, EPISODE_JOURNAL)));
}

function directoriesOf(fs: FileSystem, runDir: string): string[] {
  return fs
    .readdirSync(runDir, { withFileTypes: true })
    .filter(({ name }) => SAFE_NAME.test(name) && name !== LOG_DIRECTORY && name !== DAMAGED_LOG)
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** With the episodes of which there is no sealed journal: they stand in the log. */
export function withLogged(
  fs: FileSystem,
  runDir: string,
  known: readonly ManifestEpisode[],
): ManifestEpisode[] {
  const { episodeDir, isSpool } = recordedNames(fs, runDir);
  if (isSpool) return [...known];
  const numbers = new Set(known.map(({ number }) => number));
  const logged = scanLog(fs, join(runDir, LOG_DIRECTORY))
    .filter(({ number }) => !numbers.has(number))
    .map(({ number, start, end, totals, first, last }) => {
      const dir = episodeDir.format(number);
      const pictures = looseFiles(fs, join(runDir, dir));
      const positions = { first, last };
      return manifestEpisode(fs, runDir, {
        number,
        dir,
        start,
        end: end ?? undefined,
        totals,
        files: [],
        pictures,
        positions,
      });
    });
  return [...known, ...logged].sort((a, b) => a.number - b.number);
}

function looseFiles(fs: FileSystem, directory: string): { readonly count: number; readonly bytes: number } {
  let names: string[];
  try {
    names = fs.readdirSync(directory).map(String);
  } catch {
    return { count: 0, bytes: 0 };
  }
  const others = names.filter((name) => !name.startsWith("episode.") && !name.startsWith(EPISODE_JOURNAL));
  let bytes = 0;
  for (const name of others) bytes += fs.lstatSync(join(directory, name)).size;
  return { count: others.length, bytes };
}

type RecordFacts = Pick<EpisodeFacts, "number" | "start" | "end" | "totals" | "positions"> & {
  readonly hasStart: boolean;
};

function scanEpisode(
  fs: FileSystem,
  runDir: string,
  dir: string,
  exports: readonly ExportReader[],
): ManifestEpisode | null {
  const directory = join(runDir, dir);
  const ofJournal = journalFacts(fs, directory, dir);
  const facts = ofJournal?.hasStart === true ? ofJournal : (exportFacts(fs, directory, exports) ?? ofJournal);
  if (facts === null) return null;
  const names = fs.readdirSync(directory).map(String);
  const files = names.filter((name) => name === EPISODE_JOURNAL || name.startsWith("episode."));
  return manifestEpisode(fs, runDir, { ...facts, dir, files, pictures: looseFiles(fs, directory) });
}

function journalFacts(fs: FileSystem, directory: string, dir: string): RecordFacts | null {
  try {
    using reader = new JournalReader(join(directory, EPISODE_JOURNAL), { fs });
    return factsOf(reader.episode || Number(/(\d+)\D*$/.exec(dir)?.[1] ?? 0), reader.entries());
  } catch {
    return null;
  }
}

function exportFacts(
  fs: FileSystem,
  directory: string,
  exports: readonly ExportReader[],
): RecordFacts | null {
  const { episode } = findExport(fs, directory, exports);
  if (episode === null) return null;
  return factsOf(
    episode.number,
    episode.records.map((record) => ({ record, position: null })),
  );
}

function factsOf(
  number: number,
  entries: Iterable<{ readonly record: StreamRecord; readonly position: number | null }>,
): RecordFacts | null {
  let start: EpisodeStartRecord | undefined;
  let end: EpisodeEndRecord | undefined;
  let progress: EpisodeProgress | undefined;
  let first: EpisodeRecord | undefined;
  let steps = 0;
  let positions: { first: number; last: number } | undefined;
  for (const { record, position } of entries) {
    if (position !== null) positions = { first: positions?.first ?? position, last: position };
    if ("episode" in record) first ??= record;
    if (record.type === "step") steps += 1;
    if (record.type === "episode-start") {
      start = record;
      progress = new EpisodeProgress(record, number);
    } else if (record.type === "step") progress?.step(record);
    else if (record.type === "episode-end") end = record;
  }
  if (first === undefined || number === 0) return null;
  return {
    number,
    start: start ?? lostStart(first),
    hasStart: start !== undefined,
    end,
    totals: progress?.totals ?? { ...NO_TOTALS, steps },
    positions,
  };
}

/** Of an episode whose start is lost what its other records say. */
function lostStart({ episode, time }: EpisodeRecord): EpisodeFacts["start"] {
  return { episode, time, task_id: "", pair_index: 0, mode: "train" };
}
