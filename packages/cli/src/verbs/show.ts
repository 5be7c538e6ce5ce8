import { renderTerminal } from "@episcope/plugin-terminal";
import { escapePlain, type PlainObject, type PlainValue } from "@episcope/records";
import { Replayer, type RunReader } from "@episcope/records/store";
import { openRunWithExports } from "../recording/export-readers.js";
import { wordUnused } from "../terminal/errors.js";
import { EXIT } from "../terminal/exit-status.js";
import { wholeNumber } from "../terminal/number-flags.js";
import { FULL_FLAG, pictureOptions } from "../terminal/picture-options.js";
import { fittedTable } from "../terminal/table.js";
import { runPlace } from "./run-places.js";
import { onlyRuns } from "./run-words.js";
import type { Verb } from "./verb.js";

interface ShowFlags {
  readonly episode?: string;
  readonly step?: string;
  readonly full?: boolean;
}

export const showVerb: Verb<ShowFlags> = {
  declare(command) {
    command
      .option("--episode <number>", "which episode, from 1; 1 where neither this nor RUN/episode_… says it")
      .option("--step <number>", "one step, from 0, instead of the summary")
      .option("--full", FULL_FLAG);
  },
  async run({ words, flags }, io) {
    const [word, second] = onlyRuns("show", words, io);
    if (second !== undefined) throw wordUnused("show", second);
    const place = runPlace(word!, io);
    const run = await openRunWithExports(place.dir, io);
    const number = wholeNumber("--episode", flags.episode, 1) ?? place.episode ?? 1;
    const step = wholeNumber("--step", flags.step, 0);
    run.episode(number);
    const replayer = new Replayer(run);
    const view = step === undefined ? replayer.summary(number) : replayer.stepView(number, step);
    const said =
      view.kind === "step" ? { info: withoutMetrics(view.info as PlainObject) } : metaOf(run, number);
    const rows = Object.entries(said).flatMap(([name, value]) => entries(name, value));
    // An empty line and the table's heading.
    const beside = rows.length === 0 ? 0 : rows.length + 2;
    await io.out(renderTerminal(view, await pictureOptions(io, { full: flags.full, beside })));
    if (rows.length > 0) await io.out(`\n${fittedTable(["from the producer", ""], rows, io.columns)}`);
    return EXIT.done;
  },
};

/** What the producer said about the run and the episode. */
function metaOf(run: RunReader, number: number): { readonly [name: string]: PlainValue } {
  const ofRun: PlainValue = run.runStart?.meta ?? {};
  for (const record of run.records(number)) {
    if (record.type === "episode-start") return { run: ofRun, meta: record.meta };
  }
  return { run: ofRun };
}

/** The picture shows the metrics. */
function withoutMetrics({ metrics: _shown, ...info }: PlainObject): PlainObject {
  return info;
}

/** JSON, and the numbers that it has no notation for by their names. */
function valueText(value: PlainValue): string {
  return Object.is(value, -0)
    ? "-0"
    : typeof value === "number"
      ? String(value)
      : JSON.stringify(escapePlain(value));
}

/** A mapping line by line, by dotted names. */
function entries(name: string, value: PlainValue | undefined): [string, string][] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[name, typeof value === "string" ? value : valueText(value)]];
  }
  return Object.entries(value).flatMap(([key, member]) => entries(`${name}.${key}`, member as PlainValue));
}
