import { join } from "node:path";
import type { EpisodeTotals } from "@episcope/records";
import {
  compileNameFormat,
  EPISODE_JOURNAL,
  type FileSystem,
  JournalMaker,
  LOG_DIRECTORY,
  RUN_JOURNAL,
  type SealedEpisode,
} from "@episcope/records/store";
import type { Format } from "../contract/roles.js";
import { type ExportedJournal, exportJournal } from "./export-journal.js";
import { type PackedError, packError } from "./thread-errors.js";

/** Where the journals of a run are made of its log; plain data. */
export interface SealPlace {
  readonly runDir: string;
  readonly episodeDirFormat: string;
  /** Episodes that the log may still have, and whose journals stand somewhere else. */
  readonly passed: readonly number[];
}

export interface SealRequest {
  readonly place: SealPlace;
  /** The log can be read up to there. */
  readonly head: number;
  /** What belongs to no episode is synced too, so that the log may let go of it. */
  readonly isCheckpoint: boolean;
  /** No record will come any more: open episodes are sealed without an end. */
  readonly isEnd: boolean;
}

/** A journal that was made. */
export interface SealedJournal extends ExportedJournal {
  /** Number of the episode. */
  readonly number: number;
  readonly totals: EpisodeTotals;
  /** Positions of its first and its last record. */
  readonly first: number;
  readonly last: number;
}

export interface SealReport {
  /** Records below it were read. */
  readonly position: number;
  /** Records below it stand in journals: the log may let go of them. */
  readonly released: number;
  readonly sealed: readonly SealedJournal[];
  /** Everything is sealed, as was asked for by `isEnd`. */
  readonly isFinished: boolean;
  /** Something was damaged in the log. */
  readonly isDamaged: boolean;
  /** What stood in the way; nothing is lost then, and the request may be made again. */
  readonly error: PackedError | null;
}

export interface JournalSealerOptions {
  readonly fs: FileSystem;
  readonly compression: boolean;
  /** In which episodes are exported; null for none. */
  format(): Promise<Format | null>;
}

/** Records that are read before others have a turn. */
const ITEMS = 1000;

/** The log's first reader: makes journals and exports of it, here or in a thread of its own. */
export class JournalSealer {
  readonly #options: JournalSealerOptions;
  #maker: { readonly runDir: string; readonly maker: JournalMaker } | null = null;
  /** Sealed, and not told yet. */
  #sealed: SealedEpisode[] = [];

  constructor(options: JournalSealerOptions) {
    this.#options = options;
  }

  /** Reads on until something was sealed, or there is no more. */
  async run({ place, head, isCheckpoint, isEnd }: SealRequest): Promise<SealReport> {
    let maker: JournalMaker | null = null;
    let error: PackedError | null = null;
    let isFinished = false;
    try {
      maker = this.#makerAt(place);
      while (this.#sealed.length === 0 && maker.position < head && maker.run(head, ITEMS)) {
        if (maker.position < head) await new Promise<void>((resolve) => setImmediate(resolve));
      }
      if (isCheckpoint) maker.checkpoint();
      if (isEnd && this.#sealed.length === 0) {
        maker.finish();
        isFinished = true;
      }
    } catch (cause) {
      error = packError(cause);
    }
    const sealed: SealedJournal[] = [];
    for (const episode of this.#sealed.splice(0)) sealed.push(await this.#exported(episode));
    return {
      position: maker?.position ?? 0,
      released: maker?.released ?? 0,
      sealed,
      isFinished,
      isDamaged: (maker?.problems.length ?? 0) > 0,
      error,
    };
  }

  close(): void {
    this.#maker?.maker.close();
    this.#maker = null;
  }

  #makerAt({ runDir, episodeDirFormat, passed }: SealPlace): JournalMaker {
    if (this.#maker?.runDir === runDir) return this.#maker.maker;
    this.close();
    this.#sealed = [];
    const { fs, compression } = this.#options;
    const dirs = compileNameFormat("storage.episode_dir_format", episodeDirFormat, "episode");
    const maker = new JournalMaker({
      fs,
      logDir: join(runDir, LOG_DIRECTORY),
      runJournal: join(runDir, RUN_JOURNAL),
      journalPath: (number) => join(runDir, dirs.format(number), EPISODE_JOURNAL),
      compression,
      removed: passed,
      onSealed: (episode) => this.#sealed.push(episode),
    });
    this.#maker = { runDir, maker };
    return maker;
  }

  async #exported({ number, path, totals, first, last }: SealedEpisode): Promise<SealedJournal> {
    const { fs, format } = this.#options;
    const exported = await format()
      .then((one) => exportJournal(fs, path, number, one))
      .catch((error: unknown) => ({ exported: null, exportError: packError(error) }));
    return { number, totals, first, last, ...exported };
  }
}
