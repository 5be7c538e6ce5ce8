import { resolve } from "node:path";
import { recoverRun } from "@episcope/core";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { onlyRuns } from "../run-words.js";
import type { Verb } from "../verb.js";

export const recoverVerb: Verb<Record<string, never>> = {
  declare() {},
  async run({ words }, io) {
    let status: ExitStatus = EXIT.done;
    for (const word of onlyRuns("recover", words, io)) {
      const report = recoverRun(resolve(io.cwd, word), { fs: io.fs });
      await io.out(
        `${word}: ${report.episodes} episodes${report.parts > 1 ? " in 2 directories" : ""}; ${report.sealed} journals sealed, ${report.repaired} repaired, ` +
          `${report.unreadable} unreadable; ${report.records} records kept, ${report.orphans} orphans and ` +
          `${report.bytesLost} bytes lost\n`,
      );
      if (report.loss) status = EXIT.repairedWithLoss;
    }
    return status;
  },
};
