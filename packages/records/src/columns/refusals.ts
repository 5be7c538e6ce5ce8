import type { EpiscopeError } from "@episcope/errors";

/** Steps or starts of one environment that were refused for one reason. */
export interface Refusal {
  readonly env: number;
  /** The first row that it concerns. */
  readonly t: number;
  /** How many records are not there because of it. */
  readonly records: number;
  /** Of the first; the others have the same code. */
  readonly error: EpiscopeError;
}

/** Why a step or a start is refused; the error is made only if it is shown. */
export interface Problem {
  readonly code: string;
  describe(): EpiscopeError;
}

/** Counts what is refused of one lot of columns, an entry for each environment and reason. */
export class Refusals {
  readonly #entries: Map<string, Refusal> = new Map();

  /** Of each kind only the first is described: a column may be wrong throughout. */
  add(env: number, t: number, problem: Problem): void {
    const kind = `${env} ${problem.code}`;
    const known = this.#entries.get(kind);
    if (known === undefined) this.#entries.set(kind, { env, t, records: 1, error: problem.describe() });
    else this.#entries.set(kind, { ...known, records: known.records + 1 });
  }

  /** In the order in which each came up first. */
  list(): readonly Refusal[] {
    return [...this.#entries.values()];
  }

  get records(): number {
    let records = 0;
    for (const refusal of this.#entries.values()) records += refusal.records;
    return records;
  }
}
