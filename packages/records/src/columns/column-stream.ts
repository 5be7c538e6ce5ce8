import type { Grid } from "../record/grid.js";
import { checkColumns } from "./check-columns.js";
import { Environment } from "./environment.js";
import { stepsInvalid } from "./errors.js";
import { RowCursor } from "./row-cursor.js";
import type { StepColumns } from "./step-columns.js";

export interface OpenColumnsOptions {
  /** Of the first record that is made of the columns; the others count on from it. */
  readonly seq: number;
  /** How many records the producer says there are. */
  readonly records?: number;
  /** Records that came otherwise since the columns before these; without it no gap of `seq` is looked for. */
  readonly others?: number;
}

/**
 * Lots of columns from one producer, one after the other. It keeps for each environment what the next lot goes on from:
 * the episode that is open there, its steps, the grid before the next step.
 */
export class ColumnStream {
  readonly #environments: Map<number, Environment> = new Map();
  readonly #keys: Set<string> = new Set();
  #nextSeq: number | null = null;

  /**
   * Goes through columns, which are taken with the first call of `next`: the lot before has to be through by then, or what
   * is left of it is lost. Throws STEPS_INVALID or RECORD_KEY_REFUSED, and has changed nothing then.
   */
  open(columns: StepColumns, { seq, records, others }: OpenColumnsOptions): RowCursor {
    const checked = checkColumns(columns);
    const { rows, environments, starts } = checked.sizes;
    const count = rows * environments + starts + checked.ends;
    if (records !== undefined && records !== count) {
      throw stepsInvalid(
        "records",
        `it says ${records}, but ${rows * environments} steps, ${starts} starts and ${checked.ends} ends make ${count}`,
      );
    }
    const missing = others === undefined || this.#nextSeq === null ? 0 : seq - this.#nextSeq - others;
    this.#nextSeq = seq + count;
    return new RowCursor({
      columns: checked,
      seq,
      missing: Math.max(0, missing),
      environment: (env) => this.#environment(env),
      cut: missing > 0 ? [...this.#environments.values()].filter(({ episode }) => episode !== null) : [],
      keys: this.#keys,
    });
  }

  /** Lets an environment go on with an episode that began elsewhere; `before` is null where the last grid is not known. */
  resume(
    env: number,
    episode: { readonly key: string; readonly steps: number; readonly before: Grid | null },
  ): void {
    const environment = this.#environment(env);
    if (environment.episode !== null) this.#keys.delete(environment.episode.key);
    environment.after.hold(0, 0, false);
    if (episode.before !== null) environment.after.load(episode.before);
    environment.begin({ key: episode.key, env });
    environment.steps = episode.steps;
    this.#keys.add(episode.key);
  }

  #environment(env: number): Environment {
    let environment = this.#environments.get(env);
    if (environment === undefined) {
      environment = new Environment(env);
      this.#environments.set(env, environment);
    }
    return environment;
  }
}
