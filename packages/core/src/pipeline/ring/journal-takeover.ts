import { join } from "node:path";
import type { Durability } from "../../config/types.js";
import type { EpisodeManager } from "../../episode/episode-manager.js";
import { JournalReader } from "../../episode/journal/journal-reader.js";
import { JournalWriter } from "../../episode/journal/journal-writer.js";
import { EPISODE_JOURNAL, RUN_JOURNAL } from "../../episode/manifest.js";
import { EpisodeProgress } from "../../episode/progress.js";
import type { RunEndRecord, StreamRecord } from "../../episode/record.js";
import { recoverRun } from "../../episode/recover.js";
import { toStorageError } from "../../episode/storage-errors.js";
import type { StepView } from "../../episode/view.js";
import type { FileSystem } from "../plugin.js";
import type { ProblemLog } from "../problem-log.js";
import { outcomeOf } from "../recording.js";
import { ownRecord } from "./own-record.js";
import type { SlotStep } from "./step-slot-reader.js";
import type { SideMessage } from "./thread-messages.js";

export interface JournalTakeoverOptions {
  readonly fs: FileSystem;
  readonly manager: EpisodeManager;
  readonly durability: Durability;
  readonly problems: ProblemLog;
}

/** How far an episode has come; of the run's journal it stays as it is. */
interface EpisodeState {
  readonly number: number;
  key: string;
  progress: EpisodeProgress | null;
  last: StepView | null;
}

interface TakenJournal {
  readonly writer: JournalWriter;
  /** Of the last record that was in it when it was taken over. */
  readonly lastSeq: number;
  readonly state: EpisodeState;
}

/** Bytes that may wait in memory. */
const FLUSH_BYTES = 64 << 10;

/**
 * Goes on with the journals of a run whose thread is gone, in the thread of the producer: writes what the thread had not,
 * and everything that comes. A record that the thread had written already is not written twice.
 */
export class JournalTakeover {
  readonly #options: JournalTakeoverOptions;
  /** By the number of the episode; 0 = the run's. */
  readonly #journals: Map<number, TakenJournal> = new Map();
  #lastSeq = -1;
  #acknowledged = -1;

  constructor(options: JournalTakeoverOptions) {
    this.#options = options;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  takeStep({ episode, step, seq, time, input }: SlotStep): void {
    this.#guard(() => {
      const journal = this.#journal(episode);
      this.#append(journal, ownRecord(journal.state.key, step, seq, time, input));
    });
  }

  take(message: SideMessage): void {
    this.#guard(() => {
      const journal = this.#journal(message.number ?? 0);
      if (message.do === "take") {
        this.#append(journal, message.record);
        return;
      }
      const { key, seq, time, outcome } = message;
      const { progress, last } = journal.state;
      const totals = progress!.totals;
      this.#append(journal, {
        type: "episode-end",
        seq,
        episode: key,
        time,
        outcome: outcome ?? outcomeOf(last),
        totals,
      });
    });
  }

  /** Hands everything to the system, at the run's durability. */
  flush(): void {
    let isSafe = true;
    for (const { writer } of this.#journals.values()) {
      isSafe &&= this.#guard(() => {
        if (this.#options.durability === "process") writer.flush();
        else writer.sync();
      });
    }
    if (isSafe) this.#acknowledged = this.#lastSeq;
  }

  /** Ends the run's journal, seals what is open and makes the manifest; gives what went wrong. */
  close(end: Omit<RunEndRecord, "accounting">): unknown[] {
    const { fs, manager } = this.#options;
    const errors: unknown[] = [];
    const attempt = (action: () => unknown): void => {
      try {
        action();
      } catch (error) {
        errors.push(error);
      }
    };
    attempt(() => this.#append(this.#journal(0), { ...end, accounting: {} }));
    for (const { writer } of this.#journals.values()) attempt(() => writer.close());
    attempt(() => recoverRun(manager.runDir, { fs }));
    return errors;
  }

  #append(journal: TakenJournal, record: StreamRecord): void {
    this.#lastSeq = Math.max(this.#lastSeq, record.seq);
    if (record.seq <= journal.lastSeq) return;
    journal.writer.append(record);
    follow(journal.state, record);
    if (this.#options.durability === "step") this.flush();
    else if (journal.writer.bufferedBytes > FLUSH_BYTES) journal.writer.flush();
  }

  #journal(number: number): TakenJournal {
    let journal = this.#journals.get(number);
    if (journal === undefined) {
      journal = this.#open(number);
      this.#journals.set(number, journal);
    }
    return journal;
  }

  #open(number: number): TakenJournal {
    const { fs, manager } = this.#options;
    const path =
      number === 0
        ? join(manager.runDir, RUN_JOURNAL)
        : join(manager.startNewEpisode(number), EPISODE_JOURNAL);
    const state: EpisodeState = { number, key: "", progress: null, last: null };
    if (!fs.existsSync(path))
      return { state, lastSeq: -1, writer: new JournalWriter(path, { fs, episode: number }) };
    using reader = new JournalReader(path, { fs });
    let lastSeq = -1;
    for (const record of reader.records()) {
      lastSeq = Math.max(lastSeq, record.seq);
      follow(state, record);
    }
    const { intactBytes: resumeAt } = reader;
    return { state, lastSeq, writer: new JournalWriter(path, { fs, episode: number, resumeAt }) };
  }

  #guard(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      this.#options.problems.report(toStorageError(error, this.#options.manager.runDir), "journal");
      return false;
    }
  }
}

function follow(state: EpisodeState, record: StreamRecord): void {
  if (record.type === "step") state.last = state.progress?.step(record) ?? null;
  if (record.type !== "episode-start") return;
  state.key = record.episode;
  state.progress = new EpisodeProgress(record, state.number);
}
