import { join, resolve } from "node:path";
import { recordedConfig } from "../../compose/recorded-config.js";
import { RUN_PAGE, writeRunPictures } from "../../recording/run-pictures.js";
import { wordUnused } from "../../terminal/errors.js";
import { EXIT } from "../../terminal/exit-status.js";
import { counted } from "../../terminal/words.js";
import { openRunReader, splitRunWords } from "../run-words.js";
import type { Verb } from "../verb.js";

interface RenderFlags {
  readonly output?: string;
}

/** Draws the pictures that show a run as a whole, again or for the first time, also while it records. */
export const renderVerb: Verb<RenderFlags> = {
  declare(command) {
    command.option("--output <dir>", "where the pictures go; the run's directory where it is left out");
  },
  async run({ words, flags }, io) {
    const { runs, overrides } = splitRunWords("render", words, io);
    if (runs[1] !== undefined) throw wordUnused("render", runs[1]);
    const reader = await openRunReader(runs[0]!, io);
    const config = await recordedConfig(reader, overrides, io);
    const directory = flags.output === undefined ? reader.dir : resolve(io.cwd, flags.output);
    io.fs.mkdirSync(directory, { recursive: true });
    const written = writeRunPictures(reader, config, directory, io);
    io.message(`Drew ${counted(written.length, "file")}.`);
    await io.out(`${join(directory, RUN_PAGE)}\n`);
    return EXIT.done;
  },
};
