import { join, resolve } from "node:path";
import { animateEpisode, PictureRaster } from "@episcope/plugin-png";
import { Replayer } from "@episcope/records/store";
import { Option } from "commander";
import { recordedConfig } from "../../compose/recorded-config.js";
import { flagInvalid, wordUnused } from "../../terminal/errors.js";
import { EXIT } from "../../terminal/exit-status.js";
import { wholeNumber } from "../../terminal/number-flags.js";
import { openRunReader, splitRunWords } from "../run-words.js";
import type { Verb } from "../verb.js";

const ANIMATIONS = ["gif", "apng"] as const;

interface ExportFlags {
  readonly format: (typeof ANIMATIONS)[number];
  readonly episode?: string;
  readonly output?: string;
  readonly width?: string;
  readonly delay?: string;
  readonly panels?: string;
}

/** Writes recorded episodes in another form: as animated pictures. */
export const exportVerb: Verb<ExportFlags> = {
  declare(command) {
    command
      .addOption(
        new Option("--format <name>", "an animated picture of each episode")
          .choices(ANIMATIONS)
          .makeOptionMandatory(),
      )
      .option("--episode <number>", "which episode, from 1; all where it is left out")
      .option("--output <dir>", "where the files go; beside the episodes' pictures where it is left out")
      .option("--width <pixels>", "of the picture, at most; 800 where it is left out")
      .option("--delay <ms>", "how long a step is shown; 500 where it is left out")
      .option("--panels <names>", "all, or after,target: without the grid before");
  },
  async run({ words, flags }, io) {
    const { runs, overrides } = splitRunWords("export", words, io);
    if (runs[1] !== undefined) throw wordUnused("export", runs[1]);
    const reader = await openRunReader(runs[0]!, io);
    const settings = (await recordedConfig(reader, overrides, io)).visualization;
    const episode = wholeNumber("--episode", flags.episode, 1);
    const width = wholeNumber("--width", flags.width, 1);
    const delay = wholeNumber("--delay", flags.delay, 1);
    if (flags.panels !== undefined && flags.panels !== "all" && flags.panels !== "after,target") {
      throw flagInvalid("--panels", flags.panels, "all or after,target");
    }
    const numbers = episode === undefined ? reader.episodes.map(({ number }) => number) : [episode];
    const replayer = new Replayer(reader);
    const raster = new PictureRaster();
    const extension = flags.format === "gif" ? "gif" : "png";
    for (const number of numbers) {
      if (reader.episode(number).totals.steps === 0) {
        io.message(`Episode ${number} has no steps: there is nothing to animate.`);
        continue;
      }
      const bytes = animateEpisode(replayer.stepViews(number), {
        format: flags.format,
        settings,
        raster,
        ...(width === undefined ? {} : { width }),
        ...(delay === undefined ? {} : { delay }),
        ...(flags.panels === "after,target" ? { panels: "after_target" } : {}),
      });
      const folder =
        flags.output === undefined
          ? reader.episodeDir(number)
          : join(resolve(io.cwd, flags.output), reader.episode(number).dir);
      io.fs.mkdirSync(folder, { recursive: true });
      const path = join(folder, `episode.${extension}`);
      io.fs.writeFileSync(path, bytes);
      await io.out(`${path}\n`);
    }
    return EXIT.done;
  },
};
