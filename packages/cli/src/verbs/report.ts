import { resolve } from "node:path";
import { analysisHtml, analyzeRuns, type FailureExample } from "@episcope/analysis";
import { viewToSvg } from "@episcope/plugin-svg";
import { DEFAULT_PICTURE_SETTINGS } from "@episcope/records";
import { Replayer, RunReader } from "@episcope/records/store";
import { EXIT } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { runsOf } from "./run-places.js";
import type { Verb } from "./verb.js";

interface ReportFlags {
  readonly output: string;
}

/** Larger pictures are left out: the page has to stay one that a mail can carry. */
const MOST_PICTURE_BYTES = 300_000;

export const reportVerb: Verb<ReportFlags> = {
  declare(command) {
    command.option("--output <file>", "where the page goes; - is standard output", "report.html");
  },
  async run({ words, flags }, io) {
    const dirs = runsOf("report", words, io);
    const html = analysisHtml(analyzeRuns(dirs, { fs: io.fs }), { draw: summaryOf(dirs, io) });
    if (flags.output === "-") {
      await io.out(html);
      return EXIT.done;
    }
    const file = resolve(io.cwd, flags.output);
    io.fs.writeFileSync(file, html);
    await io.out(`${file}\n`);
    return EXIT.done;
  },
};

/** Draws an episode's summary; null where its journal cannot be read. */
function summaryOf(dirs: readonly string[], io: ProgramIo): (example: FailureExample) => string | null {
  return ({ run, episode }) => {
    try {
      const replayer = new Replayer(new RunReader(dirs[run]!, { fs: io.fs }));
      const svg = viewToSvg(replayer.summary(episode), DEFAULT_PICTURE_SETTINGS);
      return svg.length > MOST_PICTURE_BYTES ? null : Buffer.from(svg).toString();
    } catch {
      return null;
    }
  };
}
