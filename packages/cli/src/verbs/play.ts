import { resolve } from "node:path";
import {
  createAgent,
  loadTasks,
  type PlayedEpisode,
  playEpisodes,
  sampleTaskDirectory,
} from "@episcope/arc-env";
import { createClock } from "@episcope/core";
import type { EpiscopeError } from "@episcope/errors";
import { Option } from "commander";
import { type Composed, composeRun } from "../compose/compose-run.js";
import { checkLocked } from "../compose/config-lock.js";
import type { PlayConfig } from "../compose/primary-schemas.js";
import { declareShowFlags, type ShowFlags, showInstead } from "../compose/show-flags.js";
import { drawClosedRun } from "../recording/draw-closed-run.js";
import { declareRecorderFlags, openRecorder, type RecorderFlags } from "../recording/open-recorder.js";
import { describeRecording, recordingStatus } from "../recording/recording-report.js";
import { declareSweepFlags, type OnError, runSweep, type Swept } from "../recording/run-sweep.js";
import { RecordEmitter } from "../stream/record-emitter.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { LiveProgress } from "../terminal/live-progress.js";
import { ownVersion } from "../terminal/own-version.js";
import { Tally } from "../terminal/tally.js";
import { counted } from "../terminal/words.js";
import type { Verb } from "./verb.js";

type PlayFlags = ShowFlags &
  RecorderFlags & {
    readonly emit?: "ndjson";
    readonly multirun?: boolean;
    readonly run?: boolean;
    readonly onError?: OnError;
  };

export const playVerb: Verb<PlayFlags> = {
  declare(command) {
    declareRecorderFlags(command);
    declareShowFlags(command);
    declareSweepFlags(command);
    command.addOption(
      new Option(
        "--emit <encoding>",
        "write the record stream to standard output instead of recording",
      ).choices(["ndjson"]),
    );
  },
  async run({ words, flags }, io) {
    if (await showInstead("play", words, flags, io)) return EXIT.done;
    await checkLocked("play", words, flags, io);
    if (flags.multirun === true) {
      const swept: Swept<PlayConfig> = {
        primary: "play",
        run: (composed, own) => play(composed, flags, own),
      };
      return runSweep(swept, words, flags, io);
    }
    return play(await composeRun<PlayConfig>("play", words, flags, io), flags, io);
  },
};

/** Plays what one config says. */
export async function play(
  composed: Composed<PlayConfig>,
  flags: Pick<PlayFlags, "emit" | "allowPlugins">,
  io: ProgramIo,
): Promise<ExitStatus> {
  const { config } = composed;
  const leftOut: EpiscopeError[] = [];
  const tasks = loadTasks(
    config.task_dir === null ? sampleTaskDirectory() : resolve(io.cwd, config.task_dir),
    io.fs,
    { onProblem: (error) => leftOut.push(error) },
  );
  tellLeftOut(leftOut, io);
  const plan = {
    tasks,
    agent: createAgent(config.agent),
    ...(config.episodes === null ? {} : { episodes: config.episodes }),
    maxSteps: config.max_steps,
    seed: config.seed,
  };
  if (flags.emit !== undefined) {
    const clock = createClock();
    const recorder = new RecordEmitter({
      write: (line) => io.out(line),
      now: () => clock.now(),
      producer: `episcope play ${ownVersion()}`,
    });
    await playEpisodes({ ...plan, recorder });
    await recorder.finish();
    return isLoss(leftOut) ? EXIT.repairedWithLoss : EXIT.done;
  }
  const run = await openRecorder(composed, flags, io);
  let played: PlayedEpisode[] = [];
  const tally = new Tally();
  // Taken away before anything is printed below it.
  {
    using _progress = new LiveProgress(run, tally, io);
    try {
      played = await playEpisodes({ ...plan, recorder: tally.counting(run) });
      // Nobody waits for the player, so it waits for its pictures.
      await run.flush({ outputs: true });
    } finally {
      await run.close();
    }
  }
  drawClosedRun(run, config, io);
  const solved = played.filter((episode) => episode.outcome === "success").length;
  io.message(
    `Played ${counted(played.length, "episode")} of ${counted(tasks.length, "task")}, solved ${solved}.`,
  );
  io.message(describeRecording(run, config, io));
  await io.out(`${run.dir}\n`);
  return isLoss(leftOut) ? EXIT.repairedWithLoss : recordingStatus(run);
}

/** Files that are told one by one. */
const TOLD = 20;

/** Says which files of a folder are not played, all at once. */
function tellLeftOut(errors: readonly EpiscopeError[], io: ProgramIo): void {
  if (errors.length === 0) return;
  const lines = errors.slice(0, TOLD).map(({ message, code }) => `  ${message} [${code}]`);
  if (errors.length > TOLD) lines.push(`  and ${errors.length - TOLD} more`);
  const were = errors.length === 1 ? "is no task and is" : "are no tasks and are";
  io.message(`${counted(errors.length, "file")} of the folder ${were} left out:\n${lines.join("\n")}`);
}

/** A file that was meant to be a task, and could not be read. */
function isLoss(errors: readonly EpiscopeError[]): boolean {
  return errors.some(({ code }) => code !== "NOT_A_TASK");
}
