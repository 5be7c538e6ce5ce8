// Records a thousand steps a second and says how long the calls took.
//   slow-disk BASE STEPS
import { writeSync } from "node:fs";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [base, steps] = process.argv.slice(2);
const stream = stepStream(10);
const { run } = await openFaultRun(base!, ["logging.async_logger.shutdown_timeout=60"]);
const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
const times: number[] = [];
const start = performance.now();
for (let step = 0; step < Number(steps); step++) {
  const input = stream.step(step);
  const before = performance.now();
  episode.step(input);
  times.push(performance.now() - before);
  const ahead = start + step - performance.now();
  if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
}
times.sort((a, b) => a - b);
writeSync(1, `p99 ${times[Math.floor(times.length * 0.99)]}\n`);
await episode.end();
await run.close();
writeSync(1, `dropped ${run.stats().accounting["journal"]?.dropped ?? 0}\n`);
