// Opens and closes runs and says what they left in the process; then leaves a timer of a plugin's own running.
//   open-and-close BASE RUNS     with --expose-gc for the heap
import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { definePlugin } from "@episcope/core";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const [base, runs] = process.argv.slice(2);
const stream = stepStream(10);
const leaky = definePlugin({
  kind: "sink",
  name: "leaky",
  create(_options, { signal }) {
    // As a plugin should: bound to the signal of its run.
    const timer = setInterval(() => {}, 1000);
    signal.addEventListener("abort", () => clearInterval(timer));
    return { accepts: ["step"], write: () => {} };
  },
});
const listeners = (): number =>
  process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
const resources = (): number => process.getActiveResourcesInfo().length;
// Threads write through these streams, which would be opened for the first of them.
void process.stdout;
void process.stderr;
const before = { listeners: listeners(), resources: resources() };
let heap = 0;
for (let index = 0; index < Number(runs); index++) {
  const { run } = await openFaultRun(
    base!,
    [`storage.run_name=run${index}`, "+logging.sinks.leaky={_target_: leaky}"],
    {
      plugins: [leaky],
      process,
    },
  );
  const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
  for (let step = 0; step < 200; step++) episode.step(stream.step(step));
  await episode.end();
  await run.close();
  if (index === Number(runs) - 21) {
    collect();
    heap = process.memoryUsage().heapUsed;
  }
}
await new Promise((resolve) => setTimeout(resolve, 50));
collect();
writeSync(1, `heap ${Math.max(0, process.memoryUsage().heapUsed - heap)}\n`);
writeSync(1, `resources ${resources() - before.resources}\n`);
writeSync(1, `listeners ${listeners() - before.listeners}\n`);
writeSync(1, `done ${performance.now() / 1000}\n`);
