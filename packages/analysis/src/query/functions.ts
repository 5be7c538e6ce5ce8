import type { EpisodeRow } from "../table/step-table.js";
import { visitsOf } from "../table/visits.js";
import type { Compiler } from "./compile-query.js";
import type { Expression } from "./expression.js";
import type { Read } from "./fields.js";
import type { Level, Scope } from "./scope.js";

type Call = Extract<Expression, { kind: "call" }>;

export interface FunctionEntry {
  readonly args: number;
  readonly usage: string;
  readonly meaning: string;
  /** The finest thing that the function itself asks about. */
  readonly level: Level;
  /** Looks at all steps of an episode, or all episodes of a run. */
  readonly gathers?: boolean;
  compile(compiler: Compiler, call: Call): Read;
}

/** Every function of the search language, by name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map<string, FunctionEntry>([
  [
    "abs",
    {
      args: 1,
      usage: "abs(dsim) > 0.5",
      meaning: "the number without its sign",
      level: "runs",
      compile(compiler, { args }) {
        const of = compiler.number(args[0]!);
        return { type: "number", of: (row) => Math.abs(of(row)) };
      },
    },
  ],
  [
    "repeated",
    {
      args: 1,
      usage: "changed == 0 and repeated(3)",
      meaning: "the grid after the step has now been there at least so many times in its episode",
      level: "steps",
      compile(compiler, { args }) {
        const least = compiler.number(args[0]!);
        const visits = visitsOf(compiler.scope.table);
        return { type: "truth", of: (row) => visits[row]! >= least(row) };
      },
    },
  ],
  ["previous", neighbour("previous", -1, "the value at the step before; unknown at the first")],
  ["next", neighbour("next", 1, "the value at the step after; unknown at the last")],
  [
    "count",
    gathering(
      "count(changed == 0) > 5",
      "how many steps of the episode, or episodes of the run, are so",
      (test, rows) => {
        let count = 0;
        for (const row of rows()) if (test(row)) count += 1;
        return { type: "number", value: count };
      },
    ),
  ],
  [
    "any",
    gathering("any(similarity == 1)", "whether one of them is so", (test, rows) => {
      for (const row of rows()) if (test(row)) return { type: "truth", value: true };
      return { type: "truth", value: false };
    }),
  ],
  [
    "all",
    gathering("all(reward <= 0)", "whether each of them is so", (test, rows) => {
      for (const row of rows()) if (!test(row)) return { type: "truth", value: false };
      return { type: "truth", value: true };
    }),
  ],
]);

function neighbour(name: string, distance: 1 | -1, meaning: string): FunctionEntry {
  return {
    args: 1,
    usage: `${name}(op) == "Copy"`,
    meaning,
    level: "steps",
    compile(compiler, { args }) {
      const read = compiler.read(args[0]!);
      const { scope } = compiler;
      const isInside = (row: number): boolean => {
        const { first, steps } = scope.episode!;
        return row + distance >= first && row + distance < first + steps;
      };
      if (read.type === "number") {
        return { type: "number", of: (row) => (isInside(row) ? read.of(row + distance) : Number.NaN) };
      }
      if (read.type === "text") {
        return { type: "text", of: (row) => (isInside(row) ? read.of(row + distance) : null) };
      }
      return { type: "any", of: (row) => (isInside(row) ? read.of(row + distance) : undefined) };
    },
  };
}

type Gathered =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "truth"; readonly value: boolean };

function gathering(
  usage: string,
  meaning: string,
  gather: (test: (row: number) => boolean, rows: () => Iterable<number>) => Gathered,
): FunctionEntry {
  return {
    args: 1,
    usage,
    meaning,
    level: "runs",
    gathers: true,
    compile(compiler, { args }) {
      const test = compiler.truth(args[0]!);
      const { scope } = compiler;
      const overSteps = compiler.levelOf(args[0]!) === "steps";
      const rows = overSteps ? () => rowsOf(scope.episode!) : () => eachEpisode(scope);
      const value = (): number | boolean => gather(test, rows).value;
      // The kind of answer does not depend on the rows.
      return gather(
        () => false,
        () => [],
      ).type === "number"
        ? { type: "number", of: value as () => number }
        : { type: "truth", of: value as () => boolean };
    },
  };
}

function* rowsOf({ first, steps }: EpisodeRow): Generator<number> {
  for (let row = first; row < first + steps; row++) yield row;
}

/** Moves the scope over the run's episodes; the row says nothing then. */
function* eachEpisode(scope: Scope): Generator<number> {
  const before = scope.episode;
  try {
    for (const episode of scope.table.episodes) {
      scope.episode = episode;
      yield episode.first;
    }
  } finally {
    scope.episode = before;
  }
}
