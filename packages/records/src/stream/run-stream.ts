import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import type { JournalReader } from "../journal/journal-reader.js";
import { LogReader, type RunItem } from "../log/log-reader.js";
import { LOG_DIRECTORY, listSegments } from "../log/segments.js";
import type { ExportReader } from "../store/exports/exported-episode.js";
import { jsonExports } from "../store/exports/json-exports.js";
import { openKeptJournal, placeOf } from "../store/exports/kept-journal.js";
import { EPISODE_JOURNAL, type ManifestEpisode, RUN_JOURNAL, readManifest } from "../store/manifest.js";
import { scanEpisodes } from "../store/scan-episodes.js";
import { JournalMerge, type JournalPlace } from "./journal-merge.js";

export interface RunStreamOptions {
  readonly fs: FileSystem;
  /** Position of the first item; default 0. */
  readonly from?: number;
  /** As in `RunReaderOptions`. */
  readonly exports?: readonly ExportReader[];
}

/**
 * The records of a run from a position on, in the order in which they arrived, each with what was decided about it: from the
 * log as far as that is there, else from the journals. It works while the run records (then `next` gives null at the head, and
 * goes on when it is called later), after a crash, and years later.
 *
 *     using stream = new RunStream(runDir, { fs, from: cursor });
 *     for (let item = stream.next(head); item !== null; item = stream.next(head)) cursor = item.position + 1;
 *
 * Positions may be missing: of episodes that cleanup has removed, and where files are damaged. Of a run of version 1, which
 * kept no positions and decisions, both are made anew, each time the same; `decisions.draw` is null throughout.
 */
export class RunStream {
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #logDir: string;
  readonly #exports: readonly ExportReader[];
  #position: number;
  #log: LogReader | null = null;
  #journals: JournalMerge | null = null;
  /** The first item of the log behind those that only journals have. */
  #held: RunItem | null = null;
  #isOver = false;

  constructor(runDir: string, { fs, from = 0, exports = [jsonExports] }: RunStreamOptions) {
    this.#fs = fs;
    this.#exports = exports;
    this.#dir = runDir;
    this.#logDir = join(runDir, LOG_DIRECTORY);
    this.#position = from;
  }

  /** The next item's position, or one before it. */
  get position(): number {
    return this.#position;
  }

  /** Episodes that cleanup has removed although their records are still in the log, as far as was read. */
  get removed(): ReadonlySet<number> {
    return this.#log?.removed ?? NONE;
  }

  /** The next item below the position `head`, where that is given; null where there is none, or none yet. */
  next(head: number = Number.POSITIVE_INFINITY): RunItem | null {
    if (this.#position >= head) return null;
    for (;;) {
      const item = this.#journals?.next() ?? null;
      if (item !== null) return this.#give(item);
      this.#closeJournals();
      const held = this.#held;
      if (held !== null) {
        this.#held = null;
        return this.#give(held);
      }
      if (this.#isOver) return null;
      if (this.#log === null && !this.#openLog()) continue;
      const next = this.#log!.next(head);
      if (next === null) {
        if (listSegments(this.#fs, this.#logDir).length > 0) return null;
        // The run is complete, and its log has gone: what is left stands in the journals.
        this.#closeLog();
        continue;
      }
      if (next.position <= this.#position) return this.#give(next);
      this.#held = next;
      this.#openJournals(next.position);
    }
  }

  close(): void {
    this.#closeJournals();
    this.#closeLog();
    this.#isOver = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #give(item: RunItem): RunItem {
    this.#position = item.position + 1;
    return item;
  }

  /** False where the journals come first, or there is no log. */
  #openLog(): boolean {
    const first = LogReader.first(this.#fs, this.#logDir);
    if (first === null || first > this.#position) {
      this.#openJournals(first ?? Number.POSITIVE_INFINITY);
      if (first === null) {
        this.#isOver = true;
        return false;
      }
    }
    this.#log = new LogReader(this.#logDir, { fs: this.#fs, from: Math.max(first, this.#position) });
    return this.#journals === null;
  }

  #openJournals(until: number): void {
    const journals = journalsOf(this.#fs, this.#dir, this.#exports);
    this.#journals = new JournalMerge(this.#fs, journals, this.#position, until);
  }

  #closeJournals(): void {
    this.#journals?.close();
    this.#journals = null;
  }

  #closeLog(): void {
    this.#log?.close();
    this.#log = null;
  }
}

const NONE: ReadonlySet<number> = new Set();

/**
 * The journals of a run's directory: those that the manifest lists, and others that are there; and of episodes without one what
 * an export has.
 */
function journalsOf(fs: FileSystem, runDir: string, exports: readonly ExportReader[]): JournalPlace[] {
  const episodes = readManifest(fs, runDir)?.episodes ?? [];
  const listed = new Map(episodes.map((episode) => [episode.dir, episode]));
  const places: JournalPlace[] = [];
  const bare: string[] = [];
  for (const entry of fs.readdirSync(runDir, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith(".") || entry.name === LOG_DIRECTORY) continue;
    const path = join(runDir, entry.name, EPISODE_JOURNAL);
    const known = listed.get(entry.name);
    if (known !== undefined) {
      const { number, positions } = known;
      const open = () => openFromExport(fs, path, known, episodes, exports);
      places.push({ path, number, positions, open });
    } else if (fs.existsSync(path)) {
      places.push({ path, number: Number(/(\d+)\D*$/.exec(entry.name)?.[1] ?? 0) });
    } else bare.push(entry.name);
  }
  if (bare.length > 0) places.push(...bareJournals(fs, runDir, bare, exports));
  const path = join(runDir, RUN_JOURNAL);
  if (fs.existsSync(path)) places.push({ path, number: 0 });
  return places;
}

/** Episodes that no manifest lists, and that have an export and no journal. */
function bareJournals(
  fs: FileSystem,
  runDir: string,
  directories: readonly string[],
  exports: readonly ExportReader[],
): JournalPlace[] {
  const episodes = scanEpisodes(fs, runDir, { only: new Set(directories), exports });
  return episodes.map((episode) => {
    const path = join(runDir, episode.dir, EPISODE_JOURNAL);
    const open = () => openFromExport(fs, path, episode, episodes, exports);
    return { path, number: episode.number, open };
  });
}

function openFromExport(
  fs: FileSystem,
  path: string,
  episode: ManifestEpisode,
  episodes: readonly ManifestEpisode[],
  exports: readonly ExportReader[],
): JournalReader {
  const place = () => placeOf(episodes, episode);
  return openKeptJournal(path, {
    number: episode.number,
    key: episode.key,
    place,
    fs,
    exports,
    hasExports: true,
  });
}
