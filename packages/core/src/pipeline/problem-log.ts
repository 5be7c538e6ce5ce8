import { EpiscopeError } from "@episcope/errors";
import type { Clock } from "@episcope/records/store";
import { stacksOf, textOf } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";

export interface Problem {
  /** Of the first of its kind. */
  readonly error: unknown;
  readonly source: string;
  count: number;
}

const MIN_INTERVAL_MS = 1_000;

/** Collects the errors of outputs: each kind is printed at most once a second, counted always, and kept once. */
export class ProblemLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #problems: Map<string, Problem & { printed: number; silent: number }> = new Map();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** `source` is the config key of what failed. */
  report(error: unknown, source: string): void {
    const code = error instanceof EpiscopeError ? error.code : "ERROR";
    const now = this.#clock.monotonic();
    const key = `${code} ${source}`;
    let problem = this.#problems.get(key);
    if (problem === undefined) {
      problem = { error, source, count: 0, printed: Number.NEGATIVE_INFINITY, silent: 0 };
      this.#problems.set(key, problem);
    }
    problem.count += 1;
    if (now - problem.printed < MIN_INTERVAL_MS) {
      problem.silent += 1;
      return;
    }
    const repeated = problem.silent > 0 ? ` (and ${problem.silent} more like it)` : "";
    const hint = error instanceof EpiscopeError && error.hint !== undefined ? ` ${error.hint}` : "";
    this.#logger.warn(`${textOf(error)}${repeated}${hint}`, { code, source, count: problem.count });
    this.#logger.debug(stacksOf(error), { code, source });
    problem.printed = now;
    problem.silent = 0;
  }

  /** One entry per kind and source, in the order of first appearance. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()].map(({ error, source, count }) => ({ error, source, count }));
  }
}
