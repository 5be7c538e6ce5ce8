import type { PlainValue } from "@episcope/records";
import type { RunRow } from "../table/run-row.js";
import { type EpisodeRow, STEP_FLAG, type StepTable, UNKNOWN_COUNT } from "../table/step-table.js";
import { type Level, type Scope, valueAt } from "./scope.js";

/** Reads a value at a row; rows mean something in queries about steps only. NaN and null are unknown. */
export type Read =
  | { readonly type: "number"; readonly of: (row: number) => number }
  | { readonly type: "text"; readonly of: (row: number) => string | null }
  | { readonly type: "truth"; readonly of: (row: number) => boolean }
  | { readonly type: "any"; readonly of: (row: number) => PlainValue | undefined };

export interface Field {
  readonly level: Level;
  readonly meaning: string;
  /** The step's record has to be read for it. */
  readonly slow?: boolean;
  /** Of an episode: the manifest does not have it, so the run's table is needed. */
  readonly table?: boolean;
  read(scope: Scope): Read;
}

/** Every name that a query can use, but for `meta.NAME` and `info.NAME`. Their meanings stand in `docs/search.md` too. */
export const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["run", ofRun("name of the run", "text", ({ name }) => name)],
  ["producer", ofRun("what the producer calls the run", "text", ({ producer }) => producer)],
  ["state", ofRun("live, complete, crashed or incomplete", "text", ({ state }) => state)],
  ["episodes", ofRun("number of the run's episodes", "number", ({ episodes }) => episodes)],
  ["success_rate", ofRun("share of them that succeeded, 0..1", "number", (run) => run.success_rate)],
  ["mean_return", ofRun("mean total reward of its episodes", "number", (run) => run.mean_return)],
  ["run_steps", ofRun("number of the run's steps", "number", ({ steps }) => steps)],
  ["created", ofRun("when the run began, Unix seconds", "number", ({ created }) => created)],

  ["episode", ofEpisode("number of the episode in its run, from 1", "number", ({ number }) => number)],
  ["key", ofEpisode("the producer's key of the episode", "text", ({ key }) => key)],
  ["task", ofEpisode("task id", "text", ({ task_id }) => task_id)],
  ["pair", ofEpisode("the task's pair, from 1", "number", ({ pair_index }) => pair_index + 1)],
  ["mode", ofEpisode("train or test", "text", ({ mode }) => mode)],
  ["outcome", ofEpisode("success, failure, truncated, aborted or crashed", "text", ({ outcome }) => outcome)],
  ["success", ofEpisode("whether the episode succeeded", "truth", ({ outcome }) => outcome === "success")],
  ["steps", ofEpisode("number of the episode's steps", "number", ({ totals }) => totals.steps)],
  ["total_reward", ofEpisode("sum of its rewards", "number", ({ totals }) => totals.reward)],
  [
    "final_similarity",
    ofEpisode("similarity at its end, 0..1", "number", ({ totals }) => totals.final_similarity),
  ],
  [
    "best_similarity",
    ofEpisode("best similarity of the episode", "number", ({ totals }) => totals.best_similarity),
  ],
  [
    "initial_similarity",
    { ...ofEpisode("similarity at its beginning", "number", (e) => e.initial_similarity), table: true },
  ],
  ["started", ofEpisode("when the episode began, Unix seconds", "number", ({ started }) => started)],
  [
    "duration",
    ofEpisode("its length in seconds", "number", (e) => (e.ended === null ? null : e.ended - e.started)),
  ],

  ["step", ofColumn("number of the step in its episode, from 0", "step")],
  ["operation", ofStep("id of the operation", operationIds)],
  ["op", { level: "steps", meaning: "name of the operation, capitals alike", read: readOperationName }],
  ["reward", ofColumn("reward of the step", "reward")],
  ["similarity", ofColumn("similarity after the step", "similarity")],
  ["sim", ofColumn("short for similarity", "similarity")],
  ["dsim", { level: "steps", meaning: "change of similarity by the step", read: readSimilarityChange }],
  ["changed", ofColumn("cells that the step changed", "changed")],
  ["wrong", ofStep("cells that differ from the target after the step", wrongCells)],
  ["selected", ofColumn("selected cells", "selected")],
  ["terminated", ofFlag("the environment ended the episode", STEP_FLAG.terminated)],
  ["truncated", ofFlag("a limit ended the episode", STEP_FLAG.truncated)],
  ["solved", ofFlag("the producer said success at this step", STEP_FLAG.success)],
  ["outside", ofFlag("the selection reaches beyond the grid", STEP_FLAG.outside)],
  ["resized", ofFlag("the grid got another shape", STEP_FLAG.resized)],
  ["submitted", ofFlag("the operation hands in a solution", STEP_FLAG.submit)],
]);

