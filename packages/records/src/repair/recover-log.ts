import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { keepDamaged } from "../disk/keep-damaged.js";
import { JournalMaker } from "../journal/journal-maker.js";
import { type JournalItem, JournalReader } from "../journal/journal-reader.js";
import { writeSealedItems } from "../journal/seal-journal.js";
import { type LogProblem, LogReader } from "../log/log-reader.js";
import { scanLog } from "../log/scan-log.js";
import { DAMAGED_LOG, LOG_DIRECTORY, listSegments, removeLog } from "../log/segments.js";
import { EPISODE_JOURNAL, RUN_JOURNAL } from "../store/manifest.js";
import { recordedNames } from "../store/recorded-names.js";

export interface RecoveredLog {
  /** Journals that were made or completed. */
  readonly sealed: number;
  /** Records that were read in the log. */
  readonly records: number;
  readonly problems: readonly LogProblem[];
}

/**
 * Makes the journals of a run that is not recorded any more: what its log has and no journal. No record is invented: an episode
 * without end is sealed without. When the journals are synced the log goes, but for one that had damage, which is kept aside,
 * and for a spool, which is only there for the outputs. Null where there is no log, or it is a spool.
 */
export function recoverLog(fs: FileSystem, runDir: string): RecoveredLog | null {
  const logDir = join(runDir, LOG_DIRECTORY);
  const { episodeDir, isSpool } = recordedNames(fs, runDir);
  if (isSpool || listSegments(fs, logDir).length === 0) return null;
  const { removed, records, problems } = readWhole(fs, logDir);
  const damaged = problems.some(({ kind }) => kind !== "torn-tail");
  const runJournal = join(runDir, RUN_JOURNAL);
  const journalPath = (number: number): string => join(runDir, episodeDir.format(number), EPISODE_JOURNAL);
  if (!damaged) {
    for (const { number } of scanLog(fs, logDir)) giveWay(fs, journalPath(number), number);
    mergeRunJournal(fs, logDir, runJournal);
  }
  const runWasSealed = isSealed(fs, runJournal);
  let sealed = 0;
  using maker = new JournalMaker({
    fs,
    logDir,
    runJournal,
    removed,
    journalPath,
    onSealed: () => {
      sealed += 1;
    },
  });
  while (maker.run());
  maker.finish();
  if (!runWasSealed) sealed += 1;
  if (damaged) keepAside(fs, runDir, logDir);
  else removeLog(fs, logDir);
  return { sealed, records, problems };
}

function readWhole(fs: FileSystem, logDir: string) {
  using reader = new LogReader(logDir, { fs, glances: true });
  let records = 0;
  while (reader.next() !== null) records += 1;
  reader.checkTail();
  const { removed, problems } = reader;
  return { removed: [...removed], records, problems };
}

/** A damaged journal of which the log still has the records is made again. */
function giveWay(fs: FileSystem, path: string, number: number): void {
  if (!fs.existsSync(path) || isUndamaged(fs, path, number)) return;
  keepDamaged(fs, path);
  fs.unlinkSync(path);
}

/** What damage has taken out of `run.epi` may still be in the log. */
function mergeRunJournal(fs: FileSystem, logDir: string, path: string): void {
  if (!fs.existsSync(path) || isUndamaged(fs, path, 0)) return;
  const items = new Map<number, JournalItem>();
  try {
    using journal = new JournalReader(path, { fs });
    for (const entry of journal.entries()) {
      if (entry.position !== null && !("episode" in entry.record)) items.set(entry.position, entry);
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== "JOURNAL_NOT_RECOGNISED") throw error;
  }
  using log = new LogReader(logDir, { fs });
  for (let item = log.next(); item !== null; item = log.next()) {
    if (item.episode === null) items.set(item.position, item);
  }
  keepDamaged(fs, path);
  const ordered = [...items].sort(([one], [other]) => one - other).map(([, item]) => item);
  writeSealedItems(path, ordered, { fs });
}

/** Whether it is whole, and the journal of that episode; 0 = of the run. */
function isUndamaged(fs: FileSystem, path: string, number: number): boolean {
  try {
    using journal = new JournalReader(path, { fs });
    if (journal.version > 0 && journal.episode !== number) return false;
    for (const _entry of journal.glances());
    return journal.problems.every(({ kind }) => kind === "torn-tail" && !journal.sealed);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "JOURNAL_NOT_RECOGNISED") throw error;
    return false;
  }
}

function isSealed(fs: FileSystem, path: string): boolean {
  if (!fs.existsSync(path)) return false;
  try {
    using journal = new JournalReader(path, { fs });
    return journal.sealed;
  } catch {
    return false;
  }
}

/** A log that was kept by a recovery before stays. */
function keepAside(fs: FileSystem, runDir: string, logDir: string): void {
  const aside = join(runDir, DAMAGED_LOG);
  if (fs.existsSync(aside)) removeLog(fs, logDir);
  else fs.renameSync(logDir, aside);
}
