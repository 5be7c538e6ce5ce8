import type { EpisodeEndRecord, EpisodeStartRecord } from "@episcope/records";
import type { EpisodeManager, StorageError } from "@episcope/records/store";
import { toStorageError } from "@episcope/records/store";
import { sealFailed } from "../contract/errors.js";
import type { RunLog } from "../log/run-log.js";
import type { JournalSealing } from "../threads/journal-sealing.js";
import type { SealedJournal, SealPlace, SealReport } from "../threads/seal-journals.js";
import { unpackError } from "../threads/thread-errors.js";
import type { EpisodeFinisher } from "./episode-finisher.js";

/** Records that wait for their journals before they are read although nobody waits. */
const ITEMS = 1000;
/** While journals cannot be written: how often it is tried again, and how often at once at the end of the run. */
const RETRY_MS = 500;
const LAST_TRIES = 3;

export interface SealingOptions {
  readonly manager: EpisodeManager;
  readonly episodeDirFormat: string;
  readonly log: Pick<RunLog, "head" | "segment" | "isFailing" | "release">;
  readonly journals: JournalSealing;
  readonly finisher: EpisodeFinisher;
  report(error: unknown, key: string): void;
  /** Told of the first failure of a series; true if there is reason to try again at once. */
  onFailure(error: StorageError): boolean;
}

/** An episode whose journal is not there yet. */
interface UnsealedEpisode {
  readonly start: EpisodeStartRecord;
  readonly first: number;
  end: { readonly record: EpisodeEndRecord; readonly position: number } | null;
  /** Tells whoever waits for its journal. */
  settle(): void;
}

/**
 * The log's first reader: has the journals of a run made of what is written of its log, and the log let go of what stands in
 * them. It works beside the recording. While journals cannot be written it is tried again, and nobody waits for it.
 */
export class Sealing {
  readonly #options: SealingOptions;
  /** By number. */
  readonly #episodes: Map<number, UnsealedEpisode> = new Map();
  #highest = 0;
  #place: SealPlace;
  /** Records below it were read. */
  #position = 0;
  /** Where reading got stuck; more has to be written first. */
  #stuckAt = -1;
  /** Segment up to which the log was let go of. */
  #segment = 1;
  #work: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  /** Failures in a row. */
  #failures = 0;
  #isDamaged = false;
  #isClosing = false;

