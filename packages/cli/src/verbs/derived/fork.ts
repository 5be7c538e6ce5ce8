import { resolve } from "node:path";
import {
  ArcEnvironment,
  type ArcTask,
  createAgent,
  loadTasks,
  type PlayedFrom,
  playEpisode,
  sampleTaskDirectory,
  stateAfter,
} from "@episcope/arc-env";
import { type EpisodeStartRecord, gridsEqual, type PlainObject } from "@episcope/records";
import { Replayer, type RunReader } from "@episcope/records/store";
import { type ComposeFlags, composeRun } from "../../compose/compose-run.js";
import type { PlayConfig } from "../../compose/primary-schemas.js";
import { drawClosedRun } from "../../recording/draw-closed-run.js";
import { openRunWithExports } from "../../recording/export-readers.js";
import { declareRecorderFlags, openRecorder, type RecorderFlags } from "../../recording/open-recorder.js";
import { describeRecording, recordingStatus } from "../../recording/recording-report.js";
import { flagNeeded, wordUnused } from "../../terminal/errors.js";
import type { ProgramIo } from "../../terminal/io.js";
import { wholeNumber } from "../../terminal/number-flags.js";
import { counted } from "../../terminal/words.js";
import { runPlace, shownPath } from "../run-places.js";
import { splitRunWords } from "../run-words.js";
import type { Verb } from "../verb.js";

interface ForkFlags extends RecorderFlags, ComposeFlags {
  readonly episode?: string;
  readonly step?: string;
}

export const forkVerb: Verb<ForkFlags> = {
  declare(command) {
    declareRecorderFlags(command);
    command
      .option("--episode <number>", "which episode, from 1; needed where RUN/episode_… does not say it")
      .option("--step <number>", "goes on behind this step, from 0; from the beginning where it is left out");
  },
  async run({ words, flags }, io) {
    const { runs, overrides } = splitRunWords("fork", words, io);
    if (runs[1] !== undefined) throw wordUnused("fork", runs[1]);
    const place = runPlace(runs[0]!, io);
    const number = wholeNumber("--episode", flags.episode, 1) ?? place.episode;
    if (number === null) throw flagNeeded("--episode", "a fork goes on from one episode");
    const step = wholeNumber("--step", flags.step, 0) ?? null;
    const origin = await openRunWithExports(place.dir, io);
    origin.episode(number);
    // Says which steps there are, where there is no such one.
    if (step !== null) new Replayer(origin).step(number, step);
    const composed = await composeRun<PlayConfig>("play", overrides, flags, io);
    const { config } = composed;
    const agent = createAgent(config.agent);
    const state = stateAfter(origin.records(number), step)!;
    const from = playedFrom(origin, number, state.canvas, config, io);
    const named = originOf(origin, number, step, io);
    const run = await openRecorder(composed, flags, io, { origin: named });
    let outcome: string;
    let steps: number;
    try {
      const environment = new ArcEnvironment({ maxSteps: config.max_steps });
      const { result } = await playEpisode(
        environment,
        { ...from, meta: { origin: named } },
        { agent, recorder: run },
        config.seed,
      );
      ({ outcome, steps } = result);
      await run.flush({ outputs: true });
    } finally {
      await run.close();
    }
    drawClosedRun(run, config, io);
    if (state.difference !== null) {
      const { step: at, problem } = state.difference;
      io.message(
        `arc-env does step ${at} otherwise than it was recorded (${problem}): the grid is the recorded one, the clipboard may differ.`,
      );
    }
    const where = step === null ? "from the beginning" : `behind step ${step}`;
    io.message(
      `Went on ${where} of episode ${number} of ${origin.name}: ${counted(steps, "step")}, ${outcome}.`,
    );
    io.message(describeRecording(run, config, io));
    await io.out(`${run.dir}\n`);
    return recordingStatus(run);
  },
};

function originOf(run: RunReader, episode: number, step: number | null, io: ProgramIo): PlainObject {
  const { key } = run.episode(episode);
  return {
    verb: "fork",
    run: run.name,
    run_id: run.manifest.run_id,
    dir: shownPath(run.dir, io),
    episode,
    episode_key: key,
    step,
  };
}

/** The task as its file has it, where that is the recorded one; else all that is known of it is the recorded pair. */
function playedFrom(
  run: RunReader,
  number: number,
  canvas: NonNullable<PlayedFrom["canvas"]>,
  { task_dir: folder }: PlayConfig,
  io: ProgramIo,
): PlayedFrom {
  const start = startOf(run, number);
  const { task_id: id, mode, pair_index: pairIndex } = start;
  const input = start.input ?? start.initial;
  const place = { mode, pairIndex, canvas };
  const known = taskOf(folder === null ? sampleTaskDirectory() : resolve(io.cwd, folder), id, io);
  const pair = known?.[mode][pairIndex];
  if (known !== undefined && pair !== undefined && gridsEqual(pair.input, input)) {
    return { ...place, task: known };
  }
  const recorded = { input, output: start.target };
  const task: ArcTask = {
    id,
    train: mode === "train" ? [recorded] : [],
    test: mode === "test" ? [recorded] : [],
  } as ArcTask;
  return { ...place, task, pair: recorded };
}

function startOf(run: RunReader, number: number): EpisodeStartRecord {
  for (const record of run.records(number)) if (record.type === "episode-start") return record;
  // `stateAfter` has found it.
  throw new Error(`episode ${number} has no start`);
}

function taskOf(folder: string, id: string, io: ProgramIo): ArcTask | undefined {
  try {
    return loadTasks(folder, io.fs, { onProblem: () => {} }).find((task) => task.id === id);
  } catch {
    return undefined;
  }
}
