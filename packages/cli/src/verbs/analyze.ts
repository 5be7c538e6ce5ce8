import { analysisMarkdown, analyzeRuns } from "@episcope/analysis";
import { EXIT } from "../terminal/exit-status.js";
import { runsOf } from "./run-places.js";
import type { Verb } from "./verb.js";

interface AnalyzeFlags {
  readonly json?: boolean;
}

export const analyzeVerb: Verb<AnalyzeFlags> = {
  declare(command) {
    command.option("--json", "the whole analysis as one JSON object, instead of Markdown");
  },
  async run({ words, flags }, io) {
    const analysis = analyzeRuns(runsOf("analyze", words, io), { fs: io.fs });
    await io.out(flags.json === true ? `${JSON.stringify(analysis)}\n` : analysisMarkdown(analysis));
    return EXIT.done;
  },
};
