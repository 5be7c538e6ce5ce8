import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { JournalReader } from "../journal/journal-reader.js";
import { scanLog } from "../log/scan-log.js";
import { LOG_DIRECTORY } from "../log/segments.js";
import type { EpisodeEndRecord, EpisodeStartRecord, StreamRecord } from "../record/record.js";
import { EpisodeProgress } from "../view/progress.js";
import type { ExportReader } from "./exports/exported-episode.js";
import { findExport } from "./exports/read-export.js";
import {
  EPISODE_JOURNAL,
  type EpisodeFacts,
  type ManifestEpisode,
  manifestEpisode,
  SAFE_NAME,
} from "./manifest.js";
import { recordedNames } from "./recorded-names.js";

export interface ScanOptions {
  /** Entries that are taken as they are. */
  readonly known?: readonly ManifestEpisode[];
  /** Entries that stand for episodes of which nothing can be read any more. */
  readonly listed?: readonly ManifestEpisode[];
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
  { known = [], listed = [], only, exports }: ScanOptions,
): ManifestEpisode[] {
  const byDir = new Map(known.map((episode) => [episode.dir, episode]));
  const lost = new Map(listed.map((episode) => [episode.dir, episode]));
  const episodes: ManifestEpisode[] = [];
  for (const entry of fs.readdirSync(runDir, { withFileTypes: true })) {
    if (!entry.isDirectory() || !SAFE_NAME.test(entry.name) || entry.name === LOG_DIRECTORY) continue;
    if (only !== undefined && !only.has(entry.name)) continue;
    const episode = byDir.get(entry.name) ?? scanEpisode(fs, runDir, entry.name, exports);
    if (episode === null) continue;
    lost.delete(entry.name);
    episodes.push(episode);
  }
  const numbers = new Set(episodes.map(({ number }) => number));
  for (const episode of lost.values()) if (!numbers.has(episode.number)) episodes.push(episode);
  return episodes.sort((a, b) => a.number - b.number);
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

type RecordFacts = Pick<EpisodeFacts, "number" | "start" | "end" | "totals" | "positions">;

function scanEpisode(
  fs: FileSystem,
  runDir: string,
  dir: string,
  exports: readonly ExportReader[],
): ManifestEpisode | null {
  const directory = join(runDir, dir);
  const facts = journalFacts(fs, directory, dir) ?? exportFacts(fs, directory, exports);
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
  let positions: { first: number; last: number } | undefined;
  for (const { record, position } of entries) {
    if (position !== null) positions = { first: positions?.first ?? position, last: position };
    if (record.type === "episode-start") {
      start = record;
      progress = new EpisodeProgress(record, number);
    } else if (record.type === "step") progress?.step(record);
    else if (record.type === "episode-end") end = record;
  }
  if (start === undefined || progress === undefined || number === 0) return null;
  return { number, start, end, totals: progress.totals, positions };
}
