// Records steps with a W&B sink that uploads to the server of the environment, until it is killed.
//   record-wandb BASE
import { writeSync } from "node:fs";
import { openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [base] = process.argv.slice(2);
const stream = stepStream(10);
const plugins = [{ kind: "sink", name: "wandb", module: "@episcope/plugin-wandb" } as const];
const overrides = [
  ...["logging=wandb_basic", "logging.wandb.log_frequency=1", "logging.async_logger.flush_interval=0.05"],
  ...["logging.wandb.log_system_metrics=false", "~visualization.renderers.png"],
];
const { run } = await openFaultRun(base!, overrides, { plugins });
writeSync(1, "open 1\n");
for (;;) {
  const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
  for (let step = 0; step < 500; step++) {
    episode.step(stream.step(step));
    if (step % 10 === 9) await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }
  await episode.end();
  writeSync(1, `steps ${run.acknowledged}\n`);
}
