import fs, { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { resumeRun } from "@episcope/core";
import { RunReader } from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { lastNumber, startNode } from "../child-program.js";
import { readBack } from "../read-back.js";
import { atLeast, none, type Outcome, type Row, type RowContext } from "../row.js";
import { stepStream } from "../steps.js";

/** P10: killed with outputs behind; then resumed. */
async function killBehind(context: RowContext): Promise<Outcome> {
  const kills = context.short ? 3 : 100;
  const random = randomNumbers(13);
  const folder = dirname(context.child("noting-sink"));
  const sum = { acked: 0, lost: 0, pictures: 0, items: 0, incomplete: 0, behind: 0 };
  for (let kill = 0; kill < kills; kill++) {
    const base = context.scratch();
    const notes = join(base, "notes");
    const child = startNode(context.child("record-outputs"), [base, notes]);
    const least = 100 + Math.floor(random() * 500);
    await child.until(({ stdout }) => lastNumber(stdout, "ack") >= least);
    await new Promise((resolve) => setTimeout(resolve, random() * 50));
    child.kill("SIGKILL");
    const { stdout } = await child.ended;
    const dir = join(base, "run");
    const before = missingIn(dir, notes);
    const { logger } = collectLines();
    const { incomplete } = await resumeRun(dir, { cwd: folder, allowPlugins: ["."], logger });
    const after = missingIn(dir, notes);
    const acked = lastNumber(stdout, "ack");
    sum.acked += acked + 1;
    sum.lost += Math.max(0, acked - readBack(dir, stepStream(10)).completeUpTo);
    sum.behind += before.pictures + before.items;
    sum.pictures += after.pictures;
    sum.items += after.items;
    sum.incomplete += incomplete.length;
  }
  return {
    figures: [
      atLeast(`pictures and items that were missing at ${kills} kills`, sum.behind, kills),
      atLeast("acknowledged records", sum.acked, 100 * kills),
      none("acknowledged records lost", sum.lost),
      none("pictures missing after resume", sum.pictures),
      none("records that the sink has not got after resume", sum.items),
      none("outputs that are incomplete after resume", sum.incomplete),
    ],
  };
}

/** What the outputs have not got of what the journals have. */
function missingIn(dir: string, notes: string): { readonly pictures: number; readonly items: number } {
  const run = new RunReader(dir, { fs });
  let records = [...run.runRecords()].length;
  let pictures = 0;
  for (const { number } of run.episodes) {
    for (const record of run.records(number)) {
      records += 1;
      if (record.type !== "step") continue;
      const name = `step_${String(record.step).padStart(3, "0")}.txt`;
      if (!existsSync(join(run.episodeDir(number), name))) pictures += 1;
    }
  }
  const lines = existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : [];
  const got = new Set(lines.filter((line) => !line.includes("picture/")));
  return { pictures, items: Math.max(0, records - got.size) };
}

export const OUTPUT_ROWS: readonly Row[] = [
  { id: "P10", fault: "SIGKILL with pictures and a sink behind, then resume", run: killBehind },
];
