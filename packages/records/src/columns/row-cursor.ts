import { EpiscopeError } from "@episcope/errors";
import type { Outcome } from "../record/record.js";
import type { CheckedColumns } from "./check-columns.js";
import type { CheckedStart } from "./check-starts.js";
import type { Environment, OpenEpisode } from "./environment.js";
import { columnKeyOpen, environmentIdle } from "./errors.js";
import { type Problem, type Refusal, Refusals } from "./refusals.js";
import { StartRow } from "./start-row.js";
import { StepRow } from "./step-row.js";

export interface RowCursorParts {
  readonly columns: CheckedColumns;
  readonly seq: number;
  readonly missing: number;
  environment(env: number): Environment;
  /** Environments whose episodes end before the first row. */
  readonly cut: readonly Environment[];
  /** Of all open episodes. */
  readonly keys: Set<string>;
}

const NO_EPISODE: OpenEpisode = { key: "", env: -1 };

/**
 * Goes through columns record by record, row after row and in a row column after column: the start of an episode, a
 * step, the end of an episode. Its fields describe the record at hand. Nothing is made for a step: grids and
 * masks are views of memory that the next record uses again.
 *
 *     const cursor = stream.open(columns, { seq });
 *     while (cursor.next()) if (cursor.kind === "step") take(cursor.episode, cursor.step.after.cells);
 *     report(cursor.refusals);
 */
export class RowCursor {
  readonly columns: CheckedColumns;
  /** Records that are missing before these columns, by their `seq`. The episodes that were open end first then. */
  readonly missing: number;

  kind: "episode-start" | "step" | "episode-end" = "step";
  seq = -1;
  /** The row, 0..T-1; T for a start after the last row. */
  t = 0;
  env = -1;
  /** Unix seconds. */
  time: number = Number.NaN;
  /** The same object for all records of one episode, from one lot of columns to the next. */
  episode: OpenEpisode = NO_EPISODE;
  /** Describes the start at hand. */
  readonly start: StartRow;
  /** Describes the step at hand. */
  readonly step: StepRow;
  /** Of the end at hand; null = what the last step says. */
  outcome: Outcome | null = null;

  readonly #environments: readonly Environment[];
  readonly #keys: Set<string>;
  readonly #refusals = new Refusals();
  readonly #cut: readonly Environment[];
  #cutCount = 0;
  readonly #firstSeq: number;
  /** Records so far, refused ones too. */
  #count = 0;
  #phase: "start" | "step" | "end" | "next" = "start";
  #place = 0;
  #row = 0;
  #column = 0;
  #nextStart = 0;

  /** @internal Made by `ColumnStream.open`. */
  constructor({ columns, seq, missing, environment, cut, keys }: RowCursorParts) {
    this.columns = columns;
    this.missing = missing;
    this.start = new StartRow(columns);
    this.step = new StepRow(columns);
    this.#environments = Array.from(columns.envs, (env) => environment(env));
    this.#keys = keys;
    this.#cut = cut;
    this.#firstSeq = seq;
  }

  /** What was refused so far, by environment and reason. */
  get refusals(): readonly Refusal[] {
    return this.#refusals.list();
  }

  /** How many records were refused so far. */
  get refused(): number {
    return this.#refusals.records;
  }

