// Records steps whose journal is not written by itself, then ends as the first argument says.
//   end-process HOW BASE STEPS     HOW: exit | throw | reject | wait (for signals)
import { writeSync } from "node:fs";
import { definePlugin, type SinkItem } from "@episcope/core";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [how, base, steps] = process.argv.slice(2);
const stream = stepStream(10);
let delivered = 0;
const slow = definePlugin({
  kind: "sink",
  name: "slow",
  create: () => ({
    accepts: ["step"],
    write: async (batch: readonly SinkItem[]) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      delivered += batch.length;
    },
    close: () => void writeSync(1, `delivered ${delivered}\n`),
  }),
});
const waits = how === "wait";
const { run } = await openFaultRun(
  base!,
  [
    "logging.async_logger.batch_size=1000000",
    "logging.async_logger.flush_interval=1000",
    ...(waits
      ? [
          "logging.async_logger.queue_size=20000",
          "logging.async_logger.batch_size=100",
          "+logging.sinks.slow={_target_: slow}",
        ]
      : []),
  ],
  { process, plugins: [slow], logger: stderrLogger() },
);
const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
let accepted = 0;
for (let step = 0; step < Number(steps); step++) if (episode.step(stream.step(step)).accepted) accepted += 1;
writeSync(1, `accepted ${accepted}\n`);
if (how === "exit") process.exit(7);
if (how === "throw") throw new Error("of the program");
if (how === "reject") void Promise.reject(new Error("of the program"));
if (waits) {
  // As a training loop would.
  setInterval(() => {}, 1000);
  writeSync(1, "ready 1\n");
}

function stderrLogger() {
  const write = (message: string): void => void writeSync(2, `${message}\n`);
  return { debug: () => {}, info: write, warn: write, error: write };
}
