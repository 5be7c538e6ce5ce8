import { randomBytes } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { FileSystem } from "../disk/file-system.js";
import { keepDamaged } from "../disk/keep-damaged.js";
import { TEMPORARY_SUFFIX } from "../disk/write-atomically.js";
import { JournalReader } from "../journal/journal-reader.js";
import { writeSealedItems, writeSealedJournal } from "../journal/seal-journal.js";
import { DAMAGED_LOG, LOG_DIRECTORY } from "../log/segments.js";
import type { ExportReader } from "../store/exports/exported-episode.js";
import { jsonExports } from "../store/exports/json-exports.js";
import { EPISODE_JOURNAL, RUN_JOURNAL, readManifest, writeManifest } from "../store/manifest.js";
import { RunReader } from "../store/run-reader.js";
import { scanEpisodes } from "../store/scan-episodes.js";
import { keepKnown } from "./known-episodes.js";
import { rebuildJournals } from "./rebuild-journals.js";
import { type RecoveredLog, recoverLog } from "./recover-log.js";

export interface RecoverReport {
  /** Directories in which the run lies: 2 where it went on elsewhere and both can be reached. */
  readonly parts: number;
  /** Episodes that the run has now. */
  readonly episodes: number;
  /** Journals that were complete but open, and are sealed now. */
  readonly sealed: number;
  /** Journals from which damage was taken out. */
  readonly repaired: number;
  /** Journals that were lost, or had lost records, and were made again of an export. */
  readonly rebuilt: number;
  /** Journals that cannot be read at all; they were left alone. */
  readonly unreadable: number;
  /** Episodes that stay listed with what was known of them: their records are gone, or have become another's. */
  readonly lost: number;
  /** Records in the journals that were sealed or repaired. */
  readonly records: number;
  /** Whole records that could not be kept because they refer to lost ones. */
  readonly orphans: number;
  /** Bytes that were no record: torn tails of a crash, and damage. */
  readonly bytesLost: number;
  readonly manifestWritten: boolean;
  /** Leftovers of interrupted writes. */
  readonly temporariesRemoved: number;
  /** Whether more than the torn tail of a crash is gone, or came back from exports only. */
  readonly loss: boolean;
}

export interface RecoverOptions {
  readonly fs: FileSystem;
  /** By which lost journals are made again. Default: JSON; plugins of other formats have theirs. */
  readonly exports?: readonly ExportReader[];
}

/**
 * Repairs a run that is not being recorded any more: seals open journals, takes damage out of damaged ones (their
 * originals stay beside them), makes those again that are lost where an export has more of the steps, removes leftovers, makes
 * the manifest again. An episode of which nothing can be read stays listed with what is known. No record is invented. Killed in the
 * middle, or called again, it comes to the same result. Of a run that went on elsewhere both directories are repaired, and
 * the first one names the second from then on. Throws RUN_NOT_FOUND; passes errors of the file system.
 */
export function recoverRun(runDir: string, options: RecoverOptions): RecoverReport {
  const { fs, exports = [jsonExports] } = options;
  const dir = resolve(runDir);
  const run = new RunReader(dir, options);
  const other = run.otherPart;
  const own = recoverPart(fs, dir, other?.isLater === true ? other.dir : undefined, exports);
  if (other === null) return own;
  try {
    const second = recoverPart(fs, other.dir, other.isLater ? undefined : dir, exports);
    const sum = (count: (report: RecoverReport) => number): number => count(own) + count(second);
    return {
      parts: 2,
      episodes: new RunReader(dir, options).episodes.length,
      sealed: sum((report) => report.sealed),
      repaired: sum((report) => report.repaired),
      rebuilt: sum((report) => report.rebuilt),
      unreadable: sum((report) => report.unreadable),
      lost: sum((report) => report.lost),
      records: sum((report) => report.records),
      orphans: sum((report) => report.orphans),
      bytesLost: sum((report) => report.bytesLost),
      manifestWritten: own.manifestWritten || second.manifestWritten,
      temporariesRemoved: sum((report) => report.temporariesRemoved),
      loss: own.loss || second.loss,
    };
  } catch (error) {
    // Often it is still as it was when the run had to leave it: that it can be read is enough.
    if (!other.isLater && (error as { syscall?: unknown }).syscall !== undefined) return own;
    throw error;
  }
}

