import { createHash } from "node:crypto";
import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { writeAtomically } from "../disk/write-atomically.js";
import { JournalReader } from "../journal/journal-reader.js";
import { scanLog } from "../log/scan-log.js";
import { DAMAGED_LOG, LOG_DIRECTORY } from "../log/segments.js";
import type {
  Accounting,
  EpisodeEndRecord,
  EpisodeMode,
  EpisodeRecord,
  EpisodeStartRecord,
  EpisodeTotals,
  Outcome,
} from "../record/record.js";
import { EpisodeProgress } from "../view/progress.js";
import { manifestFromFuture } from "./errors.js";
import { recordedNames } from "./recorded-names.js";

export const MANIFEST_FILE = "manifest.json";
export const RUN_JOURNAL = "run.epi";
export const EPISODE_JOURNAL = "journal.epi";
/** Version of the manifest, and the mark by which a directory is known as ours. */
export const MANIFEST_VERSION = 1;

export interface ManifestFile {
  /** Relative to the episode's directory. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A finished episode, or one whose producer died. */
export interface ManifestEpisode {
  /** In the run, from 1. */
  readonly number: number;
  /** The producer's key. */
  readonly key: string;
  readonly task_id: string;
  readonly pair_index: number;
  readonly mode: EpisodeMode;
  readonly outcome: Outcome;
  /** Unix seconds; `ended` is null where the end is missing. */
  readonly started: number;
  readonly ended: number | null;
  readonly totals: EpisodeTotals;
  /** Name of its directory in the run. */
  readonly dir: string;
  /** The journal and the exports. */
  readonly files: readonly ManifestFile[];
  /** Loose files that can be drawn again: pictures and dumps. */
  readonly pictures: { readonly count: number; readonly bytes: number };
  /** Positions in the run of its first and its last record; not of runs of version 1. */
  readonly positions?: { readonly first: number; readonly last: number };
}

export interface Manifest {
  readonly episcope: number;
  /** Name of the run. */
  readonly run: string;
  /** Differs for every run ever recorded. */
  readonly run_id: string;
  /** Unix seconds. */
  readonly created: number;
  /** False while the run goes on, and for ever where it died: then episodes may be missing. */
  readonly complete: boolean;
  readonly accounting: { readonly [sink: string]: Accounting };
  /** Absolute path of the first part of this run, whose directory could not be written any more. It has the same `run_id`. */
  readonly continues?: string;
  /** Absolute path of the part in which this run went on, where that could be noted. */
  readonly continued_in?: string;
  /** In the order of their numbers. */
  readonly episodes: readonly ManifestEpisode[];
}

/** Names that a directory entry of a run can have and still be read: no separators, no parents. */
const SAFE_NAME = /^[A-Za-z0-9._-]+$/;

/**
 * The manifest of a run; null where it is missing, damaged, or none of ours: it is a copy and can be made again.
 * Throws MANIFEST_VERSION_UNSUPPORTED for one from the future.
 */
export function readManifest(fs: FileSystem, runDir: string): Manifest | null {
  const path = join(runDir, MANIFEST_FILE);
  let plain: unknown;
  try {
    plain = JSON.parse(fs.readFileSync(path, "utf8"), reviveNumber);
  } catch {
    return null;
  }
  const manifest = plain as Manifest;
  if (!Number.isInteger(manifest?.episcope) || typeof manifest.run_id !== "string") return null;
  if (manifest.episcope > MANIFEST_VERSION) {
    throw manifestFromFuture(path, manifest.episcope, MANIFEST_VERSION);
  }
  if (!Array.isArray(manifest.episodes) || !manifest.episodes.every(isEpisode)) return null;
  return manifest;
}

export function writeManifest(fs: FileSystem, runDir: string, manifest: Manifest): void {
  const text = `${JSON.stringify(manifest, replaceNumber, 1)}\n`;
  writeAtomically(fs, join(runDir, MANIFEST_FILE), [Buffer.from(text)]);
}

export interface EpisodeFacts {
  readonly number: number;
  /** Name of its directory in the run. */
  readonly dir: string;
  readonly start: Pick<EpisodeStartRecord, "episode" | "time" | "task_id" | "pair_index" | "mode">;
  /** Undefined where the producer died. */
  readonly end?: EpisodeEndRecord | undefined;
  /** Where there is no end. */
  readonly totals?: EpisodeTotals;
  /** Names of journal and exports in the directory; those that are not there are left out. */
  readonly files: readonly string[];
  readonly pictures?: { readonly count: number; readonly bytes: number };
  readonly positions?: { readonly first: number; readonly last: number } | undefined;
}

/** The manifest's entry of an episode; sizes and checksums are taken from its files. */
export function manifestEpisode(fs: FileSystem, runDir: string, facts: EpisodeFacts): ManifestEpisode {
  const { number, dir, start, end } = facts;
  return {
    number,
    key: start.episode,
    task_id: start.task_id,
    pair_index: start.pair_index,
    mode: start.mode,
    outcome: end?.outcome ?? "crashed",
    started: start.time,
    ended: end?.time ?? null,
    totals: end?.totals ?? facts.totals ?? NO_TOTALS,
    dir,
    files: facts.files.flatMap((name) => describeFile(fs, join(runDir, dir), name)),
    pictures: facts.pictures ?? { count: 0, bytes: 0 },
    ...(facts.positions === undefined ? {} : { positions: facts.positions }),
  };
}

const NO_TOTALS: EpisodeTotals = { steps: 0, reward: 0, final_similarity: null, best_similarity: null };

/**
 * Makes the entries of all episodes below a run again, from their journals; those that `known` has are taken as they
 * are. Directories without a readable journal are no episodes.
 */
export function scanEpisodes(
  fs: FileSystem,
  runDir: string,
  known: readonly ManifestEpisode[] = [],
): ManifestEpisode[] {
  const byDir = new Map(known.map((episode) => [episode.dir, episode]));
  const episodes: ManifestEpisode[] = [];
  for (const dir of directoriesOf(fs, runDir)) {
    const episode = byDir.get(dir) ?? scanEpisode(fs, runDir, dir);
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

function scanEpisode(fs: FileSystem, runDir: string, dir: string): ManifestEpisode | null {
  const directory = join(runDir, dir);
  let start: EpisodeStartRecord | undefined;
  let end: EpisodeEndRecord | undefined;
  let progress: EpisodeProgress | undefined;
  let number = 0;
  let first: EpisodeRecord | undefined;
  let steps = 0;
  let positions: { first: number; last: number } | undefined;
  try {
    using reader = new JournalReader(join(directory, EPISODE_JOURNAL), { fs });
    number = reader.episode;
    for (const { record, position } of reader.entries()) {
      if (position !== null) positions = { first: positions?.first ?? position, last: position };
      if ("episode" in record) first ??= record;
      if (record.type === "step") steps += 1;
      if (record.type === "episode-start") {
        start = record;
        progress = new EpisodeProgress(record, number);
      } else if (record.type === "step") progress?.step(record);
      else if (record.type === "episode-end") end = record;
    }
  } catch {
    return null;
  }
  if (number === 0) number = Number(/(\d+)\D*$/.exec(dir)?.[1] ?? 0);
  if (first === undefined || number === 0) return null;
  const names = fs.readdirSync(directory).map(String);
  const kept = names.filter((name) => name === EPISODE_JOURNAL || name.startsWith("episode."));
  return manifestEpisode(fs, runDir, {
    number,
    dir,
    start: start ?? lostStart(first),
    end,
    totals: progress?.totals ?? { ...NO_TOTALS, steps },
    files: kept,
    pictures: looseFiles(fs, directory),
    positions,
  });
}

/** Of an episode whose start is lost what its other records say. */
function lostStart({ episode, time }: EpisodeRecord): Parameters<typeof manifestEpisode>[2]["start"] {
  return { episode, time, task_id: "", pair_index: 0, mode: "train" };
}

function describeFile(fs: FileSystem, directory: string, name: string): ManifestFile[] {
  const sum = fileChecksum(fs, join(directory, name));
  return sum === null ? [] : [{ path: name, ...sum }];
}

/** Size and SHA-256 of a file, read in pieces; null where it cannot be read. */
export function fileChecksum(
  fs: FileSystem,
  path: string,
): { readonly bytes: number; readonly sha256: string } | null {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(256 * 1024);
  let bytes = 0;
  try {
    const fd = fs.openSync(path, "r");
    try {
      for (let count = -1; count !== 0; bytes += count) {
        count = fs.readSync(fd, buffer, 0, buffer.length, bytes);
        hash.update(buffer.subarray(0, count));
      }
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return null;
  }
  return { bytes, sha256: hash.digest("hex") };
}

function isEpisode(plain: ManifestEpisode): boolean {
  return (
    Number.isSafeInteger(plain?.number) &&
    typeof plain.dir === "string" &&
    SAFE_NAME.test(plain.dir) &&
    plain.dir !== "." &&
    plain.dir !== ".." &&
    Array.isArray(plain.files) &&
    isPlace(plain.positions) &&
    typeof plain.totals === "object" &&
    plain.totals !== null
  );
}

function isPlace(plain: ManifestEpisode["positions"]): boolean {
  return plain === undefined || (Number.isSafeInteger(plain?.first) && Number.isSafeInteger(plain.last));
}

/** NaN and the infinities as words, as in the record stream; only totals hold such numbers. */
function replaceNumber(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

const NUMBERS = new Set(["reward", "final_similarity", "best_similarity"]);

function reviveNumber(key: string, value: unknown): unknown {
  return NUMBERS.has(key) && typeof value === "string" ? Number(value) : value;
}