  /** Goes to the next record; false if there is none. What is refused is passed over. */
  next(): boolean {
    const { rows } = this.columns.sizes;
    const cut = this.#cut[this.#cutCount];
    if (cut !== undefined) {
      this.#cutCount += 1;
      this.#end(cut, this.#firstSeq - 1, "aborted");
      return true;
    }
    while (this.#row <= rows) {
      switch (this.#phase) {
        case "start":
          if (this.#takeStart()) return true;
          break;
        case "step":
          this.#phase = "end";
          if (this.#row < rows && this.#takeStep()) return true;
          break;
        case "end":
          this.#phase = "next";
          if (this.#row < rows && this.#takeEnd()) return true;
          break;
        case "next":
          this.#advance();
      }
    }
    return false;
  }

  /**
   * The record at hand was refused elsewhere. It is counted; after a start, the rest of its episode is refused too, and after a
   * step, the next one brings the grid before it.
   */
  refuse(error: unknown): void {
    const known =
      error instanceof EpiscopeError
        ? error
        : new EpiscopeError("RECORD_INVALID", String(error), { cause: error });
    this.#refuse({ code: known.code, describe: () => known }, this.t, this.env);
    const environment = this.#environments[this.#column];
    if (environment?.episode !== this.episode) return;
    if (this.kind === "episode-start") this.#close(environment);
    if (this.kind === "step") environment.hasGap = true;
  }

  #takeStart(): boolean {
    const start = this.columns.starts.list[this.#nextStart];
    if (start?.place !== this.#place) {
      this.#phase = "step";
      return false;
    }
    const environment = this.#environments[this.#column]!;
    const seq = this.#firstSeq + this.#count;
    if (environment.episode !== null) {
      this.#end(environment, seq, "aborted");
      return true;
    }
    this.#nextStart += 1;
    this.#count += 1;
    this.#phase = "step";
    const problem = this.#begin(start, environment);
    if (problem !== null) {
      this.#refuse(problem, this.#row, environment.env);
      return false;
    }
    this.#moveTo("episode-start", environment, seq);
    return true;
  }

  #begin(start: CheckedStart, environment: Environment): Problem | null {
    const { env } = environment;
    const key = start.key ?? `${env}-${environment.started}`;
    environment.started += 1;
    const problem = this.start.read(start, environment);
    if (problem !== null) return problem;
    if (this.#keys.has(key)) {
      const t = this.#row;
      return { code: "EPISODE_OPEN", describe: () => columnKeyOpen(key, env, t) };
    }
    this.#keys.add(key);
    environment.begin({ key, env });
    return null;
  }

  #takeStep(): boolean {
    const environment = this.#environments[this.#column]!;
    const seq = this.#firstSeq + this.#count;
    this.#count += 1;
    if (environment.episode === null) {
      this.#refuseIdle(environment);
      return false;
    }
    const problem = this.step.read(this.#place, environment);
    if (problem !== null) {
      this.#refuse(problem, this.#row, environment.env);
      return false;
    }
    this.step.terminated = isSet(this.columns.terminated, this.#place);
    this.step.truncated = isSet(this.columns.truncated, this.#place);
    this.#moveTo("step", environment, seq);
    return true;
  }

  #takeEnd(): boolean {
    const { terminated, truncated } = this.columns;
    if (!isSet(terminated, this.#place) && !isSet(truncated, this.#place)) return false;
    const environment = this.#environments[this.#column]!;
    const seq = this.#firstSeq + this.#count;
    this.#count += 1;
    if (environment.episode === null) {
      this.#refuseIdle(environment);
      return false;
    }
    this.#end(environment, seq, null);
    return true;
  }

  #end(environment: Environment, seq: number, outcome: Outcome | null): void {
    this.#moveTo("episode-end", environment, seq);
    this.outcome = outcome;
    this.#close(environment);
  }

  #close(environment: Environment): void {
    if (environment.episode !== null) this.#keys.delete(environment.episode.key);
    environment.episode = null;
  }

  #moveTo(kind: RowCursor["kind"], environment: Environment, seq: number): void {
    this.kind = kind;
    this.seq = seq;
    this.t = this.#row;
    this.env = environment.env;
    this.episode = environment.episode!;
    const { time, sizes } = this.columns;
    this.time = typeof time === "number" ? time : time[Math.min(this.#row, sizes.rows - 1)]!;
  }

  #advance(): void {
    this.#phase = "start";
    this.#place += 1;
    this.#column += 1;
    if (this.#column < this.#environments.length) return;
    this.#column = 0;
    this.#row += 1;
  }

  #refuseIdle({ env }: Environment): void {
    const t = this.#row;
    this.#refuse({ code: "EPISODE_UNKNOWN", describe: () => environmentIdle(env, t) }, t, env);
  }

  #refuse(problem: Problem, t: number, env: number): void {
    this.#refusals.add(env, t, problem);
  }
}

function isSet(flags: ArrayLike<number> | null, place: number): boolean {
  return flags !== null && flags[place] !== 0;
}
