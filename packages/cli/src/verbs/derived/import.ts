import { resolve } from "node:path";
import type { EpiscopeConfig, Run } from "@episcope/core";
import { EpiscopeError } from "@episcope/errors";
import type { PlainObject } from "@episcope/records";
import { type ComposeFlags, composeRun } from "../../compose/compose-run.js";
import { drawClosedRun } from "../../recording/draw-closed-run.js";
import { type FoundEpisode, findEpisodes } from "../../recording/find-exports.js";
import { declareRecorderFlags, openRecorder, type RecorderFlags } from "../../recording/open-recorder.js";
import { describeRecording, recordingStatus } from "../../recording/recording-report.js";
import { importMissing, inputFileMissing, wordUnused } from "../../terminal/errors.js";
import { EXIT } from "../../terminal/exit-status.js";
import type { ProgramIo } from "../../terminal/io.js";
import { printable } from "../../terminal/table.js";
import { counted } from "../../terminal/words.js";
import type { Verb } from "../verb.js";

/** Files that are named in the run's first record. */
const NAMED = 100;
/** Problems that are told one by one. */
const TOLD = 20;
/** After so many records the run's outputs are waited for. */
const BREATH = 256;

export const importVerb: Verb<RecorderFlags & ComposeFlags> = {
  declare(command) {
    declareRecorderFlags(command);
  },
  async run({ words, flags }, io) {
    const { sources, overrides } = splitWords(words, io);
    const { episodes, problems } = await findEpisodes(sources, io);
    if (episodes.length === 0) throw problems[0]!;
    const states = episodes.some(({ episode }) => episode.records.some((record) => "state" in record));
    const keeping = states ? ["logging.include_full_states=true"] : [];
    const composed = await composeRun<EpiscopeConfig>("record", [...keeping, ...overrides], flags, io);
    const run = await openRecorder(composed, flags, io, { origin: originOf(episodes) });
    let refused: readonly Error[];
    try {
      refused = await recordEpisodes(run, episodes);
      await run.flush({ outputs: true });
    } finally {
      await run.close();
    }
    drawClosedRun(run, composed.config, io);
    tell([...problems, ...refused], io);
    io.message(
      `Imported ${counted(episodes.length, "episode")}. Exports hold no metrics and batches of a run, and not how its episodes were interleaved.`,
    );
    io.message(describeRecording(run, composed.config, io));
    await io.out(`${run.dir}\n`);
    return problems.length + refused.length > 0 ? EXIT.repairedWithLoss : recordingStatus(run);
  },
};

/** Files and folders come first. */
function splitWords(
  words: readonly string[],
  io: ProgramIo,
): { readonly sources: readonly string[]; readonly overrides: readonly string[] } {
  const isSource = (word: string): boolean => io.fs.existsSync(resolve(io.cwd, word));
  const count = words.findIndex((word) => !isSource(word));
  const sources = count < 0 ? words : words.slice(0, count);
  const overrides = count < 0 ? [] : words.slice(count);
  const [first] = overrides;
  if (first !== undefined && !/[=~]/.test(first)) throw inputFileMissing(first);
  if (sources.length === 0) throw importMissing();
  const input = overrides.find((word) => /^\+*input=/.test(word));
  if (input !== undefined) throw wordUnused("import", input);
  return { sources, overrides };
}

function originOf(episodes: readonly FoundEpisode[]): PlainObject {
  const hashes = [...new Set(episodes.map(({ episode }) => episode.configHash))].filter(
    (hash) => hash !== "",
  );
  return {
    verb: "import",
    files: episodes.slice(0, NAMED).map(({ file }) => file),
    episodes: episodes.length,
    config_hashes: hashes.slice(0, NAMED),
  };
}

/** Gives what was refused. */
async function recordEpisodes(run: Run, episodes: readonly FoundEpisode[]): Promise<readonly Error[]> {
  const refused: Error[] = [];
  let seq = 0;
  for (const { episode } of episodes) {
    for (const record of episode.records) {
      const { error } = run.record({ ...record, seq });
      seq += 1;
      if (error !== undefined) refused.push(error);
      if (seq % BREATH === 0) await run.ready();
    }
  }
  return refused;
}

function tell(problems: readonly Error[], io: ProgramIo): void {
  for (const problem of problems.slice(0, TOLD)) {
    const code = problem instanceof EpiscopeError ? ` [${problem.code}]` : "";
    io.message(`${printable(problem.message)}${code}`);
  }
  if (problems.length > TOLD) io.message(`${problems.length - TOLD} more are not in the run.`);
}
