import type { Accounting, Outcome, RunEndRecord, StreamRecord } from "@episcope/records";
import type { EpisodeLogEntry } from "@episcope/records/store";
import type { Problem } from "./problem-log.js";
import type { StepInput } from "./step-input.js";

/** What became of a record that was offered. */
export interface Taken {
  /** Config keys of sinks whose policy `error` refused it. */
  readonly refusedBy: readonly string[];
  /** Of an episode's end: resolves when it is sealed and exported. */
  readonly done?: Promise<void>;
}

/** Takes the steps of one open episode. */
export interface EpisodeIntake {
  /** Number in the run, from 1. */
  readonly number: number;
  /** Steps so far. Throws EPISODE_UNKNOWN once the episode has ended. */
  readonly steps: number;
  /**
   * Takes a step of the usual form; false if a sink refused it. Null if it is of another form, or wrong: then nothing was
   * taken, and `parseRecord` decides.
   */
  take(seq: number, time: number, input: StepInput, priority: number): boolean | null;
}

/** Everything behind the producer: journal, hooks, pictures, sinks. It runs in the producer's thread or in another. */
export interface Pipeline {
  /** True if nothing is drawn, logged or sent: steps need not be handed over. */
  readonly idle: boolean;
  readonly episodesStarted: number;
  /** Keys. */
  readonly openEpisodes: readonly string[];
  /** Every record up to this seq that was not dropped is safe at `storage.durability`; -1 for none. */
  readonly acknowledged: number;
  /** Of the sinks and renderers: entries that are neither written nor dropped. */
  readonly pending: number;
  /** One entry per kind and source. */
  readonly problems: readonly Problem[];

  /** The intake of an open episode. Throws EPISODE_UNKNOWN. */
  intake(key: string): EpisodeIntake;
  /** Throws EPISODE_OPEN, EPISODE_UNKNOWN or SELECTION_INVALID, and has changed nothing then. */
  take(record: StreamRecord, priority?: number): Taken;
  /** Ends an open episode with what its steps come to. Throws EPISODE_UNKNOWN. */
  end(key: string, seq: number, time: number, outcome?: Outcome): Taken;
  /** The error that a call from inside a sink gets; null for every other call. */
  refusesReentry(): Error | null;

  /** Resolves when everything taken is acknowledged; with `outputs` also when every output has settled what it was offered. */
  flush(outputs: boolean): Promise<void>;
  /** Hands everything taken to the system, synchronously: for the end of the process. */
  flushNow(): void;
  /** Resolves when every queue has room. */
  ready(): Promise<void>;
  /** `journal`, then every renderer and sink by its config key. */
  accounting(): { readonly [key: string]: Accounting };
  /** Names of what has not been written, with counts. */
  describePending(): string[];
  /** Throws EPISODE_NOT_FOUND; also where no journal is kept. */
  loadEpisode(number: number): EpisodeLogEntry;
  /**
   * Drains every queue, writes the run's end with the accounting, closes everything; drops and counts what is left when
   * `deadline` resolves. Tries everything, and gives what went wrong.
   */
  close(end: RunEndRecord, deadline: Promise<unknown>): Promise<readonly unknown[]>;
}

/** The budget of drawing, as far as the pipeline holds it. */
export interface DrawingBudget {
  /** 0 = all is drawn; 1 = no ordinary steps; 2 = no state dumps and no whole-episode pages either. */
  readonly detail: 0 | 1 | 2;
  /** Counts a picture or dump that was given up. */
  countReduced(): void;
  /** Counts time that drawing took on the producer's thread, in milliseconds. */
  addRecordingTime(ms: number): void;
}
