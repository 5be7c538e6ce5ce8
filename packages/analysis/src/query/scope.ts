import type { PlainObject, PlainValue } from "@episcope/records";
import type { RunRow } from "../table/run-row.js";
import type { EpisodeRow, StepTable } from "../table/step-table.js";

/** What a query may choose: the finer ones know everything about those that they belong to. */
export type Level = "runs" | "episodes" | "steps";
export const LEVELS: readonly Level[] = ["runs", "episodes", "steps"];

/** Where a query's fields are read: the place is moved on, the compiled query reads it. */
export interface Scope {
  readonly run: RunRow;
  readonly table: StepTable;
  /** Null while the query is put to runs. */
  episode: EpisodeRow | null;
  /** `info` of a step by its row in the table: read from the journal, so only where nothing else can answer. */
  info(episode: EpisodeRow, row: number): PlainObject;
}

/** The value behind a dotted path; undefined where there is none. */
export function valueAt(plain: PlainValue | undefined, path: readonly string[]): PlainValue | undefined {
  let value = plain;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as PlainObject)[name];
  }
  return value;
}
