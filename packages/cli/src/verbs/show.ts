import { detectColors, renderTerminal } from "@episcope/plugin-terminal";
import { Replayer } from "@episcope/records/store";
import { EXIT } from "../terminal/exit-status.js";
import { wholeNumber } from "../terminal/number-flags.js";
import { onlyRun } from "./run-words.js";
import type { Verb } from "./verb.js";

interface ShowFlags {
  readonly episode?: string;
  readonly step?: string;
}

export const showVerb: Verb<ShowFlags> = {
  declare(command) {
    command
      .option("--episode <number>", "which episode, from 1", "1")
      .option("--step <number>", "one step, from 0, instead of the summary");
  },
  async run({ words, flags }, io) {
    const run = onlyRun("show", words, io);
    const episode = wholeNumber("--episode", flags.episode, 1) ?? 1;
    const step = wholeNumber("--step", flags.step, 0);
    run.episode(episode);
    const replayer = new Replayer(run);
    const view = step === undefined ? replayer.summary(episode) : replayer.stepView(episode, step);
    const colors = detectColors(io.env, io.stdoutIsTerminal);
    await io.out(renderTerminal(view, { columns: io.columns, colors }));
    return EXIT.done;
  },
};
