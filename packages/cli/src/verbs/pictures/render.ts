import { join, resolve } from "node:path";
import { createConsoleLogger, renderMissing } from "@episcope/core";
import { builtinPlugins } from "../../compose/builtin-plugins.js";
import { projectPlugins } from "../../compose/project-plugins.js";
import { recordedConfig } from "../../compose/recorded-config.js";
import { declareAllowPlugins, type RecorderFlags } from "../../recording/open-recorder.js";
import { RUN_PAGE, writeRunPictures } from "../../recording/run-pictures.js";
import { wordUnused } from "../../terminal/errors.js";
import { EXIT, type ExitStatus } from "../../terminal/exit-status.js";
import { counted } from "../../terminal/words.js";
import { openRunReader, splitRunWords } from "../run-words.js";
import type { Verb } from "../verb.js";

interface RenderFlags extends RecorderFlags {
  readonly output?: string;
  readonly missing?: boolean;
}

/**
 * Draws the pictures that show a run as a whole, again or for the first time, also while it records; with `--missing` those of
 * steps and episodes first that are not there.
 */
export const renderVerb: Verb<RenderFlags> = {
  declare(command) {
    command.option("--output <dir>", "where the pictures go; the run's directory where it is left out");
    command.option(
      "--missing",
      "also the pictures of steps and episodes that are not there, as they were asked for",
    );
    declareAllowPlugins(command);
  },
  async run({ words, flags }, io) {
    const { runs, overrides } = splitRunWords("render", words, io);
    if (runs[1] !== undefined) throw wordUnused("render", runs[1]);
    let status: ExitStatus = EXIT.done;
    if (flags.missing === true) {
      // With other settings, or elsewhere, they would not be the pictures that are missing.
      if (overrides[0] !== undefined) throw wordUnused("render --missing", overrides[0]);
      if (flags.output !== undefined) throw wordUnused("render --missing", "--output");
      const { drawn, failed } = await renderMissing(resolve(io.cwd, runs[0]!), {
        plugins: builtinPlugins(),
        allowPlugins: [...(flags.allowPlugins ?? []), ...projectPlugins(io.cwd, io.fs)],
        cwd: io.cwd,
        fs: io.fs,
        logger: createConsoleLogger("INFO", (line) => io.message(line)),
      });
      io.message(`Drew ${counted(drawn, "picture")} that had been missing.`);
      if (failed > 0) status = EXIT.repairedWithLoss;
    }
    const reader = await openRunReader(runs[0]!, io);
    const config = await recordedConfig(reader, overrides, io);
    const directory = flags.output === undefined ? reader.dir : resolve(io.cwd, flags.output);
    io.fs.mkdirSync(directory, { recursive: true });
    const written = writeRunPictures(reader, config, directory, io);
    io.message(`Drew ${counted(written.length, "file")}.`);
    await io.out(`${join(directory, RUN_PAGE)}\n`);
    return status;
  },
};
