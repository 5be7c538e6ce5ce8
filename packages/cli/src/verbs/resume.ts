import { resolve } from "node:path";
import { createConsoleLogger, type ResumeReport, resumeRun } from "@episcope/core";
import { builtinPlugins } from "../compose/builtin-plugins.js";
import { projectPlugins } from "../compose/project-plugins.js";
import { declareAllowPlugins, type RecorderFlags } from "../recording/open-recorder.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import { counted } from "../terminal/words.js";
import { splitRunWords } from "./run-words.js";
import type { Verb } from "./verb.js";

export const resumeVerb: Verb<RecorderFlags> = {
  declare(command) {
    declareAllowPlugins(command);
  },
  async run({ words, flags }, io) {
    const { runs, overrides } = splitRunWords("resume", words, io);
    let status: ExitStatus = EXIT.done;
    for (const word of runs) {
      const report = await resumeRun(resolve(io.cwd, word), {
        overrides,
        plugins: builtinPlugins(),
        allowPlugins: [...(flags.allowPlugins ?? []), ...projectPlugins(io.cwd, io.fs)],
        cwd: io.cwd,
        fs: io.fs,
        logger: createConsoleLogger("INFO", (line) => io.message(line)),
      });
      await io.out(`${word}: ${describe(report)}\n`);
      if (report.incomplete.length > 0) status = EXIT.repairedWithLoss;
    }
    return status;
  },
};

function describe({ accounting, incomplete, exported }: ResumeReport): string {
  const parts = Object.entries(accounting).map(
    ([key, { accepted, written }]) => `${key} ${written} of ${accepted}`,
  );
  if (exported > 0) parts.push(`${counted(exported, "episode")} exported`);
  const state = incomplete.length === 0 ? "complete" : `${counted(incomplete.length, "output")} incomplete`;
  return [state, ...parts].join("; ");
}
