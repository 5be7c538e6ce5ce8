import { EpiscopeError } from "@episcope/errors";
import type { EpisodeMode, Grid, Outcome, PlainObject, StepColumns } from "@episcope/records";
import { fieldUnknown } from "../contract/errors.js";
import type { PerformanceMonitor } from "../pipeline/performance-monitor.js";
import type { EpisodeIntake } from "../pipeline/pipeline.js";
import type { StepInput } from "../pipeline/step-input.js";
import { EpisodeColumns, type StepsResult } from "./take-columns.js";

export interface StartEpisodeOptions {
  readonly taskId: string;
  /** Default 0. */
  readonly pairIndex?: number;
  /** Default "train". */
  readonly mode?: EpisodeMode;
  readonly initial: Grid;
  readonly input?: Grid;
  /** Null where an evaluation hides it. */
  readonly target: Grid | null;
  /** The producer's own key; it must not be open already. Default: a new one. */
  readonly key?: string;
  readonly meta?: PlainObject;
}

const START_FIELDS: ReadonlySet<string> = new Set([
  "taskId",
  "pairIndex",
  "mode",
  "initial",
  "input",
  "target",
  "key",
  "meta",
]);

/** Throws RECORD_INVALID for a field that nobody would read. */
export function checkStartFields(options: StartEpisodeOptions): void {
  for (const field in options)
    if (!START_FIELDS.has(field)) throw fieldUnknown("startEpisode", field, [...START_FIELDS]);
}

/** How a program writes what the record calls otherwise. */
const OWN_NAMES: ReadonlyMap<string, string> = new Map([
  ["task_id", "taskId"],
  ["pair_index", "pairIndex"],
  ["episode", "key"],
]);

/** An error of a start, in the names that the program wrote. */
export function inOwnNames(error: EpiscopeError): EpiscopeError {
  const path = error.fields["path"];
  const own = typeof path === "string" ? OWN_NAMES.get(path) : undefined;
  if (own === undefined) return error;
  return new EpiscopeError(error.code, error.message.replace(`'${String(path)}'`, `'${own}'`), {
    hint: "Give startEpisode what StartEpisodeOptions describes.",
    fields: { ...error.fields, path: own },
    cause: error,
  });
}

export interface StepOptions {
  /** Larger = kept longer when a queue overflows. Default 0. */
  readonly priority?: number;
}

export interface StepResult {
  /** The record is in the queue; `flush()` says when it is safe. */
  readonly accepted: boolean;
  /** Its place in the stream; -1 if it was not accepted. */
  readonly seq: number;
  /** Why it was not accepted. */
  readonly error?: EpiscopeError;
}

export interface EndOptions {
  /** Default: what the last step says. */
  readonly outcome?: Outcome;
  /** Also waits until its pictures are drawn and every sink has got it, and with it everything that came before. Default: false. */
  readonly outputs?: boolean;
}

/** One episode of a run; from `run.startEpisode`. */
export interface Episode {
  readonly key: string;
  /** In the run, from 1; 0 if the episode was refused. */
  readonly number: number;
  /** Takes a step: synchronous, copies what it is given, never throws. */
  step(input: StepInput, options?: StepOptions): StepResult;
  /**
   * Takes many steps of this episode, as columns of one environment without starts. Rows after one that is `terminated` or
   * `truncated` are refused; `end` still ends the episode. After steps that came one by one, a `mask` needs a `before`
   * in its row. Never throws.
   */
  steps(columns: StepColumns): StepsResult;
  /**
   * Ends the episode; resolves when its journal is sealed and exported. Pictures may still be queued, and sinks behind, but for
   * `outputs: true`.
   */
  end(options?: EndOptions): Promise<void>;
}

/** What the run has to know of a handle. */
export interface EpisodeHandle {
  /** A step of it was `terminated` or `truncated`. */
  isOver: boolean;
}

/** What the handle of an episode needs of its run. */
export interface EpisodeRun {
  readonly monitor: PerformanceMonitor;
  stepOf(
    key: string,
    input: StepInput,
    options: StepOptions,
    intake: EpisodeIntake,
    handle: EpisodeHandle,
  ): StepResult;
  columnsOf(columns: StepColumns, taker: EpisodeColumns, intake: EpisodeIntake): StepsResult;
  endOf(key: string, options: EndOptions): Promise<void>;
}

const NO_OPTIONS: StepOptions = {};

/** The handle of an episode: everything is the run's. */
export class RunEpisode implements Episode, EpisodeHandle {
  isOver = false;
  readonly key: string;
  readonly #run: EpisodeRun;
  readonly #intake: EpisodeIntake;
  readonly #columns: EpisodeColumns;

  constructor(run: EpisodeRun, key: string, intake: EpisodeIntake, initial: Grid) {
    this.#run = run;
    this.key = key;
    this.#intake = intake;
    this.#columns = new EpisodeColumns(key, initial);
  }

  get number(): number {
    return this.#intake.number;
  }

  step(input: StepInput, options: StepOptions = NO_OPTIONS): StepResult {
    const { monitor } = this.#run;
    const started = monitor.startStep();
    const result = this.#run.stepOf(this.key, input, options, this.#intake, this);
    if (started !== null) monitor.endStep(started);
    return result;
  }

  steps(columns: StepColumns): StepsResult {
    return this.#run.columnsOf(columns, this.#columns, this.#intake);
  }

  end(options: EndOptions = {}): Promise<void> {
    return this.#run.endOf(this.key, options);
  }
}
