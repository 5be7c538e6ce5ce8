import { join } from "node:path";
import type { RunEndRecord, StepView, StreamRecord } from "@episcope/records";
import { EpisodeProgress, outcomeOf } from "@episcope/records";
import type { Durability, EpisodeManager, FileSystem } from "@episcope/records/store";
import {
  EPISODE_JOURNAL,
  JournalFiles,
  JournalReader,
  JournalWriter,
  RUN_JOURNAL,
  recoverRun,
  type StorageError,
  toStorageError,
} from "@episcope/records/store";
import type { ProblemLog } from "../pipeline/problem-log.js";
import type { OutputTakeover } from "./output-takeover.js";
import { ownRecord } from "./own-record.js";
import type { SlotStep } from "./step-slot-reader.js";
import type { SideMessage } from "./thread-messages.js";

export interface JournalTakeoverOptions {
  readonly fs: FileSystem;
  /** It is where the thread was. */
  readonly manager: EpisodeManager;
  readonly durability: Durability;
  readonly problems: ProblemLog;
  /** What outputs have still to read. */
  readonly outputs: OutputTakeover;
  /** What the thread had acknowledged. */
  readonly acknowledged: number;
  /** Highest `seq` that was handed to the thread. */
  readonly lastSeq: number;
  /** Numbers of the open episodes. */
  readonly open: readonly number[];
  /**
   * The `seq` of what stands in the ring, by the number of the episode; 0 = the run's. The thread has written the first of
   * them, and may have written more.
   */
  readonly inRing: ReadonlyMap<number, readonly number[]>;
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
  readonly state: EpisodeState;
  /** Records of the ring, from its first on, that the file has already. */
  had: number;
  /** A record was lost: the next step says its `before`, which the reader could not know. */
  gap: boolean;
}

/** Bytes of a journal that may wait in memory; where the system refuses them, no more than the second are held. */
const FLUSH_BYTES = 64 << 10;
const HELD_BYTES = 8 << 20;

/**
 * Goes on with the journals of a run whose thread is gone, in the thread of the producer: writes what the thread had not,
 * and everything that comes. A record that the thread had written already is not written twice.
 */
export class JournalTakeover {
  readonly #options: JournalTakeoverOptions;
  readonly #files: JournalFiles;
  /** By the number of the episode; 0 = the run's. */
  readonly #journals: Map<number, TakenJournal> = new Map();
  #lastSeq: number;
  #acknowledged: number;
  #lost = 0;

