import { resolve } from "node:path";
import { runAgain, type StepDifference } from "@episcope/arc-env";
import { RunReader, verifyRun } from "@episcope/records/store";
import { readersIn } from "../recording/export-readers.js";
import { flagInvalid } from "../terminal/errors.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import { printable } from "../terminal/table.js";
import { counted } from "../terminal/words.js";
import { onlyRuns } from "./run-words.js";
import type { Verb } from "./verb.js";

interface VerifyFlags {
  readonly json?: boolean;
  readonly env?: string;
}

/** Environments that can run actions again. */
const ENVIRONMENTS = ["arc-env"];

export const verifyVerb: Verb<VerifyFlags> = {
  declare(command) {
    command
      .option("--json", "one JSON report per run and line")
      .option(
        "--env <name>",
        "run the recorded actions again in an environment (arc-env), and name the first step that differs",
      );
  },
  async run({ words, flags }, io) {
    const { env } = flags;
    if (env !== undefined && !ENVIRONMENTS.includes(env)) {
      throw flagInvalid("--env", env, `one of ${ENVIRONMENTS.join(", ")}`, ENVIRONMENTS);
    }
    let status: ExitStatus = EXIT.done;
    for (const word of onlyRuns("verify", words, io)) {
      const dir = resolve(io.cwd, word);
      const run = new RunReader(dir, { fs: io.fs, exports: await readersIn(dir, io) });
      const report = verifyRun(run, { fs: io.fs });
      const differences = env === undefined ? [] : differencesOf(run);
      if (!report.intact || differences.length > 0) status = EXIT.failed;
      if (flags.json === true) {
        await io.out(`${JSON.stringify(env === undefined ? report : { ...report, env, differences })}\n`);
        continue;
      }
      const verdict = report.intact ? "intact" : "NOT intact";
      await io.out(
        `${printable(report.run)}: ${verdict}, ${counted(report.episodes, "episode")}, ${counted(report.steps, "step")}\n`,
      );
      for (const finding of report.findings) {
        const place = finding.episode === null ? "run" : `episode ${finding.episode}`;
        await io.out(`  ${finding.severity}  ${place}: ${printable(finding.message)} [${finding.kind}]\n`);
      }
      if (env !== undefined) await io.out(differenceLines(env, run, differences));
    }
    return status;
  },
};

interface EpisodeDifference extends StepDifference {
  /** Number in the run, from 1. */
  readonly episode: number;
}

function differencesOf(run: RunReader): EpisodeDifference[] {
  return run.episodes.flatMap(({ number }) => {
    const difference = runAgain(run.records(number));
    return difference === null ? [] : [{ episode: number, ...difference }];
  });
}

function differenceLines(env: string, run: RunReader, differences: readonly EpisodeDifference[]): string {
  const alike = run.episodes.length - differences.length;
  const lines = differences.map(
    ({ episode, step, problem }) =>
      `  error  episode ${episode}: step ${step} differs: ${printable(problem)} [environment]\n`,
  );
  return `  ${env}: ${alike} of ${counted(run.episodes.length, "episode")} done again alike\n${lines.join("")}`;
}
