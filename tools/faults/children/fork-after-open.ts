// A cluster whose primary has a run open before it forks; each worker records as well.
//   fork-after-open BASE NAME WORKERS
import cluster from "node:cluster";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [base, name, workers] = process.argv.slice(2);
const stream = stepStream(10);
const record = async (): Promise<string> => {
  try {
    const { run } = await openFaultRun(base!, [`storage.run_name=${name}`]);
    const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
    for (let step = 0; step < 100; step++) episode.step(stream.step(step));
    if (cluster.isPrimary) {
      const forked = Array.from({ length: Number(workers) }, () => cluster.fork());
      await Promise.all(forked.map((worker) => once(worker, "exit")));
    }
    for (let step = 100; step < 200; step++) episode.step(stream.step(step));
    await episode.end();
    await run.close();
    return `opened ${run.dir}`;
  } catch (error) {
    return `refused ${(error as { code?: unknown }).code}`;
  }
};
writeSync(1, `${await record()}\n`);
process.exit(0);
