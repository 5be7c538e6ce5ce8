import type { PlainObject, PlainValue } from "@episcope/records";
import { type FileSystem, RunReader } from "@episcope/records/store";
import { manifestTable } from "../table/manifest-table.js";
import { openStepTable } from "../table/open-table.js";
import { type RunRow, readRunRow } from "../table/run-row.js";
import type { EpisodeRow } from "../table/step-table.js";
import { compileCondition, compileValue, needsOf } from "./compile-query.js";
import { queryLevelWrong } from "./errors.js";
import { FIELDS } from "./fields.js";
import { parseQuery } from "./parse-query.js";
import { LEVELS, type Level, type Scope } from "./scope.js";

export interface SearchOptions {
  readonly fs: FileSystem;
  /** What to choose. Default: the finest thing that the query asks about, of runs, episodes and steps. */
  readonly of?: Level;
  /** Expressions whose values are wanted of each match, for instance `meta.lr` or `count(changed == 0)`. */
  readonly columns?: readonly string[];
  /** Whether the tables that had to be made are kept beside their runs. Default true. */
  readonly keep?: boolean;
}

/** A run, an episode or a step that a query chose. */
export interface Match {
  /** Absolute directory of the run. */
  readonly dir: string;
  readonly run: string;
  /** What that run has come to. */
  readonly row: RunRow;
  /** From 1; null where runs are chosen. */
  readonly episode: number | null;
  /** From 0; null where runs or episodes are chosen. */
  readonly step: number | null;
  /** In the order of `columns`; undefined where unknown. */
  readonly values: readonly (PlainValue | undefined)[];
}

/**
 * Puts a query to runs, one after another, in the order given; matches come in the order of episodes and steps. `docs/search.md`
 * defines the language. Throws QUERY_INVALID, QUERY_LEVEL_WRONG before the first run is read.
 */
export function search(dirs: readonly string[], query: string, options: SearchOptions): Iterable<Match> {
  const plan = planOf(query, options);
  return {
    *[Symbol.iterator]() {
      for (const dir of dirs) yield* searchRun(new RunReader(dir, { fs: options.fs }), plan, options);
    },
  };
}

/** What a query chooses if nothing else is said, and the names in it. Throws QUERY_INVALID. */
export function describeQuery(query: string): { readonly of: Level; readonly fields: readonly string[] } {
  const { level, fields } = needsOf(query, parseQuery(query));
  return { of: level, fields };
}

interface Plan {
  readonly query: string;
  readonly condition: ReturnType<typeof parseQuery>;
  readonly columns: readonly { readonly text: string; readonly expression: ReturnType<typeof parseQuery> }[];
  readonly of: Level;
  readonly needsTable: boolean;
}

function planOf(query: string, { of: asked, columns = [] }: SearchOptions): Plan {
  const condition = parseQuery(query);
  const needs = needsOf(query, condition);
  const of = asked ?? needs.level;
  const parsed = columns.map((text) => ({ text, expression: parseQuery(text) }));
  let needsTable = of === "steps";
  for (const { text, expression } of [{ text: query, expression: condition }, ...parsed]) {
    const inner = needsOf(text, expression);
    if (inner.table && (of !== "runs" || !onlyMeta(inner.fields))) needsTable = true;
    if (LEVELS.indexOf(inner.level) > LEVELS.indexOf(of)) throw queryLevelWrong(text, of, inner.level);
  }
  return { query, condition, columns: parsed, of, needsTable };
}

function* searchRun(reader: RunReader, plan: Plan, options: SearchOptions): Generator<Match> {
  const { fs } = options;
  const run = readRunRow(reader, fs);
  const table = plan.needsTable ? openStepTable(reader, options) : manifestTable(reader);
  const scope: Scope = { run, table, episode: null, info: infoOf(reader) };
  const holds = compileCondition(plan.query, plan.condition, scope);
  const values = plan.columns.map(({ text, expression }) => compileValue(text, expression, scope));
  const match = (episode: EpisodeRow | null, row: number | null): Match => ({
    dir: reader.dir,
    run: reader.name,
    row: run,
    episode: episode?.number ?? null,
    step: row === null ? null : table.step[row]!,
    values: values.map((value) => value(row ?? 0)),
  });
  if (plan.of === "runs") {
    if (holds(0)) yield match(null, null);
    return;
  }
  for (const episode of table.episodes) {
    scope.episode = episode;
    if (plan.of === "episodes") {
      if (holds(episode.first)) yield match(episode, null);
      continue;
    }
    const end = episode.first + episode.steps;
    for (let row = episode.first; row < end; row++) if (holds(row)) yield match(episode, row);
  }
}

/** `info` of the steps of the episode at hand, read together and kept until another one is asked for. */
function infoOf(reader: RunReader): Scope["info"] {
  let held: EpisodeRow | undefined;
  let infos: PlainObject[] = [];
  return (episode, row) => {
    if (held !== episode) {
      held = episode;
      infos = [];
      for (const record of reader.records(episode.number)) {
        if (record.type === "step") infos.push(record.info as PlainObject);
      }
    }
    return infos[row - episode.first] ?? {};
  };
}

/** Of a run, `meta` is in its first record; only of episodes it takes the table. */
function onlyMeta(fields: readonly string[]): boolean {
  return fields.every((name) => name.startsWith("meta.") || FIELDS.get(name)?.level === "runs");
}
