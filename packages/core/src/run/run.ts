import { EpiscopeError } from "@episcope/errors";
import type {
  Accounting,
  Histogram,
  PlainObject,
  Remark,
  RunEndRecord,
  StepColumns,
  StreamRecord,
} from "@episcope/records";
import { parseRecord } from "@episcope/records";
import type { Clock, EpisodeLogEntry } from "@episcope/records/store";
import { closeFailed, flushTimedOut, reentrantCall, runClosed } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import type { PerformanceMonitor } from "../pipeline/performance-monitor.js";
import type { EpisodeIntake, Pipeline, Taken } from "../pipeline/pipeline.js";
import type { Problem, ProblemLog } from "../pipeline/problem-log.js";
import { checkStepFields, type StepInput, stepRecord } from "../pipeline/step-input.js";
import { closingLine } from "./closing-line.js";
import { type IncompleteOutput, incompleteLine, incompleteOutputs } from "./incomplete-outputs.js";
import { type ProcessEvents, ProcessGuard } from "./process-guard.js";
import {
  checkStartFields,
  type EndOptions,
  type Episode,
  type EpisodeHandle,
  inOwnNames,
  RunEpisode,
  type StartEpisodeOptions,
  type StepOptions,
  type StepResult,
} from "./run-episode.js";
import { StreamRemarks } from "./stream-remarks.js";
import { type ColumnHost, type EpisodeColumns, RunColumns, type StepsResult } from "./take-columns.js";

export interface FlushOptions {
  /** Waits for pictures, exports and sinks too, which may be late. Default false. */
  readonly outputs?: boolean;
  /** Longest time to wait. Default: as long as it takes. */
  readonly timeoutMs?: number;
}

export interface FlushReport {
  /** Of the last record that this flush covers; -1 if there is none. */
  readonly seq: number;
  /** Over the journal. */
  readonly written: number;
  readonly dropped: number;
}

export interface RunStats {
  readonly episodes: number;
  readonly openEpisodes: number;
  /** Records refused because they were no valid records, or came after the close. */
  readonly refused: number;
  /** `journal`, then every renderer and sink by its config key. */
  readonly accounting: { readonly [key: string]: Accounting };
  /** Of those: what has not everything that it accepted. */
  readonly incomplete: readonly IncompleteOutput[];
  readonly problems: readonly Problem[];
  /** What was wrong with records that were taken, by kind. */
  readonly remarks: { readonly [kind: string]: number };
  /** The run, or what came last of it, is not in the directory that was asked for. */
  readonly elsewhere: boolean;
}

export interface RunParts {
  readonly identity: RunIdentity;
  readonly dir: string;
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly problems: ProblemLog;
  readonly monitor: PerformanceMonitor;
  readonly keepStates: boolean;
  /** The run could not be made where it was asked for. */
  readonly isElsewhere: boolean;
  readonly meta: PlainObject;
  readonly shutdownTimeoutMs: number;
  readonly logger: Logger;
  /** Null: the process is not watched. */
  readonly processEvents: ProcessEvents | null;
  /** Runs last, whatever failed before. */
  finish(): Promise<void>;
}