  constructor(options: SealingOptions) {
    this.#options = options;
    const { manager, episodeDirFormat } = options;
    this.#place = { runDir: manager.runDir, episodeDirFormat, passed: [] };
    manager.onMove(() => this.#move());
  }

  /** Whether the journal of an episode is there now. */
  sealedByNow(): (episode: number) => boolean {
    const highest = this.#highest;
    const unsealed = new Set(this.#episodes.keys());
    return (episode) => episode <= highest && !unsealed.has(episode);
  }

  started(episode: number, start: EpisodeStartRecord, position: number): void {
    this.#highest = Math.max(this.#highest, episode);
    this.#episodes.set(episode, { start, first: position, end: null, settle: () => {} });
  }

  /** Resolves when the episode is sealed and exported, or where that has to be put off. */
  ended(episode: number, record: EpisodeEndRecord, position: number): Promise<void> {
    const unsealed = this.#episodes.get(episode);
    if (unsealed === undefined) return Promise.resolve();
    unsealed.end = { record, position };
    return new Promise((resolve) => {
      unsealed.settle = resolve;
      this.advance();
    });
  }

  /** More of the log may be written. */
  advance(): void {
    if (this.#options.log.isFailing) return;
    if (this.#work !== null || this.#retry !== null || this.#isClosing || !this.#isDue) return;
    this.#work = this.#run().finally(() => {
      this.#work = null;
      this.advance();
    });
  }

  /** Nobody is kept waiting while the log itself cannot be written. */
  putOff(): void {
    for (const { end, settle } of this.#episodes.values()) if (end !== null) settle();
  }

  /** No record comes any more: true once everything stands in journals. */
  async finish(): Promise<boolean> {
    this.#isClosing = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#work;
    for (let tries = 0; tries < LAST_TRIES; ) {
      const report = await this.#ask(true);
      if (report === null) tries += 1;
      else if (report.isFinished) return !this.#isDamaged;
      else if (report.sealed.length === 0) break;
    }
    this.putOff();
    return false;
  }

  /** Something ended is written and not sealed, or so much is written that it is worth the while. */
  get #isDue(): boolean {
    const { head } = this.#options.log;
    if (head <= this.#stuckAt) return false;
    if (head - this.#position >= ITEMS) return true;
    for (const { end } of this.#episodes.values()) if (end !== null && end.position < head) return true;
    return false;
  }

  async #run(): Promise<void> {
    while (this.#isDue && !this.#isClosing) {
      const { head } = this.#options.log;
      const place = this.#place;
      const before = this.#position;
      const report = await this.#ask(false);
      if (place !== this.#place) continue;
      if (report === null) {
        this.putOff();
        this.#retry = setTimeout(() => {
          this.#retry = null;
          this.advance();
        }, RETRY_MS);
        return;
      }
      if (this.#position > before || report.sealed.length > 0) continue;
      this.#stuckAt = head;
      this.putOff();
    }
  }

  /** Null where it failed. */
  async #ask(isEnd: boolean): Promise<SealReport | null> {
    const { log, journals, manager, onFailure } = this.#options;
    for (;;) {
      const place = this.#place;
      const { segment, head } = log;
      let report: SealReport;
      try {
        report = await journals.run({ place, head, isCheckpoint: segment > this.#segment, isEnd });
      } catch (error) {
        this.#fail(error);
        return null;
      }
      // The run has gone on elsewhere meanwhile: there it is made again.
      if (place !== this.#place) continue;
      await this.#take(report);
      if (report.error === null) {
        this.#failures = 0;
        if (this.#position >= head) this.#segment = segment;
        return report;
      }
      const error = unpackError(report.error);
      this.#fail(error);
      if (this.#failures > 1 || !onFailure(toStorageError(error, manager.runDir))) return null;
    }
  }

  /** Nothing is lost, and it is tried again: said when it fails twice, and not what the log says itself. */
  #fail(error: unknown): void {
    const { log, report } = this.#options;
    this.#failures += 1;
    if (log.isFailing || (this.#failures === 1 && !this.#isClosing)) return;
    report(sealFailed(error), "journal");
  }

  /** Lists what was sealed, and has the log let go of it. */
  async #take({ position, released, sealed, isDamaged, error }: SealReport): Promise<void> {
    this.#position = Math.max(this.#position, position);
    this.#isDamaged ||= isDamaged;
    for (const journal of sealed) this.#list(journal);
    if (error !== null) return;
    await this.#findSealed();
    this.#options.log.release(released);
  }

  #list(journal: SealedJournal): void {
    const episode = this.#episodes.get(journal.number);
    if (episode === undefined) return;
    this.#episodes.delete(journal.number);
    this.#options.finisher.list({ ...journal, start: episode.start, end: episode.end?.record });
    episode.settle();
  }

  /** A thread that died may have sealed an episode without telling. */
  async #findSealed(): Promise<void> {
    const { finisher, journals } = this.#options;
    for (const [number, { first, end }] of [...this.#episodes]) {
      if (end === null || end.position >= this.#position) continue;
      const exported = await journals.export(finisher.journalPath(number), number);
      this.#list({ number, totals: end.record.totals, first, last: end.position, ...exported });
    }
  }

  #move(): void {
    const { manager, episodeDirFormat } = this.#options;
    const numbers = Array.from({ length: this.#highest }, (_, index) => index + 1);
    const passed = numbers.filter((number) => !this.#episodes.has(number));
    this.#place = { runDir: manager.runDir, episodeDirFormat, passed };
    this.#position = 0;
    this.#stuckAt = -1;
  }
}
