import { basename, dirname, join, resolve } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { JournalReader } from "../journal/journal-reader.js";
import { openLoggedJournal } from "../journal/logged-journal.js";
import { LogReader } from "../log/log-reader.js";
import { LOG_DIRECTORY } from "../log/segments.js";
import type { EpisodeRecord, RunStartRecord, StreamRecord } from "../record/record.js";
import { episodeNotFound, runNotFound } from "./errors.js";
import type { EpisodePictures } from "./exports/episode-log.js";
import { episodePictures } from "./exports/episode-pictures.js";
import type { ExportReader } from "./exports/exported-episode.js";
import { jsonExports } from "./exports/json-exports.js";
import { hasExports, openKeptJournal, placeOf } from "./exports/kept-journal.js";
import { findExport } from "./exports/read-export.js";
import {
  EPISODE_JOURNAL,
  MANIFEST_VERSION,
  type Manifest,
  type ManifestEpisode,
  RUN_JOURNAL,
  readManifest,
} from "./manifest.js";
import { recordedNames } from "./recorded-names.js";
import { otherPart, type RunPart } from "./run-parts.js";
import { scanEpisodes, withLogged } from "./scan-episodes.js";

export interface RunReaderOptions {
  readonly fs: FileSystem;
  /** By which an episode is read that has no journal any more. Default: JSON; plugins of other formats have theirs. */
  readonly exports?: readonly ExportReader[];
}

/**
 * A recorded run, for reading; also while it is being recorded. Episodes are listed from the manifest; a run whose
 * manifest is missing, or was never completed, is completed from its journals. A run that went on in another directory is
 * read from both, whichever is named; from the first part only if that could be written again.
 *
 * Throws RUN_NOT_FOUND where the directory holds no run.
 */
export class RunReader {
  /** Absolute. */
  readonly dir: string;
  readonly manifest: Manifest;
  /** The other directory, of a run that lies in two. */
  readonly otherPart: RunPart | null;
  /** As given. */
  readonly exports: readonly ExportReader[];
  readonly #fs: FileSystem;
  /** Numbers of the episodes that are in the other part. */
  readonly #elsewhere: ReadonlySet<number>;

  constructor(dir: string, { fs, exports = [jsonExports] }: RunReaderOptions) {
    this.dir = resolve(dir);
    this.exports = exports;
    this.#fs = fs;
    const own = this.#readManifest();
    const other = otherPart(fs, this.dir, own, exports);
    this.otherPart = other;
    if (other === null) {
      this.manifest = own;
      this.#elsewhere = new Set();
      return;
    }
    const [first, second] = other.isLater ? [own.episodes, other.episodes] : [other.episodes, own.episodes];
    const byNumber = new Map([...first, ...second].map((episode) => [episode.number, episode]));
    const episodes = [...byNumber.values()].sort((a, b) => a.number - b.number);
    this.manifest = { ...own, episodes };
    const elsewhere = episodes.filter((episode) => other.episodes.includes(episode));
    this.#elsewhere = new Set(elsewhere.map(({ number }) => number));
  }

  /** Absolute path of the log's directory, which is there while the run records, and after a crash. */
  get logDir(): string {
    return join(this.dir, LOG_DIRECTORY);
  }

  get name(): string {
    return this.manifest.run;
  }

  /** From the run's first record; "" where that is lost. */
  get configHash(): string {
    return this.runStart?.config_hash ?? "";
  }

  /** What the run was begun with; null where that is lost. */
  get runStart(): RunStartRecord | null {
    for (const record of this.readableRunRecords()) if (record.type === "run-start") return record;
    return null;
  }

  /** As `runRecords`; of a file that is no journal any more there are none: `verify` says what is wrong with it. */
  *readableRunRecords(): Generator<StreamRecord> {
    try {
      yield* this.runRecords();
    } catch (error) {
      if ((error as { code?: unknown }).code !== "JOURNAL_NOT_RECOGNISED") throw error;
    }
  }

