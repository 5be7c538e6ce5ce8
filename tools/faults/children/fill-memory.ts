// Records steps of 30x30 while a sink takes nothing, and says the largest size that the process had.
//   fill-memory BASE STEPS
import { writeSync } from "node:fs";
import { definePlugin } from "@episcope/core";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [base, steps] = process.argv.slice(2);
const stream = stepStream(30);
const stuck = definePlugin({
  kind: "sink",
  name: "stuck",
  create: () => ({ accepts: ["step"], write: () => new Promise<void>(() => {}) }),
});
const { run } = await openFaultRun(
  base!,
  [
    "logging.async_logger.queue_size=1000000000",
    "logging.async_logger.queue_bytes=8388608",
    "logging.async_logger.worker_timeout=3600",
    "logging.async_logger.shutdown_timeout=0.1",
    "+logging.sinks.stuck={_target_: stuck}",
  ],
  { plugins: [stuck] },
);
const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
for (let step = 0; step < Number(steps); step++) {
  episode.step(stream.step(step));
  if (step % 100 === 99) await new Promise<void>((resolve) => setImmediate(resolve));
}
const { accepted, written, dropped } = run.stats().accounting["logging.sinks.stuck"]!;
writeSync(1, `offered ${accepted}\nsettled ${written + dropped}\n`);
writeSync(1, `peak ${process.resourceUsage().maxRSS * 1024}\n`);
process.exit(0);
