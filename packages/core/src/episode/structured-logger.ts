import { join } from "node:path";
import { type EpisodeLogEntry, episodeLogEntry } from "./episode-log.js";
import { episodeNotFound } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import { JournalReader } from "./journal/journal-reader.js";
import { JournalWriter } from "./journal/journal-writer.js";
import { sealJournal } from "./journal/seal-journal.js";
import { EPISODE_JOURNAL, type ManifestEpisode, manifestEpisode, RUN_JOURNAL } from "./manifest.js";
import { ManifestWriter } from "./manifest-writer.js";
import type {
  Accounting,
  EpisodeEndRecord,
  EpisodeRecord,
  EpisodeStartRecord,
  StepRecord,
  StreamRecord,
} from "./record.js";

export interface StructuredLoggerOptions {
  readonly fs: FileSystem;
  /** Absolute. */
  readonly runDir: string;
  /** Name of the run, for the manifest. */
  readonly run: string;
  /** Unix seconds. */
  readonly created: number;
  readonly configHash: string;
  /** `logging.async_logger.enable_compression`. */
  readonly compression: boolean;
  /** Name of an episode's directory in the run. */
  episodeDirName(number: number): string;
}

/** What of an episode's directory goes into the manifest beside the journal. */
export interface EpisodeOutputs {
  /** Names of exports, "episode.json.gz" for instance. */
  readonly exports: readonly string[];
  readonly pictures: { readonly count: number; readonly bytes: number };
}

interface OpenEpisode {
  readonly writer: JournalWriter;
  readonly start: EpisodeStartRecord;
}

/**
 * Keeps the records of a run: `run.epi`, a `journal.epi` per episode, and the manifest. Many episodes may be open at
 * once. Records stay in memory until `flush`; errors of the file system pass, and the records stay buffered.
 */
export class StructuredLogger {
  readonly #options: StructuredLoggerOptions;
  readonly #manifest: ManifestWriter;
  readonly #open = new Map<number, OpenEpisode>();
  readonly #ended = new Map<number, { readonly start: EpisodeStartRecord; readonly end: EpisodeEndRecord }>();
  #run: JournalWriter | null = null;

  constructor(options: StructuredLoggerOptions) {
    this.#options = options;
    const { fs, runDir, run, created } = options;
    this.#manifest = new ManifestWriter(runDir, { fs, run, created });
  }

  /** Creates the episode's directory and journal. */
  startEpisode(number: number, record: EpisodeStartRecord): void {
    const { fs } = this.#options;
    const directory = this.#directory(number);
    fs.mkdirSync(directory, { recursive: true });
    const writer = new JournalWriter(join(directory, EPISODE_JOURNAL), { fs, episode: number });
    writer.append(record);
    this.#open.set(number, { writer, start: record });
  }

  /** Throws EPISODE_NOT_FOUND for an episode that is not open. */
  logStep(number: number, record: StepRecord): void {
    this.#writer(number).append(record);
  }

  /** Writes and closes the episode's journal and seals it. If sealing fails, the open journal stays and is as good. */
  endEpisode(number: number, record: EpisodeEndRecord): void {
    const { fs, compression } = this.#options;
    const writer = this.#writer(number);
    writer.append(record);
    writer.flush();
    writer.close();
    this.#ended.set(number, { start: this.#open.get(number)!.start, end: record });
    this.#open.delete(number);
    sealJournal(writer.path, { fs, compression });
  }

  /** Lists an ended episode in the manifest, once its exports and pictures are written. */
  listEpisode(number: number, outputs: EpisodeOutputs): ManifestEpisode {
    const { fs, runDir, episodeDirName } = this.#options;
    const ended = this.#ended.get(number);
    if (ended === undefined) throw this.#unknown(number);
    const entry = manifestEpisode(fs, runDir, {
      number,
      dir: episodeDirName(number),
      ...ended,
      files: [EPISODE_JOURNAL, ...outputs.exports],
      pictures: outputs.pictures,
    });
    this.#manifest.add(entry);
    this.#ended.delete(number);
    return entry;
  }

  logRunRecord(record: StreamRecord): void {
    const { fs, runDir } = this.#options;
    this.#run ??= new JournalWriter(join(runDir, RUN_JOURNAL), { fs });
    this.#run.append(record);
  }

  /** The journals that are open: `run.epi`, then the episodes'. Each can be flushed, synced, or told to discard. */
  *journals(): Generator<JournalWriter> {
    if (this.#run !== null) yield this.#run;
    for (const { writer } of this.#open.values()) yield writer;
  }

  /** Hands everything to the system: it survives the death of this process. */
  flush(): void {
    for (const journal of this.journals()) journal.flush();
  }

  /** Waits until the disk has everything. */
  sync(): void {
    for (const journal of this.journals()) journal.sync();
  }

  /** An episode of this run, finished or open, with all its steps in memory. */
  loadEpisode(number: number): EpisodeLogEntry {
    const { fs, configHash } = this.#options;
    this.#open.get(number)?.writer.flush();
    const path = join(this.#directory(number), EPISODE_JOURNAL);
    if (!fs.existsSync(path)) throw this.#unknown(number);
    return episodeLogEntry(
      {
        number,
        *records() {
          using reader = new JournalReader(path, { fs });
          for (const record of reader.records()) yield record as EpisodeRecord;
        },
      },
      configHash,
    );
  }

  /** Closes all journals and completes the manifest. */
  close(accounting: { readonly [sink: string]: Accounting } = {}): void {
    for (const journal of this.journals()) journal.close();
    this.#open.clear();
    this.#run = null;
    this.#manifest.finish(accounting);
  }

  #writer(number: number): JournalWriter {
    const episode = this.#open.get(number);
    if (episode === undefined) throw this.#unknown(number);
    return episode.writer;
  }

  #directory(number: number): string {
    return join(this.#options.runDir, this.#options.episodeDirName(number));
  }

  #unknown(number: number): Error {
    return episodeNotFound(this.#options.run, number, [...this.#open.keys()]);
  }
}
