import { type RunRow, search, shareInterval } from "@episcope/analysis";
import { escapePlain, isObject, type PlainObject, type PlainValue } from "@episcope/records";
import type { ManifestEpisode } from "@episcope/records/store";
import { openRunWithExports } from "../recording/export-readers.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { wholeNumber } from "../terminal/number-flags.js";
import { printRows, type Rows, sortRows } from "../terminal/rows.js";
import { printable } from "../terminal/table.js";
import { localTime } from "../terminal/time.js";
import { counted } from "../terminal/words.js";
import { isRunWord, runsOf, shownPath } from "./run-places.js";
import { columnsOf } from "./search.js";
import type { Verb } from "./verb.js";

interface ListFlags {
  readonly where?: string;
  readonly columns?: string;
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly limit?: string;
  readonly json?: boolean;
}

/** Where runs are looked for when nothing is named: below it are those of every preset. */
const DEFAULT_FOLDER = "outputs";

export const listVerb: Verb<ListFlags> = {
  declare(command) {
    command
      .option("--where <query>", "only those for which this holds, for instance 'success_rate > 0.5'")
      .option(
        "--columns <list>",
        "more columns: fields and expressions of the search language, for instance meta.lr",
      )
      .option("--sort <column>", "sort by a column of the table")
      .option("--reverse", "the other way round")
      .option("--limit <number>", "at most so many rows")
      .option("--json", "one JSON object per row and line");
  },
  async run({ words, flags }, io) {
    if (words.length > 0 && words.every((word) => isRunWord(word, io))) {
      for (const dir of runsOf("list", words, io)) await listEpisodes(dir, flags, io);
      return EXIT.done;
    }
    return listRuns(runsOf("list", words.length === 0 ? [DEFAULT_FOLDER] : words, io), flags, io);
  },
};

const RUN_COLUMNS = ["run", "state", "episodes", "success", "95 %", "return", "steps", "began"];

/** The newest first. */
async function listRuns(dirs: readonly string[], flags: ListFlags, io: ProgramIo): Promise<ExitStatus> {
  const extra = columnsOf(flags.columns) ?? [];
  const query = flags.where ?? "true";
  const runs = [...search(dirs, query, { fs: io.fs, of: "runs", columns: extra })];
  runs.sort((a, b) => b.row.created - a.row.created || (a.row.name < b.row.name ? 1 : -1));
  if (flags.json === true) {
    for (const { row, values } of cut(runs, flags))
      await io.out(`${JSON.stringify(runJson(row, extra, values))}\n`);
    return EXIT.done;
  }
  const isDerived = runs.some(({ row }) => originText(row) !== null);
  const from = (row: RunRow): PlainValue[] => (isDerived ? [originText(row)] : []);
  const isNamed = runs.some(({ row }) => row.producer !== null);
  const named = ({ producer }: RunRow): PlainValue[] => (isNamed ? [producer] : []);
  const rows = runs.map(({ row, values }) => [...runCells(row, io), ...named(row), ...from(row), ...values]);
  await print(
    {
      columns: [...RUN_COLUMNS, ...(isNamed ? ["named"] : []), ...(isDerived ? ["from"] : []), ...extra],
      rows,
    },
    flags,
    io,
  );
  return EXIT.done;
}

/** Of a run that was made of recorded episodes. */
function originText({ meta }: RunRow): string | null {
  const { origin } = meta;
  if (!isObject(origin)) return null;
  const { verb, run, episode, step, files, episodes } = origin;
  if (verb === "fork") return `fork of ${run}, episode ${episode}${step === null ? "" : `, step ${step}`}`;
  const [first] = Array.isArray(files) ? files : [];
  return verb === "import" ? `import of ${episodes === 1 ? first : `${episodes} episodes`}` : null;
}

function runCells(run: RunRow, io: ProgramIo): PlainValue[] {
  const interval = shareInterval(run.successes, run.episodes);
  return [
    shownPath(run.dir, io),
    run.state,
    run.episodes,
    run.episodes === 0 ? null : `${run.successes} (${Math.round(100 * run.success_rate)} %)`,
    interval === null ? null : `${Math.round(100 * interval.low)} to ${Math.round(100 * interval.high)}`,
    Number.isNaN(run.mean_return) ? null : Number(run.mean_return.toFixed(3)),
    run.steps,
    localTime(run.created),
  ];
}

function runJson(run: RunRow, extra: readonly string[], values: readonly (PlainValue | undefined)[]): object {
  const numbers = { success_rate: finite(run.success_rate), mean_return: finite(run.mean_return) };
  const more = Object.fromEntries(extra.map((name, at) => [name, values[at] ?? null]));
  return { ...run, ...numbers, ...more };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

const EPISODE_COLUMNS = [
  "episode",
  "task",
  "pair",
  "mode",
  "outcome",
  "steps",
  "reward",
  "similarity",
  "best",
];

async function listEpisodes(dir: string, flags: ListFlags, io: ProgramIo): Promise<void> {
  const run = await openRunWithExports(dir, io);
  const extra = columnsOf(flags.columns) ?? [];
  let values: Map<number, readonly (PlainValue | undefined)[]> | null = null;
  if (flags.where !== undefined || extra.length > 0) {
    const query = flags.where ?? "true";
    const matches = [...search([dir], query, { fs: io.fs, of: "episodes", columns: extra })];
    values = new Map(matches.map((match) => [match.episode!, match.values]));
  }
  const episodes = run.episodes.filter(({ number }) => values === null || values.has(number));
  if (flags.json === true) {
    for (const episode of cut(episodes, flags)) {
      const more = Object.fromEntries(
        extra.map((name, at) => [name, values?.get(episode.number)?.[at] ?? null]),
      );
      await io.out(
        `${JSON.stringify(escapePlain({ run: run.name, ...episode, ...more } as unknown as PlainObject))}\n`,
      );
    }
    return;
  }
  const state = run.manifest.complete ? "" : ", not closed";
  const count = flags.where === undefined ? "" : `${episodes.length} of `;
  await io.out(`${printable(run.name)}: ${count}${counted(run.episodes.length, "episode")}${state}\n`);
  const rows = episodes.map((episode) => [...episodeCells(episode), ...(values?.get(episode.number) ?? [])]);
  await print({ columns: [...EPISODE_COLUMNS, ...extra], rows }, flags, io);
}

function episodeCells(episode: ManifestEpisode): PlainValue[] {
  const { totals } = episode;
  const share = (value: number | null): PlainValue => (value === null ? null : value.toFixed(3));
  return [
    episode.number,
    episode.task_id,
    // Counted from 1, as in the pictures.
    episode.pair_index + 1,
    episode.mode,
    episode.outcome,
    totals.steps,
    totals.reward.toFixed(3),
    share(totals.final_similarity),
    share(totals.best_similarity),
  ];
}

async function print(rows: Rows, flags: ListFlags, io: ProgramIo): Promise<void> {
  const sorted = flags.sort === undefined ? rows : sortRows(rows, flags.sort, flags.reverse === true);
  await printRows({ ...sorted, rows: cut(sorted.rows, flags) }, io);
}

function cut<Row>(rows: readonly Row[], flags: ListFlags): readonly Row[] {
  return rows.slice(0, wholeNumber("--limit", flags.limit, 0) ?? rows.length);
}
