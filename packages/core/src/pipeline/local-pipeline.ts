import type { Accounting, Outcome, RunEndRecord, StreamRecord } from "@episcope/records";
import type { EpisodeLogEntry } from "@episcope/records/store";
import { episodeNotFound } from "@episcope/records/store";
import { hasTaps, type RunHooks } from "../contract/hooks.js";
import type { RunIdentity } from "../contract/roles.js";
import type { EpisodeFinisher } from "../log/episode-finisher.js";
import type { StructuredLogger } from "../log/structured-logger.js";
import type { AsyncLogger } from "../output/async-logger.js";
import type { OutputsKeeper } from "./outputs-keeper.js";
import type { EpisodeIntake, Pipeline, Taken } from "./pipeline.js";
import type { Problem, ProblemLog } from "./problem-log.js";
import type { Recording } from "./recording.js";
import type { StepInput } from "./step-input.js";
import { StepIntake } from "./step-intake.js";

export interface LocalPipelineParts {
  readonly idle: boolean;
  readonly recording: Recording;
  /** Null where neither journals are made nor outputs read. */
  readonly log: StructuredLogger | null;
  readonly asyncLogger: AsyncLogger;
  /** Null where there are none. */
  readonly outputs: OutputsKeeper | null;
  readonly finisher: EpisodeFinisher;
  readonly problems: ProblemLog;
  readonly hooks: RunHooks;
  readonly identity: RunIdentity;
  readonly runDir: string;
  /** Run last, in this order. */
  readonly closers: readonly (() => Promise<void>)[];
  report(error: unknown, key: string): void;
}

/** The pipeline in the thread that feeds it: of the producer, or one of its own. */
export class LocalPipeline implements Pipeline {
  readonly #parts: LocalPipelineParts;
  readonly #pendingEnds: Set<Promise<void>> = new Set();

  constructor(parts: LocalPipelineParts) {
    this.#parts = parts;
  }

  get idle(): boolean {
    return this.#parts.idle;
  }

  get episodesStarted(): number {
    return this.#parts.recording.episodesStarted;
  }

  get openEpisodes(): readonly string[] {
    return this.#parts.recording.openEpisodes;
  }

  get acknowledged(): number {
    return this.#parts.log?.acknowledged ?? -1;
  }

  /** Records that wait in memory to be written to the log. */
  get unwritten(): number {
    return this.#parts.log?.unwritten ?? 0;
  }

  get pending(): number {
    return this.#parts.asyncLogger.lanes.reduce((sum, lane) => sum + lane.pending, 0);
  }

  get problems(): readonly Problem[] {
    return this.#parts.problems.problems;
  }

  intake(key: string): EpisodeIntake {
    const { recording } = this.#parts;
    return new BorrowingIntake(recording, key, recording.numberOf(key));
  }

  take(record: StreamRecord, priority = 0): Taken {
    const taken = this.#parts.recording.take(record, priority);
    const { done } = taken;
    if (done !== undefined) {
      this.#pendingEnds.add(done);
      void done.finally(() => this.#pendingEnds.delete(done));
    }
    return taken;
  }

  end(key: string, seq: number, time: number, outcome?: Outcome): Taken {
    const end = this.#parts.recording.endOf(key);
    return this.take({
      type: "episode-end",
      seq,
      episode: key,
      time,
      outcome: outcome ?? end.outcome,
      totals: end.totals,
    });
  }

  refusesReentry(): Error | null {
    return this.#parts.asyncLogger.refusesReentry();
  }

  async flush(outputs: boolean): Promise<void> {
    const { log, asyncLogger } = this.#parts;
    await log?.flush();
    if (!outputs) return;
    await Promise.all(this.#pendingEnds);
    await asyncLogger.flush();
    await log?.flush();
  }

  flushNow(): void {
    this.#parts.log?.flushNow();
  }

  ready(): Promise<void> {
    return this.#parts.asyncLogger.ready();
  }

  accounting(): { readonly [key: string]: Accounting } {
    return { ...this.#logAccounting(), ...this.#parts.asyncLogger.accounting() };
  }

  describePending(): string[] {
    const ends = this.#pendingEnds.size;
    return [
      ...(ends === 0 ? [] : [`the end of ${ends} ${ends === 1 ? "episode" : "episodes"}`]),
      ...this.#parts.asyncLogger.pending(),
    ];
  }

  loadEpisode(number: number): EpisodeLogEntry {
    const { log, runDir } = this.#parts;
    if (log === null) throw episodeNotFound(runDir, number, []);
    return log.loadEpisode(number);
  }

  async close(end: RunEndRecord, deadline: Promise<unknown>): Promise<readonly unknown[]> {
    const { recording, log, asyncLogger, outputs, finisher, hooks, identity, closers, report } = this.#parts;
    const errors: unknown[] = [];
    const attempt = async (action: () => unknown): Promise<void> => {
      try {
        await action();
      } catch (error) {
        errors.push(error);
      }
    };
    await Promise.all(this.#pendingEnds);
    await attempt(() => log?.flush());
    await attempt(() =>
      recording.take({ ...end, accounting: { ...this.#logAccounting(), ...end.accounting } }),
    );
    const isSealed = (await log?.close()) ?? true;
    await attempt(() => asyncLogger.close(deadline));
    await attempt(() => outputs?.close());
    await attempt(() => finisher.close({ ...this.accounting(), ...end.accounting }, isSealed));
    log?.leave(outputs?.isAwaited === true);
    if (hasTaps(hooks.runEnd)) await attempt(() => hooks.runEnd.promise(identity));
    for (const close of closers) await close().catch((error: unknown) => report(error, "hooks"));
    return errors;
  }

  /** A log that is there for the outputs only is in their accounts. */
  #logAccounting(): { readonly journal?: Accounting } {
    const { log } = this.#parts;
    return log?.keepsJournals === true ? { journal: log.accounting() } : {};
  }
}

/** Steps of the usual form in memory that is used again, as long as nobody keeps them. */
class BorrowingIntake implements EpisodeIntake {
  readonly number: number;
  readonly #recording: Recording;
  readonly #key: string;
  readonly #intake = new StepIntake();

  constructor(recording: Recording, key: string, number: number) {
    this.#recording = recording;
    this.#key = key;
    this.number = number;
  }

  get steps(): number {
    return this.#recording.stepsOf(this.#key);
  }

  take(seq: number, time: number, input: StepInput, priority: number): boolean | null {
    const recording = this.#recording;
    if (recording.keepsSteps) return null;
    const record = this.#intake.read(this.#key, this.steps, seq, time, input);
    if (record === null) return null;
    const { refusedBy } = recording.takeBorrowed(record, priority);
    this.#intake.keep();
    return refusedBy.length === 0;
  }
}