function recoverPart(
  fs: FileSystem,
  dir: string,
  continuedIn: string | undefined,
  exports: readonly ExportReader[],
): RecoverReport {
  const known = new RunReader(dir, { fs, exports });
  const counts: Counts = {
    sealed: 0,
    repaired: 0,
    rebuilt: 0,
    unreadable: 0,
    records: 0,
    orphans: 0,
    bytesLost: 0,
    loss: false,
  };
  let temporariesRemoved = removeTemporaries(fs, dir);
  countLog(recoverLog(fs, dir), counts);
  const directories = fs
    .readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !NO_EPISODES.has(entry.name))
    .map((entry) => join(dir, entry.name));
  for (const directory of directories) temporariesRemoved += removeTemporaries(fs, directory);
  const stored = readManifest(fs, dir);
  const rebuilt = rebuildJournals(fs, directories, { episodes: known.episodes, exports });
  counts.rebuilt = rebuilt.journals;
  counts.records += rebuilt.records;
  if (rebuilt.journals > 0) counts.loss = true;
  const listed = new Map(stored?.episodes.map((episode) => [episode.dir, episode]));
  if (stored?.complete === true && isEmpty(fs, join(dir, RUN_JOURNAL))) counts.loss = true;
  else recoverJournal(fs, join(dir, RUN_JOURNAL), counts);
  for (const place of directories) {
    const path = join(place, EPISODE_JOURNAL);
    const episode = listed.get(basename(place));
    // Of an episode that is known there was more than nothing.
    if (episode === undefined || !isEmpty(fs, path)) recoverJournal(fs, path, counts, episode?.key);
  }
  const kept = keepKnown(fs, dir, stored, scanEpisodes(fs, dir, { exports }));
  if (kept.lost > 0) counts.loss = true;

  const manifest = {
    ...known.manifest,
    run_id: known.manifest.run_id === "" ? randomBytes(16).toString("hex") : known.manifest.run_id,
    complete: true,
    ...(continuedIn === undefined ? {} : { continued_in: continuedIn }),
    episodes: kept.episodes,
  };
  const manifestWritten = !isDeepStrictEqual(stored, manifest);
  if (manifestWritten) writeManifest(fs, dir, manifest);
  return {
    parts: 1,
    episodes: manifest.episodes.length,
    lost: kept.lost,
    ...counts,
    manifestWritten,
    temporariesRemoved,
  };
}

const NO_EPISODES: ReadonlySet<string> = new Set([LOG_DIRECTORY, DAMAGED_LOG]);

function countLog(log: RecoveredLog | null, counts: Counts): void {
  if (log === null) return;
  counts.sealed += log.sealed;
  counts.records += log.records;
  for (const { kind, bytes, orphans, lost } of log.problems) {
    counts.bytesLost += bytes;
    counts.orphans += orphans;
    if (kind !== "torn-tail" && (lost > 0 || orphans > 0 || kind === "missing")) counts.loss = true;
  }
}

interface Counts {
  sealed: number;
  repaired: number;
  rebuilt: number;
  unreadable: number;
  records: number;
  orphans: number;
  bytesLost: number;
  loss: boolean;
}

/** Whether the file is missing, or has no bytes. */
function isEmpty(fs: FileSystem, path: string): boolean {
  return (fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function recoverJournal(fs: FileSystem, path: string, counts: Counts, key?: string): void {
  if (!fs.existsSync(path)) return;
  try {
    using journal = new JournalReader(path, { fs, key });
    let records = 0;
    for (const _record of journal.records()) records += 1;
    const { problems } = journal;
    if (journal.sealed && problems.length === 0) return;
    const damaged = problems.some(({ kind }) => kind !== "torn-tail" && kind !== "index");
    // What looks like a torn tail in a sealed file is damage: it was whole when it was renamed.
    const keepOriginal = damaged || (journal.sealed && problems.some(({ kind }) => kind === "torn-tail"));
    if (keepOriginal) keepDamaged(fs, path);
    if (journal.version > 1) writeSealedItems(path, journal.entries(), { fs, episode: journal.episode });
    else writeSealedJournal(path, journal.records(), { fs, episode: journal.episode });
    counts.records += records;
    if (problems.length === 0) counts.sealed += 1;
    else counts.repaired += 1;
    for (const { kind, bytes, orphans } of problems) {
      counts.orphans += orphans;
      if (kind !== "header" && kind !== "index") counts.bytesLost += bytes;
    }
    if (keepOriginal && problems.some(({ kind }) => kind !== "header" && kind !== "index"))
      counts.loss = true;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code !== "JOURNAL_NOT_RECOGNISED" && code !== "JOURNAL_VERSION_UNSUPPORTED") throw error;
    counts.unreadable += 1;
    counts.loss = true;
  }
}

function removeTemporaries(fs: FileSystem, directory: string): number {
  let removed = 0;
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(TEMPORARY_SUFFIX)) continue;
    fs.unlinkSync(join(directory, entry.name));
    removed += 1;
  }
  return removed;
}