/** A run that records. Made by `openRun`; `await using` closes it. */
export class Run implements AsyncDisposable {
  readonly #parts: RunParts;
  #seq = 0;
  #keys = 0;
  #refused = 0;
  /** Records that the pipeline has. */
  #taken = 0;
  readonly #remarks: StreamRemarks;
  #started = false;
  /** `include_full_states` is set and no step has brought a state. */
  #lacksStates: boolean;
  /** A record is being handed out: a call from there would never end. */
  #taking = false;
  #closing: Promise<void> | null = null;
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;
  #cut: () => void = () => {};
  readonly #deadline: Promise<void> = new Promise((resolve) => {
    this.#cut = resolve;
  });
  readonly #guard: ProcessGuard | null = null;
  readonly #columns = new RunColumns();
  #end: RunEndRecord | null = null;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#lacksStates = parts.keepStates;
    this.#remarks = new StreamRemarks(parts.logger);
    const { processEvents, logger, pipeline } = parts;
    if (processEvents === null || pipeline.idle) return;
    this.#guard = new ProcessGuard({
      events: processEvents,
      logger,
      flushNow: () => pipeline.flushNow(),
      pending: () => pipeline.pending,
      close: () => this.close("interrupted"),
    });
  }

  get name(): string {
    return this.#parts.identity.name;
  }

  /** Absolute path of the run's directory. */
  get dir(): string {
    return this.#parts.dir;
  }

  /** What recording costs; holds `logging.performance_monitor.target_overhead`. */
  get monitor(): PerformanceMonitor {
    return this.#parts.monitor;
  }

  get configHash(): string {
    return this.#parts.identity.configHash;
  }

  /** Every record up to this seq that was not dropped is safe at `storage.durability`; -1 for none. */
  get acknowledged(): number {
    return this.#parts.pipeline.acknowledged;
  }

  /** Starts an episode. Throws if what it is given is no valid start; later calls on the episode never throw. */
  startEpisode(options: StartEpisodeOptions): Episode {
    checkStartFields(options);
    const key = options.key ?? this.#newKey();
    const result = this.#offer({
      type: "episode-start",
      seq: this.#nextSeq(),
      episode: key,
      time: this.#parts.clock.now(),
      task_id: options.taskId,
      pair_index: options.pairIndex ?? 0,
      mode: options.mode ?? "train",
      initial: options.initial,
      ...(options.input === undefined ? {} : { input: options.input }),
      target: options.target,
      meta: options.meta ?? {},
    });
    if (result.error !== undefined) throw inOwnNames(result.error);
    return new RunEpisode(this, key, this.#parts.pipeline.intake(key), options.initial);
  }

  /**
   * Takes many steps of many environments, their starts and ends with them: what a vectorised environment has after a
   * rollout. Episodes go on from one call to the next; a cell or number that is wrong costs its step only. Synchronous; the
   * arrays are the program's own again when it returns. Never throws.
   */
  steps(columns: StepColumns): StepsResult {
    return this.#takeColumns(columns, (host) => this.#columns.take(columns, host));
  }

  /** An episode of this run, as far as it has come. Throws EPISODE_NOT_FOUND; also where no journal is kept. */
  loadEpisode(number: number): EpisodeLogEntry {
    return this.#parts.pipeline.loadEpisode(number);
  }

  /** Scalars and histograms of the producer, at its own step. Never throws. */
  metrics(
    step: number,
    values: { readonly [name: string]: number },
    histograms?: { readonly [name: string]: Histogram },
  ): StepResult {
    return this.#offer({
      type: "metrics",
      seq: this.#nextSeq(),
      time: this.#parts.clock.now(),
      step,
      values,
      ...(histograms === undefined ? {} : { histograms }),
    });
  }

  /**
   * Takes a record of a foreign stream, with the producer's seq and episode keys. Never throws. Its `run-start` and
   * `run-end` are merged into the run's own: name, hash and accounting are the recorder's. A record that contradicts those before
   * it is taken, counted, and said once for each kind (`stats().remarks`).
   */
  record(record: StreamRecord, options: StepOptions = {}): StepResult {
    return this.#offer(record, options.priority, true);
  }

  /** Counts what a reader of a foreign stream found wrong with a record that it could give nevertheless. */
  remark(remark: Remark): void {
    this.#remarks.add(remark);
  }

  /** Counts messages of a foreign stream that its reader could not give as records. */
  countRefused(code: string, messages = 1): void {
    this.#remarks.refuse(code, messages);
  }

  /** @internal A step of a `RunEpisode`. */
  stepOf(
    key: string,
    input: StepInput,
    options: StepOptions,
    intake: EpisodeIntake,
    handle: EpisodeHandle,
  ): StepResult {
    const { pipeline, clock } = this.#parts;
    if (pipeline.idle && this.#closing === null) return { accepted: true, seq: this.#seq++ };
    try {
      const refusal = this.#standsInTheWay();
      if (refusal !== null) return this.#refuse(refusal);
      checkStepFields(input);
      const seq = this.#nextSeq();
      const time = clock.now();
      const { steps } = intake;
      if (handle.isOver) this.#remarkAfterEnd(key, steps);
      handle.isOver ||= input.terminated === true || input.truncated === true;
      this.#taking = true;
      let accepted: boolean | null;
      try {
        accepted = intake.take(seq, time, input, options.priority ?? 0);
      } finally {
        this.#taking = false;
      }
      if (accepted !== null) {
        this.#taken += 1;
        return { accepted, seq: this.#use(seq) };
      }
      return this.#offer(stepRecord(key, steps, seq, time, input), options.priority);
    } catch (error) {
      // What a hostile input throws when it is read.
      return this.#refuse(error);
    }
  }

  /** @internal Columns of a `RunEpisode`. */
  columnsOf(columns: StepColumns, taker: EpisodeColumns, intake: EpisodeIntake): StepsResult {
    return this.#takeColumns(columns, (host) => taker.take(columns, intake.steps, host));
  }

  #takeColumns(columns: StepColumns, take: (host: ColumnHost) => StepsResult): StepsResult {
    const refusal = this.#standsInTheWay();
    if (refusal !== null) {
      const { seq, error } = this.#refuse(refusal);
      return { accepted: 0, refused: 0, seq, refusals: [], error: error! };
    }
    if (this.#parts.pipeline.idle) {
      const [rows = 0, environments = 0] = columns?.shape ?? [];
      const accepted = rows * environments;
      this.#seq += accepted;
      return { accepted, refused: 0, seq: this.#seq - 1, refusals: [] };
    }
    return take({
      seq: this.#nextSeq(),
      offer: (record, priority) => this.#offer(record, priority),
      refuse: (error, records) => {
        this.#refuse(error);
        this.#refused += records - 1;
        if (records > 1) this.#remarks.refuse(codeOf(error), records - 1);
      },
    });
  }

  /** @internal The end of a `RunEpisode`. */
  async endOf(key: string, options: EndOptions): Promise<void> {
    const { pipeline, clock } = this.#parts;
    const refusal = this.#standsInTheWay();
    if (refusal !== null) throw this.#refuse(refusal).error;
    const seq = this.#nextSeq();
    this.#checkStates(key);
    const { done } = this.#handOver(() => pipeline.end(key, seq, clock.now(), options.outcome));
    this.#use(seq);
    await done;
    // A close waits for the outputs itself.
    if (options.outputs === true) await (this.#closing ?? pipeline.flush(true));
  }

  /**
   * Resolves when everything accepted before is acknowledged: in the journal at the configured durability. With `outputs` also
   * when it is drawn, exported, and written or dropped by every sink. With `timeoutMs` it rejects with FLUSH_TIMEOUT, which
   * says what is missing.
   */
  async flush(options: FlushOptions = {}): Promise<FlushReport> {
    const seq = this.#seq - 1;
    const { pipeline } = this.#parts;
    const work = pipeline.flush(options.outputs ?? false);
    if (options.timeoutMs !== undefined) {
      const { timeoutMs } = options;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(flushTimedOut(timeoutMs / 1000, pipeline.describePending())),
          timeoutMs,
        );
      });
      work.catch(() => {});
      await Promise.race([work, late]).finally(() => clearTimeout(timer));
    } else await work;
    const { written, dropped } = pipeline.accounting()["journal"] ?? { written: 0, dropped: 0 };
    return { seq, written, dropped };
  }

  /** Resolves when every queue has room: for producers that would rather wait than lose pictures. */
  async ready(): Promise<void> {
    await this.#parts.pipeline.ready();
  }

  stats(): RunStats {
    const { pipeline } = this.#parts;
    const accounting = pipeline.accounting();
    return {
      episodes: pipeline.episodesStarted,
      openEpisodes: pipeline.openEpisodes.length,
      refused: this.#refused,
      accounting,
      incomplete: incompleteOutputs(accounting),
      problems: pipeline.problems,
      remarks: this.#remarks.counts,
      elsewhere:
        this.#parts.isElsewhere ||
        pipeline.problems.some(({ error }) => (error as { code?: unknown } | null)?.code === "RUN_MOVED"),
    };
  }

  /**
   * Ends the run: aborts open episodes, drains every queue, closes every plugin. Tries everything, then rejects with
   * CLOSE_FAILED if the journal could not be closed. May be called again; all calls share one result. "interrupted",
   * also while a close goes on, drops and counts what is left after `logging.async_logger.shutdown_timeout`.
   */
  close(outcome: RunEndRecord["outcome"] = "finished"): Promise<void> {
    if (outcome !== "finished" && this.#timer === null && !this.#isClosed) {
      this.#timer = setTimeout(() => this.#cut(), this.#parts.shutdownTimeoutMs);
    }
    this.#closing ??= this.#close(outcome).finally(() => {
      this.#isClosed = true;
      if (this.#timer !== null) clearTimeout(this.#timer);
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(outcome: RunEndRecord["outcome"]): Promise<void> {
    const { pipeline, clock, logger, finish } = this.#parts;
    const errors: unknown[] = [];
    const attempt = (action: () => unknown): void => {
      try {
        action();
      } catch (error) {
        errors.push(error);
      }
    };
    attempt(() => this.#begin());
    for (const key of pipeline.openEpisodes) {
      attempt(() => this.#checkStates(key));
      attempt(() => this.#handOver(() => pipeline.end(key, this.#seq++, clock.now(), "aborted")));
    }
    const end = {
      ...(this.#end ?? { type: "run-end" as const, seq: this.#seq++, time: clock.now(), outcome }),
      accounting: this.#remarks.accounting(this.#taken),
    } as RunEndRecord;
    errors.push(...(await pipeline.close(end, this.#deadline)));
    await finish().catch((error: unknown) => void errors.push(error));
    this.#guard?.release();
    const { episodes, accounting, incomplete } = this.stats();
    logger.info(closingLine(this.name, episodes, accounting));
    for (const output of incomplete) logger.warn(incompleteLine(output, this.dir));
    const { summary } = this.#remarks;
    if (summary !== null) logger.warn(summary);
    if (errors.length > 0) throw closeFailed(errors);
  }

  #offer(candidate: StreamRecord, priority?: number, isForeign = false): StepResult {
    const refusal = this.#standsInTheWay();
    if (refusal !== null) return this.#refuse(refusal);
    try {
      const record = parseRecord(candidate, { onRemark: this.#remarks.add });
      if (record.type === "run-start") return this.#beginAs(record);
      if (!this.#started) this.#begin();
      if (record.type === "run-end") {
        this.#end = record;
        return { accepted: true, seq: this.#use(record.seq) };
      }
      const refusedBy = this.#take(record, priority);
      this.#taken += 1;
      if (isForeign) this.#remarks.follow(record);
      if (refusedBy.length > 0) return { accepted: false, seq: this.#use(record.seq) };
      return { accepted: true, seq: this.#use(record.seq) };
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #remarkAfterEnd(key: string, step: number): void {
    this.#remarks.add({
      kind: "step_after_end",
      message: `episode '${key}': step ${step} comes after one that was terminated or truncated`,
    });
  }

  /** Why no record can be taken now, whatever it is. */
  #standsInTheWay(): Error | null {
    if (this.#closing !== null) return runClosed();
    if (this.#taking) return reentrantCall("a tap of a hook");
    return this.#parts.pipeline.refusesReentry();
  }

  #take(record: StreamRecord, priority?: number): readonly string[] {
    const { pipeline, keepStates } = this.#parts;
    let taken = record;
    if (record.type === "step" && record.state !== undefined) {
      this.#lacksStates = false;
      const { state: _state, ...rest } = record;
      if (!keepStates) taken = rest;
    }
    if (record.type === "episode-end") this.#checkStates(record.episode);
    return this.#handOver(() => pipeline.take(taken, priority)).refusedBy;
  }

  /** Says once, at the end of an episode, that no step of the run has brought a state to keep. Throws EPISODE_UNKNOWN. */
  #checkStates(key: string): void {
    const { pipeline, logger } = this.#parts;
    if (!this.#lacksStates || pipeline.intake(key).steps === 0) return;
    this.#lacksStates = false;
    logger.warn(
      "logging.include_full_states=true, but the producer sends no states: there is nothing to keep but the grids. Give `state` with each step, or set it to false.",
    );
  }

  #handOver(call: () => Taken): Taken {
    this.#taking = true;
    try {
      return call();
    } finally {
      this.#taking = false;
    }
  }

  /** Writes the run's own start, unless a foreign one has been. */
  #begin(): void {
    if (this.#started) return;
    this.#started = true;
    const { identity, meta, clock } = this.#parts;
    const start = { type: "run-start", run: identity.name, config_hash: identity.configHash, meta } as const;
    this.#take({ ...start, seq: this.#seq === 0 ? this.#seq++ : 0, time: clock.now() });
  }

  #beginAs(record: StreamRecord & { type: "run-start" }): StepResult {
    if (this.#started) return { accepted: true, seq: this.#use(record.seq) };
    this.#started = true;
    const { identity, meta } = this.#parts;
    // What the producer says of itself stays where it put it; name and hash of the run are the recorder's.
    const producer = { run: record.run, config_hash: record.config_hash };
    this.#take({
      ...record,
      run: identity.name,
      config_hash: identity.configHash,
      meta: { ...record.meta, ...meta, producer },
    });
    return { accepted: true, seq: this.#use(record.seq) };
  }

  #nextSeq(): number {
    if (!this.#started && this.#closing === null) this.#begin();
    return this.#seq;
  }

  #use(seq: number): number {
    this.#seq = Math.max(this.#seq, seq + 1);
    return seq;
  }

  #newKey(): string {
    this.#keys += 1;
    return String(this.#keys);
  }

  #refuse(error: unknown): StepResult {
    this.#refused += 1;
    const known =
      error instanceof EpiscopeError
        ? error
        : new EpiscopeError("RECORD_INVALID", String(error), { cause: error });
    this.#parts.problems.report(known, "record");
    this.#remarks.refuse(known.code, 1);
    return { accepted: false, seq: -1, error: known };
  }
}

function codeOf(error: unknown): string {
  return error instanceof EpiscopeError ? error.code : "RECORD_INVALID";
}
