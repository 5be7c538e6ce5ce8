// Records steps with a renderer and a sink that are slower, and says how far they are acknowledged. Ends by being killed.
//   record-outputs BASE NOTES
import { writeSync } from "node:fs";
import { openFaultRun } from "../open-recorder.js";
import { outputNodes } from "../output-nodes.js";
import { stepStream } from "../steps.js";

const [base, notes] = process.argv.slice(2);
const stream = stepStream(10);
const { run } = await openFaultRun(base!, outputNodes(notes!), {
  cwd: import.meta.dirname,
  allowPlugins: ["."],
});
let told = -1;
for (;;) {
  const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
  for (let step = 0; step < 100; step++) {
    episode.step(stream.step(step));
    if (step % 10 === 9) await new Promise<void>((resolve) => setTimeout(resolve, 1));
    if (run.acknowledged === told) continue;
    told = run.acknowledged;
    writeSync(1, `ack ${told}\n`);
  }
  await episode.end();
}