/** `meta.NAME` or `info.NAME`; undefined for another first word. */
export function freeField(name: string): Field | undefined {
  const [first, ...path] = name.split(".");
  if (path.length === 0) return undefined;
  if (first === "meta") {
    return {
      level: "runs",
      meaning: "what the producer said of the episode, else of the run",
      table: true,
      read: (scope) => ({
        type: "any",
        of: () => valueAt(scope.episode?.meta, path) ?? valueAt(scope.run.meta, path),
      }),
    };
  }
  if (first !== "info") return undefined;
  return {
    level: "steps",
    meaning: "what the producer said of the step",
    slow: true,
    read: (scope) => ({
      type: "any",
      of(row) {
        const info = scope.info(scope.episode!, row);
        return valueAt(info, path) ?? valueAt(info["metrics"], path);
      },
    }),
  };
}

type ValueOf = { number: number | null; text: string | null; truth: boolean };

function ofRun<Type extends keyof ValueOf>(
  meaning: string,
  type: Type,
  value: (run: RunRow) => ValueOf[Type],
): Field {
  return { level: "runs", meaning, read: (scope) => typed(type, () => value(scope.run)) };
}

function ofEpisode<Type extends keyof ValueOf>(
  meaning: string,
  type: Type,
  value: (episode: EpisodeRow) => ValueOf[Type],
): Field {
  return { level: "episodes", meaning, read: (scope) => typed(type, () => value(scope.episode!)) };
}

function typed<Type extends keyof ValueOf>(type: Type, value: () => ValueOf[Type]): Read {
  if (type === "number") return { type: "number", of: () => (value() as number | null) ?? Number.NaN };
  if (type === "text") return { type: "text", of: value as () => string };
  return { type: "truth", of: value as () => boolean };
}

function ofColumn(meaning: string, name: "step" | "reward" | "similarity" | "changed" | "selected"): Field {
  return ofStep(meaning, (table) => {
    const column = table[name];
    return (row) => column[row]!;
  });
}

function ofStep(meaning: string, of: (table: StepTable) => (row: number) => number): Field {
  return { level: "steps", meaning, read: ({ table }) => ({ type: "number", of: of(table) }) };
}

function ofFlag(meaning: string, flag: number): Field {
  return {
    level: "steps",
    meaning,
    read({ table }) {
      const { flags } = table;
      return { type: "truth", of: (row) => (flags[row]! & flag) !== 0 };
    },
  };
}

function operationIds({ operation, operations }: StepTable): (row: number) => number {
  return (row) => operations[operation[row]!]!.operation;
}

function wrongCells({ wrong }: StepTable): (row: number) => number {
  return (row) => (wrong[row] === UNKNOWN_COUNT ? Number.NaN : wrong[row]!);
}

function readOperationName({ table: { operation, operations } }: Scope): Read {
  return { type: "text", of: (row) => operations[operation[row]!]!.name };
}

function readSimilarityChange(scope: Scope): Read {
  const { similarity } = scope.table;
  return {
    type: "number",
    of(row) {
      const { first, initial_similarity } = scope.episode!;
      return similarity[row]! - (row === first ? (initial_similarity ?? Number.NaN) : similarity[row - 1]!);
    },
  };
}