  /** As `configHash`, of an episode whose run has lost it: what its export says. */
  configHashOf(number: number): string {
    const hash = this.configHash;
    return hash === ""
      ? (findExport(this.#fs, this.episodeDir(number), this.exports).episode?.configHash ?? "")
      : hash;
  }

  /** In the order of their numbers. */
  get episodes(): readonly ManifestEpisode[] {
    return this.manifest.episodes;
  }

  /** Throws EPISODE_NOT_FOUND. */
  episode(number: number): ManifestEpisode {
    const episode = this.episodes.find((entry) => entry.number === number);
    if (episode !== undefined) return episode;
    throw episodeNotFound(
      this.name,
      number,
      this.episodes.map((entry) => entry.number),
    );
  }

  /** Absolute path of an episode's directory. */
  episodeDir(number: number): string {
    const { dir } = this.episode(number);
    return join(this.#elsewhere.has(number) ? this.otherPart!.dir : this.dir, dir);
  }

  /** Absolute path of an episode's journal. */
  journalPath(number: number): string {
    return join(this.episodeDir(number), EPISODE_JOURNAL);
  }

  /** Absolute path of the journal of what belongs to no episode. */
  get runJournalPath(): string {
    return join(this.otherPart?.isLater === true ? this.otherPart.dir : this.dir, RUN_JOURNAL);
  }

  /**
   * The journal of an episode; the caller closes it. Of an episode that only the log or an export has, one is made in memory.
   * Throws EPISODE_NOT_KEPT where nothing has its records.
   */
  openJournal(number: number): JournalReader {
    const path = this.journalPath(number);
    const episode = this.episode(number);
    const { positions, key } = episode;
    if (!this.manifest.complete && positions !== undefined && !this.#fs.existsSync(path)) {
      const logDir = join(this.#elsewhere.has(number) ? this.otherPart!.dir : this.dir, LOG_DIRECTORY);
      const journal = openLoggedJournal(this.#fs, logDir, path, number, positions.first);
      if (journal.first !== undefined) return journal;
    }
    return openKeptJournal(path, {
      number,
      key,
      place: () => placeOf(this.episodes, episode),
      fs: this.#fs,
      exports: this.exports,
      hasExports: hasExports(episode),
    });
  }

  /** Whether anything has records of an episode: `openJournal` gives a journal then. */
  isKept(number: number): boolean {
    try {
      this.openJournal(number).close();
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EPISODE_NOT_KEPT") throw error;
      return false;
    }
  }

  /** Where the pictures of an episode are. */
  pictures(number: number): EpisodePictures {
    const directory = this.episodeDir(number);
    return episodePictures(this.#fs, directory, recordedNames(this.#fs, dirname(directory)).stepFile);
  }

  /** The records of an episode; may be iterated more than once. */
  records(number: number): Iterable<EpisodeRecord> {
    const open = () => this.openJournal(number);
    return {
      *[Symbol.iterator]() {
        using journal = open();
        for (const record of journal.records()) if ("episode" in record) yield record;
      },
    };
  }

  /** The records that belong to no episode. */
  *runRecords(): Generator<StreamRecord> {
    const path = this.runJournalPath;
    let next = 0;
    if (this.#fs.existsSync(path)) {
      using journal = new JournalReader(path, { fs: this.#fs });
      for (const { record, position } of journal.entries()) {
        if ("episode" in record) continue;
        yield record;
        next = (position ?? 0) + 1;
      }
    }
    if (this.manifest.complete) return;
    using log = new LogReader(join(dirname(path), LOG_DIRECTORY), { fs: this.#fs, from: next });
    for (let item = log.next(); item !== null; item = log.next())
      if (item.episode === null) yield item.record;
  }

  #readManifest(): Manifest {
    const stored = readManifest(this.#fs, this.dir);
    if (stored?.complete === true) return stored;
    let episodes: ManifestEpisode[];
    try {
      episodes = scanEpisodes(this.#fs, this.dir, { known: stored?.episodes ?? [], exports: this.exports });
      episodes = withLogged(this.#fs, this.dir, episodes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") throw runNotFound(this.dir);
      throw error;
    }
    if (stored !== null) return { ...stored, episodes };
    const hasRecords =
      this.#fs.existsSync(join(this.dir, RUN_JOURNAL)) || LogReader.first(this.#fs, this.logDir) !== null;
    if (episodes.length === 0 && !hasRecords) throw runNotFound(this.dir);
    return {
      episcope: MANIFEST_VERSION,
      run: basename(this.dir),
      run_id: "",
      created: episodes[0]?.started ?? 0,
      complete: false,
      accounting: {},
      episodes,
    };
  }
}
