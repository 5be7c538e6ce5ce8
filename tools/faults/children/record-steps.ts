// Records steps at full pace and says after each acknowledgement how far it goes. Ends by being killed, or after `steps`.
//   record-steps BASE DURABILITY STEPS STEPS-PER-EPISODE [overrides…]
import { writeSync } from "node:fs";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [base, durability, steps, perEpisode, ...overrides] = process.argv.slice(2);
const stream = stepStream(10);
const { run } = await openFaultRun(base!, [`storage.durability=${durability}`, ...overrides]);
let told = -1;
const tell = (): void => {
  const { acknowledged } = run;
  if (acknowledged === told) return;
  try {
    writeSync(1, `ack ${acknowledged}\n`);
    told = acknowledged;
  } catch (error) {
    // The parent reads more slowly than we tell: it hears of this with the next one.
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
};
let episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
let inEpisode = 0;
writeSync(1, `dir ${run.dir}\n`);
for (let step = 0; step < Number(steps); step++) {
  if (inEpisode === Number(perEpisode)) {
    await episode.end();
    tell();
    episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
    inEpisode = 0;
  }
  episode.step(stream.step(inEpisode));
  inEpisode += 1;
  tell();
  if (step % 50 === 49) await new Promise<void>((resolve) => setImmediate(resolve));
}
await episode.end();
await run.close();
writeSync(1, "closed 1\n");
