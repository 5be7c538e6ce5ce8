import { createHash } from "node:crypto";
import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { writeAtomically } from "../disk/write-atomically.js";
import type {
  Accounting,
  EpisodeEndRecord,
  EpisodeMode,
  EpisodeStartRecord,
  EpisodeTotals,
  Outcome,
} from "../record/record.js";
import { manifestFromFuture } from "./errors.js";

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
export const SAFE_NAME: RegExp = /^[A-Za-z0-9._-]+$/;

/**
 * The manifest of a run; null where it is missing, damaged, or none of ours: it is a copy and can be made again.
 * Throws MANIFEST_VERSION_UNSUPPORTED for one from the future.
 */
export function readManifest(fs: FileSystem, runDir: string): Manifest | null {
  const path = join(runDir, MANIFEST_FILE);
  let plain: unknown;
  try {
    plain = JSON.parse(fs.readFileSync(path, "utf8"));
  } catch {
    return null;
  }
  const manifest = plain as Manifest;
  if (!Number.isInteger(manifest?.episcope) || typeof manifest.run_id !== "string") return null;
  if (manifest.episcope > MANIFEST_VERSION) {
    throw manifestFromFuture(path, manifest.episcope, MANIFEST_VERSION);
  }
  if (!Array.isArray(manifest.episodes) || !manifest.episodes.every(isEpisode)) return null;
  for (const { totals } of manifest.episodes) reviveTotals(totals);
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

export const NO_TOTALS: EpisodeTotals = {
  steps: 0,
  reward: 0,
  final_similarity: null,
  best_similarity: null,
};

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

/** In place: a reviver would be called for every value of a manifest of 10,000 episodes. */
function reviveTotals(totals: { -readonly [Name in keyof EpisodeTotals]: EpisodeTotals[Name] }): void {
  if (typeof totals.reward === "string") totals.reward = Number(totals.reward);
  if (typeof totals.final_similarity === "string") totals.final_similarity = Number(totals.final_similarity);
  if (typeof totals.best_similarity === "string") totals.best_similarity = Number(totals.best_similarity);
}
