import { resolve } from "node:path";
import { type RecoverReport, recoverRun } from "@episcope/records/store";
import { readersIn } from "../recording/export-readers.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import { counted } from "../terminal/words.js";
import { onlyRuns } from "./run-words.js";
import type { Verb } from "./verb.js";

export const recoverVerb: Verb<Record<string, never>> = {
  declare() {},
  async run({ words }, io) {
    let status: ExitStatus = EXIT.done;
    for (const word of onlyRuns("recover", words, io)) {
      const dir = resolve(io.cwd, word);
      const report = recoverRun(dir, { fs: io.fs, exports: await readersIn(dir, io) });
      await io.out(`${word}: ${describe(report)}\n`);
      if (report.loss) status = EXIT.repairedWithLoss;
    }
    return status;
  },
};

function describe(report: RecoverReport): string {
  const episodes = `${counted(report.episodes, "episode")}${report.parts > 1 ? " in 2 directories" : ""}`;
  const { sealed, repaired, rebuilt, lost, unreadable, records, orphans, bytesLost, temporariesRemoved } =
    report;
  if (sealed + repaired + rebuilt + lost + unreadable + orphans + bytesLost + temporariesRemoved === 0)
    return `${episodes}; there was nothing to repair`;
  return (
    `${episodes}; ${counted(sealed, "journal")} sealed, ${repaired} repaired, ${rebuilt === 0 ? "" : `${rebuilt} made again from exports, `}${unreadable} unreadable; ` +
    `${counted(records, "record")} kept, ${counted(orphans, "orphan")} and ${counted(bytesLost, "byte")} lost${lost === 0 ? "" : `; of ${counted(lost, "episode")} the records are lost`}`
  );
}
