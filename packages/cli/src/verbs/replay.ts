import { join, relative, resolve } from "node:path";
import { type EpiscopeConfig, openVisualizer, type PictureFiles } from "@episcope/core";
import { renderTerminal } from "@episcope/plugin-terminal";
import { encodeNdjson } from "@episcope/records";
import { compileNameFormat, makeDirectories, Replayer, type RunReader } from "@episcope/records/store";
import { builtinPlugins } from "../compose/builtin-plugins.js";
import { projectPlugins } from "../compose/project-plugins.js";
import { recordedConfig } from "../compose/recorded-config.js";
import { declareAllowPlugins, type RecorderFlags } from "../recording/open-recorder.js";
import { replayedStream } from "../stream/replayed-stream.js";
import { flagNeeded, wordUnused } from "../terminal/errors.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { wholeNumber } from "../terminal/number-flags.js";
import { ownVersion } from "../terminal/own-version.js";
import { FULL_FLAG, pictureOptions } from "../terminal/picture-options.js";
import { counted } from "../terminal/words.js";
import { openRunReader, splitRunWords } from "./run-words.js";
import type { Verb } from "./verb.js";

interface ReplayFlags extends RecorderFlags {
  readonly episode?: string;
  readonly step?: string;
  readonly format: string;
  readonly output?: string;
  readonly full?: boolean;
}

export const replayVerb: Verb<ReplayFlags> = {
  declare(command) {
    declareAllowPlugins(command);
    command
      .option("--episode <number>", "which episode, from 1; all where it is left out")
      .option("--step <number>", "one step of the episode, from 0")
      .option(
        "--format <name>",
        "ndjson, terminal, or a renderer of the run's config (svg, png, html)",
        "ndjson",
      )
      .option("--output <dir>", "where pictures go; one step's picture goes to standard output without it")
      .option("--full", FULL_FLAG);
  },
  async run({ words, flags }, io) {
    const { runs, overrides } = splitRunWords("replay", words, io);
    const drawn = flags.format !== "ndjson" && flags.format !== "terminal";
    const unused = runs[1] ?? (drawn ? undefined : overrides[0]);
    if (unused !== undefined) throw wordUnused("replay", unused);
    const run = await openRunReader(runs[0]!, io);
    const episode = wholeNumber("--episode", flags.episode, 1);
    const step = wholeNumber("--step", flags.step, 0);
    if (step !== undefined && episode === undefined)
      throw flagNeeded("--episode", "--step names a step of one episode");
    if (episode !== undefined) run.episode(episode);
    const wanted = {
      episodes: episode === undefined ? run.episodes.map(({ number }) => number) : [episode],
      step,
    };
    if (flags.format === "ndjson") {
      return episode === undefined ? replayRun(run, io) : replayRecords(run, wanted, io);
    }
    if (flags.format === "terminal") return replayTerminal(run, wanted, flags.full, io);
    return replayPictures(run, wanted, await recordedConfig(run, overrides, io), flags, io);
  },
};

interface Wanted {
  readonly episodes: readonly number[];
  readonly step: number | undefined;
}

async function replayRun(run: RunReader, io: ProgramIo): Promise<ExitStatus> {
  for (const line of replayedStream(run, io.fs, `episcope replay ${ownVersion()}`)) await io.out(`${line}\n`);
  const lost = run.episodes.filter(({ number }) => !run.isKept(number)).map(({ number }) => number);
  if (lost.length === 0) return EXIT.done;
  const shown = lost.length > 20 ? `${lost.slice(0, 20).join(", ")} and more` : lost.join(", ");
  io.message(
    `The records of ${counted(lost.length, "episode")} are lost and not in the stream: ${shown}. 'episcope verify' says why.`,
  );
  return EXIT.repairedWithLoss;
}

async function replayRecords(run: RunReader, { episodes, step }: Wanted, io: ProgramIo): Promise<ExitStatus> {
  const replayer = new Replayer(run);
  if (step !== undefined) {
    await io.out(`${encodeNdjson(replayer.step(episodes[0]!, step))}\n`);
    return EXIT.done;
  }
  for (const number of episodes) {
    for (const record of replayer.records(number)) await io.out(`${encodeNdjson(record)}\n`);
  }
  return EXIT.done;
}

async function replayTerminal(
  run: RunReader,
  { episodes, step }: Wanted,
  full: boolean | undefined,
  io: ProgramIo,
): Promise<ExitStatus> {
  const replayer = new Replayer(run);
  const options = await pictureOptions(io, { full });
  for (const number of episodes) {
    if (step !== undefined) await io.out(renderTerminal(replayer.stepView(number, step), options));
    else {
      for (const view of replayer.stepViews(number)) await io.out(`${renderTerminal(view, options)}\n`);
      await io.out(renderTerminal(replayer.summary(number), options));
    }
  }
  return EXIT.done;
}

async function replayPictures(
  run: RunReader,
  { episodes, step }: Wanted,
  config: EpiscopeConfig,
  { format, output, allowPlugins = [] }: ReplayFlags,
  io: ProgramIo,
): Promise<ExitStatus> {
  const directory = output === undefined ? undefined : resolve(io.cwd, output);
  const visualizer = await openVisualizer(config, {
    formats: [format],
    files: pictureFiles(config, directory ?? run.dir, io),
    runDir: run.dir,
    runName: run.name,
    plugins: builtinPlugins(),
    allowPlugins: [...allowPlugins, ...projectPlugins(io.cwd, io.fs)],
    cwd: io.cwd,
    fs: io.fs,
  });
  // After the renderer: what it says of a format that does not exist is of more use.
  if (output === undefined && step === undefined) {
    throw flagNeeded("--output", "the pictures of whole episodes go into a folder");
  }
  const replayer = new Replayer(run);
  const place = { position: 0, globalStep: 0, key: false };
  if (directory === undefined) {
    await io.out(visualizer.draw(format, replayer.stepView(episodes[0]!, step!)));
    return EXIT.done;
  }
  const draws = { step: visualizer.renderersFor("step"), summary: visualizer.renderersFor("summary") };
  for (const number of episodes) {
    const steps = step === undefined ? replayer.stepViews(number) : [replayer.stepView(number, step)];
    if (draws.step.length > 0) for (const view of steps) visualizer.visualizeStep(format, view, place);
    if (step !== undefined) continue;
    const view = draws.summary.length > 0 ? replayer.summary(number) : replayer.episodeView(number);
    visualizer.visualizeEpisodeSummary(format, view, place);
  }
  await io.out(`${directory}\n`);
  return EXIT.done;
}

/** The names that live recording gives, below another folder. */
function pictureFiles({ storage }: EpiscopeConfig, root: string, { fs }: ProgramIo): PictureFiles {
  const episodeFormat = compileNameFormat(
    "storage.episode_dir_format",
    storage.episode_dir_format,
    "episode",
  );
  const stepFormat = compileNameFormat("storage.step_file_format", storage.step_file_format, "step");
  const episodeDir = (episode: number): string => join(root, episodeFormat.format(episode));
  return {
    getStepPath: (episode, step, extension) =>
      join(episodeDir(episode), `${stepFormat.format(step)}.${extension}`),
    getEpisodeSummaryPath: (episode, extension) => join(episodeDir(episode), `summary.${extension}`),
    writeEpisodeFile(episode, path, bytes) {
      makeDirectories(fs, episodeDir(episode));
      fs.writeFileSync(path, bytes);
      return relative(root, path);
    },
  };
}
