import { verifyRun } from "@episcope/records/store";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import { printable } from "../terminal/table.js";
import { counted } from "../terminal/words.js";
import { onlyRuns, openRunReader } from "./run-words.js";
import type { Verb } from "./verb.js";

interface VerifyFlags {
  readonly json?: boolean;
}

export const verifyVerb: Verb<VerifyFlags> = {
  declare(command) {
    command.option("--json", "one JSON report per run and line");
  },
  async run({ words, flags }, io) {
    let status: ExitStatus = EXIT.done;
    for (const word of onlyRuns("verify", words, io)) {
      const report = verifyRun(openRunReader(word, io), { fs: io.fs });
      if (!report.intact) status = EXIT.failed;
      if (flags.json === true) {
        await io.out(`${JSON.stringify(report)}\n`);
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
    }
    return status;
  },
};