  constructor(options: JournalTakeoverOptions) {
    this.#options = options;
    const { fs, durability, problems } = options;
    this.#files = new JournalFiles({ fs, durability, report: (error, key) => problems.report(error, key) });
    this.#lastSeq = options.lastSeq;
    this.#acknowledged = options.acknowledged;
    // What the thread wrote last may not be on the disk yet; of an episode that is over it is.
    if (durability !== "process") for (const number of [0, ...options.open]) this.#guard(number);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Records that no output was offered: `resumeRun` does. */
  get withoutOutputs(): number {
    return this.#options.outputs.added;
  }

  /** Records that could not be written, and will not be. */
  get lost(): number {
    return this.#lost;
  }

  /** Records that wait in memory. */
  get unwritten(): number {
    let count = 0;
    for (const { writer } of this.#journals.values()) count += writer.appended - writer.written;
    return count;
  }

  takeStep({ episode, step, seq, time, input }: SlotStep): void {
    this.#append(episode, ({ key }) => ownRecord(key, step, seq, time, input));
  }

  take(message: SideMessage): void {
    const number = message.number ?? 0;
    if (message.do === "take") {
      this.#append(number, () => message.record);
      return;
    }
    const { key: episode, seq, time, outcome } = message;
    this.#append(number, ({ progress, last }) => ({
      type: "episode-end",
      seq,
      episode,
      time,
      outcome: outcome ?? outcomeOf(last),
      totals: progress!.totals,
    }));
  }

  /** Hands everything to the system, at the run's durability; gives what stands in the way. */
  flush(): StorageError | null {
    let failure: StorageError | null = null;
    this.#options.outputs.write();
    for (const journal of this.#journals.values()) failure = this.#flush(journal) ?? failure;
    if (failure === null) this.#acknowledged = this.#lastSeq;
    return failure;
  }

  /** Ends the run's journal, seals what is open and makes the manifest; gives what went wrong. */
  close(end: RunEndRecord): unknown[] {
    const { fs, manager } = this.#options;
    const errors: unknown[] = [];
    const attempt = (action: () => unknown): void => {
      try {
        action();
      } catch (error) {
        errors.push(error);
      }
    };
    this.#append(0, () => end);
    this.#options.outputs.close();
    for (const { writer } of this.#journals.values()) {
      attempt(() => writer.close());
      this.#lost += writer.appended - writer.written;
    }
    this.#journals.clear();
    attempt(() => recoverRun(manager.runDir, { fs }));
    return errors;
  }

  #append(number: number, recordOf: (state: EpisodeState) => StreamRecord): void {
    const { problems, manager, durability } = this.#options;
    let journal: TakenJournal | undefined;
    let record: StreamRecord;
    try {
      journal = this.#journal(number);
      record = recordOf(journal.state);
      this.#lastSeq = Math.max(this.#lastSeq, record.seq);
      this.#options.outputs.append(number, record);
      if (journal.had > 0) {
        journal.had -= 1;
        return;
      }
      this.#write(journal, record);
    } catch (error) {
      problems.report(toStorageError(error, manager.runDir), "journal");
      this.#lost += 1;
      if (journal !== undefined) journal.gap = true;
      return;
    }
    if (durability === "step") this.flush();
    else if (journal.writer.bufferedBytes > FLUSH_BYTES) this.#flush(journal);
    if (record.type === "episode-end" && this.#flush(journal) === null) this.#finish(number, journal);
  }

  /** Throws what the system says where memory is full. */
  #write(journal: TakenJournal, record: StreamRecord): void {
    const { writer, state } = journal;
    const before = state.last?.after;
    follow(state, record);
    if (writer.bufferedBytes > HELD_BYTES) writer.flush();
    const isWhole = !journal.gap || record.type !== "step" || before === undefined;
    writer.append(isWhole ? record : { before, ...record });
    if (record.type === "step") journal.gap = false;
  }

  /** Of an episode that is over nothing is kept here. */
  #finish(number: number, { writer }: TakenJournal): void {
    this.#journals.delete(number);
    this.#files.close(writer);
  }

  #guard(number: number): void {
    try {
      this.#journal(number);
    } catch (error) {
      this.#options.problems.report(toStorageError(error, this.#options.manager.runDir), "journal");
    }
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
    const { fs, manager, inRing } = this.#options;
    const directory = (): string => (number === 0 ? manager.runDir : manager.startNewEpisode(number));
    const path = join(directory(), number === 0 ? RUN_JOURNAL : EPISODE_JOURNAL);
    const state: EpisodeState = { number, key: "", progress: null, last: null };
    if (!fs.existsSync(path))
      return { state, had: 0, gap: false, writer: this.#files.writer(path, number, directory) };
    using reader = new JournalReader(path, { fs });
    const stored: number[] = [];
    for (const record of reader.records()) {
      stored.push(record.seq);
      follow(state, record);
    }
    const { intactBytes: resumeAt } = reader;
    const writer = new JournalWriter(path, { fs, episode: number, resumeAt });
    return { state, had: overlap(stored, inRing.get(number) ?? []), gap: false, writer };
  }

  #flush({ writer }: TakenJournal): StorageError | null {
    const { problems, durability } = this.#options;
    try {
      if (durability === "process") writer.flush();
      else writer.sync();
      this.#files.used(writer);
      return null;
    } catch (error) {
      const failure = toStorageError(error, writer.path);
      problems.report(failure, "journal");
      return failure;
    }
  }
}

function follow(state: EpisodeState, record: StreamRecord): void {
  if (record.type === "step") state.last = state.progress?.step(record) ?? null;
  if (record.type !== "episode-start") return;
  state.key = record.episode;
  state.progress = new EpisodeProgress(record, state.number);
}

/** How many of `next` stand at the end of `stored`. A producer's numbers need not rise. */
function overlap(stored: readonly number[], next: readonly number[]): number {
  for (let count = Math.min(stored.length, next.length); count > 0; count--) {
    const from = stored.length - count;
    let index = 0;
    while (index < count && stored[from + index] === next[index]) index += 1;
    if (index === count) return count;
  }
  return 0;
}
