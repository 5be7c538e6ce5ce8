// The application of sweeps.mjs: a task that works for a while, counts itself, and fails where it is told to.
//   node sweep-application.mjs alone NUMBER PASSES    does the work of that many tasks, and nothing else
//   node sweep-application.mjs FLAGS OVERRIDES…       as a Hydra application
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { main, processIo, runApplication } from "@episcope/config/application";

const BLOCK = Buffer.alloc(1 << 16, 7);
const options = { configPath: "conf", configName: "config", file: join(process.cwd(), "app.mjs") };

function work(passes) {
  const hash = createHash("sha256");
  for (let pass = 0; pass < passes; pass++) hash.update(BLOCK);
  return hash.digest("hex");
}

function task({ config, outputDir, originalCwd }) {
  const { seed, passes, bad } = config;
  appendFileSync(join(originalCwd, "ran.txt"), `${seed} ${process.pid} ${outputDir}\n`);
  work(passes);
  if (bad.includes(seed)) throw new Error(`seed ${seed} is bad`);
}

const [first, number, passes] = process.argv.slice(2);
const time = process.env.FIXED_TIME;
if (first === "alone") for (let done = 0; done < Number(number); done++) work(Number(passes));
else if (time === undefined) await main(options, task);
else
  process.exitCode = await runApplication(options, task, {
    ...processIo(),
    now: () => new Date(Number(time)),
  });
