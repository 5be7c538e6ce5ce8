import type {
  Accounting,
  EpisodeEndRecord,
  EpisodeStartRecord,
  StepRecord,
  StreamRecord,
} from "@episcope/records";
import type { Decisions, EpisodeLogEntry } from "@episcope/records/store";
import { episodeNotFound } from "@episcope/records/store";
import { type ServiceToken, serviceToken } from "../contract/services.js";
import { RunLog, type RunLogOptions } from "../log/run-log.js";
import { Sealing } from "../log/sealing.js";
import type { LogSource } from "../output/log-source.js";
import type { JournalSealing } from "../threads/journal-sealing.js";
import type { EpisodeFinisher } from "./episode-finisher.js";
import { loadEpisode } from "./load-episode.js";

export interface StructuredLoggerOptions extends Omit<RunLogOptions, "onProgress" | "sealedByNow"> {
  /** For the entries that `loadEpisode` gives. */
  readonly configHash: string;
  readonly episodeDirFormat: string;
  /** What makes journals; null with `structured_logging: false`: the log is there for the outputs only then. */
  readonly journals: JournalSealing | null;
  readonly finisher: EpisodeFinisher;
  /** Told when records were written, or `acknowledged` has changed. */
  onProgress?: (() => void) | undefined;
}

/** Where a record stands, and of an episode's end: when its journal is there. */
export interface LoggedEnd {
  readonly position: number;
  /** Resolves when the episode is sealed and exported, or where that has to be put off. */
  readonly sealed: Promise<void>;
}

/** What keeps the records. */
export const STRUCTURED_LOGGER: ServiceToken<StructuredLogger> = serviceToken("episcope.structured-logger");

/** What a run keeps of its records: the log, and the journals that are made of it. */
export class StructuredLogger {
  readonly #options: StructuredLoggerOptions;
  readonly #log: RunLog;
  readonly #sealing: Sealing | null;

  constructor(options: StructuredLoggerOptions) {
    this.#options = options;
    const { journals, onProgress } = options;
    this.#log = new RunLog({
      ...options,
      onProgress: () => {
        if (this.#log.isFailing) this.#sealing?.putOff();
        else this.#sealing?.advance();
        onProgress?.();
      },
      sealedByNow: () => this.#sealing?.sealedByNow() ?? (() => false),
    });
    this.#sealing = journals === null ? null : new Sealing({ ...options, journals, log: this.#log });
  }

  /** Whether journals are made. */
  get keepsJournals(): boolean {
    return this.#sealing !== null;
  }

  /** For outputs that are late. */
  get source(): LogSource {
    return this.#log;
  }

  get acknowledged(): number {
    return this.#log.acknowledged;
  }

  /** Records that wait in memory. */
  get unwritten(): number {
    return this.#log.unwritten;
  }

  accounting(): Accounting {
    return this.#log.accounting();
  }

  /** Gives the record's position. Throws where it cannot be encoded; nothing has changed then. */
  startEpisode(number: number, record: EpisodeStartRecord, decisions: Decisions): number {
    const position = this.#log.append(record, number, decisions)!;
    this.#sealing?.started(number, record, position);
    return position;
  }

  /** Gives the record's position; null where it had to be dropped. Nothing of it is kept. */
  logStep(number: number, record: StepRecord, decisions: Decisions): number | null {
    return this.#log.append(record, number, decisions);
  }

  /** Null where the record had to be dropped. */
  endEpisode(number: number, record: EpisodeEndRecord, decisions: Decisions): LoggedEnd | null {
    const position = this.#log.append(record, number, decisions);
    if (position === null) return null;
    return { position, sealed: this.#sealing?.ended(number, record, position) ?? Promise.resolve() };
  }

  /** A record that belongs to no episode; as `logStep`. */
  logRunRecord(record: StreamRecord, decisions: Decisions): number | null {
    return this.#log.append(record, null, decisions);
  }

  /** An episode of this run, as far as it has come. Throws EPISODE_NOT_FOUND. */
  loadEpisode(number: number): EpisodeLogEntry {
    const { fs, manager, configHash } = this.#options;
    if (this.#sealing === null) throw episodeNotFound(manager.runDir, number, []);
    this.flushNow();
    return loadEpisode(fs, manager, number, configHash);
  }

  /** Cleanup has removed the episode. */
  removed(episode: number): void {
    this.#log.removed(episode);
  }

  /** Outputs need nothing below this position any more. */
  passed(position: number): void {
    const needed = this.#log.passed(position);
    // What stands in journals is read there.
    if (this.#sealing === null) this.#log.release(needed);
  }

  /** Hands everything to the system at once; synchronous, for the end of the process too. */
  flushNow(): void {
    this.#log.flushNow();
  }

  /** Resolves when everything accepted is safe at the configured durability; rejects with what stands in the way. */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  /** Nothing comes any more: writes the rest, and lets the log go once all of it stands in journals. False where it does not. */
  async close(): Promise<boolean> {
    this.#log.close();
    if (this.#sealing === null) return true;
    const isSealed = await this.#sealing.finish();
    if (isSealed) this.#log.remove();
    return isSealed;
  }

  /** After the outputs are closed; `isAwaited`: some of them may still get something, in another run of them. */
  leave(isAwaited: boolean): void {
    if (this.#sealing === null && !isAwaited) this.#log.remove();
    this.#log.unlock();
  }
}
