// Records episodes, some at once, and says how many descriptors it had open beyond those of the start.
//   many-episodes BASE EPISODES AT-ONCE STEPS
import { once } from "node:events";
import { readdirSync, writeSync } from "node:fs";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [base, episodes, atOnce, steps] = process.argv.slice(2);
const stream = stepStream(10);
const descriptors = (): number => {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    // Reading the list takes a descriptor too.
    return Number.NaN;
  }
};
writeSync(1, "ready 1\n");
await once(process.stdin, "data");
process.stdin.destroy();
const before = descriptors();
const { run } = await openFaultRun(base!, ["logging.async_logger.worker_threads=0"]);
let most = 0;
for (let first = 0; first < Number(episodes); first += Number(atOnce)) {
  const open = Array.from({ length: Number(atOnce) }, () =>
    run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target }),
  );
  for (let step = 0; step < Number(steps); step++)
    for (const episode of open) episode.step(stream.step(step));
  most = Math.max(most, (descriptors() || 1024) - before);
  await Promise.all(open.map((episode) => episode.end()));
}
await run.close();
writeSync(1, `descriptors ${most}\n`);
