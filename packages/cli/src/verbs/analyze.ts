import { type Analysis, analysisMarkdown, analyzeRuns } from "@episcope/analysis";
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
    await io.out(flags.json === true ? analysisJson(analysis) : analysisMarkdown(analysis));
    return EXIT.done;
  },
};

/** Numbers that JSON has no notation for are null: they are unknown to whoever reads on. */
function analysisJson(analysis: Analysis): string {
  return `${JSON.stringify(analysis)}\n`;
}
