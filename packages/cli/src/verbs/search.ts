import { describeQuery, FIELDS, FUNCTIONS, LEVELS, type Level, search } from "@episcope/analysis";
import type { PlainValue } from "@episcope/records";
import { flagInvalid, queryNeeded } from "../terminal/errors.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { wholeNumber } from "../terminal/number-flags.js";
import { printJson, printRows, type Rows, sortRows } from "../terminal/rows.js";
import { table } from "../terminal/table.js";
import { directoriesFirst, runsOf, shownPath } from "./run-places.js";
import type { Verb } from "./verb.js";

interface SearchFlags {
  readonly of?: string;
  readonly columns?: string;
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly limit?: string;
  readonly json?: boolean;
  readonly ids?: boolean;
  readonly count?: boolean;
  readonly fields?: boolean;
}

/** What is shown where `--columns` says nothing; names in the query are added. */
const COLUMNS: { readonly [Of in Level]: readonly string[] } = {
  runs: ["state", "episodes", "success_rate", "mean_return", "run_steps"],
  episodes: ["task", "outcome", "steps", "total_reward", "best_similarity"],
  steps: ["task", "op", "reward", "similarity", "changed"],
};

export const searchVerb: Verb<SearchFlags> = {
  declare(command) {
    command
      .option("--of <what>", "choose runs, episodes or steps; the query says it where this is left out")
      .option("--columns <list>", "what to show: fields and expressions, with commas between them")
      .option("--sort <column>", "sort by a column of the table")
      .option("--reverse", "the other way round")
      .option("--limit <number>", "at most so many")
      .option("--json", "one JSON object per match and line")
      .option("--ids", "the words that name each match to 'episcope show': … | xargs -L1 episcope show")
      .option("--count", "only how many there are")
      .option("--fields", "list the fields and functions of the language, and end");
  },
  async run({ words, flags }, io) {
    if (flags.fields === true) return listFields(io);
    const { directories, others } = directoriesFirst(words, io);
    const [query] = others;
    if (query === undefined || others.length > 1) throw queryNeeded("search", others);
    const limit = wholeNumber("--limit", flags.limit, 0) ?? Number.POSITIVE_INFINITY;
    const { of: asked, fields } = describeQuery(query);
    const of = levelOf(flags.of) ?? asked;
    const columns = columnsOf(flags.columns) ?? [
      ...new Set([...COLUMNS[of], ...fields.filter((name) => isShown(name, of))]),
    ];
    const matches = search(runsOf("search", directories, io), query, { fs: io.fs, of, columns });
    let count = 0;
    const rows: (readonly (PlainValue | undefined)[])[] = [];
    for (const { dir, episode, step, values } of matches) {
      count += 1;
      if (flags.count === true) continue;
      rows.push([
        shownPath(dir, io),
        ...(of === "runs" ? [] : [episode]),
        ...(of === "steps" ? [step] : []),
        ...values,
      ]);
      if (flags.sort === undefined && rows.length >= limit) break;
    }
    if (flags.count === true) {
      await io.out(`${count}\n`);
      return EXIT.done;
    }
    await print({ columns: [...placeColumns(of), ...columns], rows }, of, limit, flags, io);
    return EXIT.done;
  },
};

function placeColumns(of: Level): readonly string[] {
  return ["run", ...(of === "runs" ? [] : ["episode"]), ...(of === "steps" ? ["step"] : [])];
}

async function print(rows: Rows, of: Level, limit: number, flags: SearchFlags, io: ProgramIo): Promise<void> {
  const sorted = flags.sort === undefined ? rows : sortRows(rows, flags.sort, flags.reverse === true);
  const shown = { ...sorted, rows: sorted.rows.slice(0, limit) };
  if (flags.ids === true) {
    for (const row of shown.rows) await io.out(`${idOf(row, of)}\n`);
  } else if (flags.json === true) await printJson(shown, io);
  else if (shown.rows.length === 0) io.message("Nothing matches.");
  else await printRows(shown, io);
}

/** Words for `episcope show`, quoted where a path needs it. */
function idOf([run, episode, step]: readonly (PlainValue | undefined)[], of: Level): string {
  const path = /^[\w./@%+=:,-]+$/.test(String(run))
    ? String(run)
    : `'${String(run).replaceAll("'", "'\\''")}'`;
  if (of === "runs") return path;
  const words = `${path} --episode ${String(episode)}`;
  return of === "steps" ? `${words} --step ${String(step)}` : words;
}

/** Fields that are coarser than what is chosen say the same in each row: those of the run are not shown unasked. */
function isShown(name: string, of: Level): boolean {
  if (["run", "episode", "step"].includes(name)) return false;
  const level = FIELDS.get(name)?.level;
  return level === undefined || LEVELS.indexOf(level) <= LEVELS.indexOf(of);
}

export function levelOf(text: string | undefined): Level | undefined {
  if (text === undefined) return undefined;
  const level = LEVELS.find((name) => name === text);
  if (level === undefined) throw flagInvalid("--of", text, `one of ${LEVELS.join(", ")}`, LEVELS);
  return level;
}

/** Splits at commas outside brackets and quotes. */
export function columnsOf(text: string | undefined): string[] | undefined {
  const parts = text?.match(/(?:"[^"]*"|'[^']*'|\([^)]*\)|[^,])+/g);
  return parts?.map((part) => part.trim()).filter((part) => part !== "");
}

async function listFields(io: ProgramIo): Promise<ExitStatus> {
  const fields = [...FIELDS].map(([name, { level, meaning }]) => [name, level, meaning]);
  const free = [
    ["meta.NAME", "runs", "what the producer said of the episode, else of the run"],
    ["info.NAME", "steps", "what the producer said of the step; its metrics too"],
  ];
  const functions = [...FUNCTIONS].map(([name, { usage, meaning }]) => [`${name}(…)`, meaning, usage]);
  await io.out(table(["field", "of", "meaning"], [...fields, ...free]));
  await io.out(`\n${table(["function", "meaning", "for instance"], functions)}`);
  return EXIT.done;
}
