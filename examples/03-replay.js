// Reads a run back: nothing but its directory is needed.  node examples/03-replay.js RUN
import * as fs from "node:fs";
import { Replayer, RunReader, verifyRun } from "@episcope/records/store";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error("usage: node examples/03-replay.js RUN");
  process.exit(2);
}
const run = new RunReader(directory, { fs });
const replayer = new Replayer(run);

for (const { number, task_id, outcome, totals } of run.episodes) {
  console.log(`episode ${number}: ${task_id}, ${outcome} after ${totals.steps} steps`);
  // The recorded stream, exactly.
  for (const record of replayer.records(number)) {
    if (record.type === "step")
      console.log(`  step ${record.step}: operation ${record.action.operation}, reward ${record.reward}`);
  }
  // What was worked out from it: similarity, and why a step is a key step.
  for (const view of replayer.stepViews(number)) {
    if (view.reasons.length > 0)
      console.log(`  step ${view.step} matters: ${view.reasons.join(", ")} (similarity ${view.similarity})`);
  }
}
console.log(verifyRun(run, { fs }).intact ? "intact" : "damaged");
