// The Python client: what recording costs a loop of the published JaxARC.
//   npm run bench -- jax          (makes the virtual environment of the interop checks)
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bar, report } from "./harness.js";

/** What jax/loop.py measures; shares are of the processor's time of the loop without recording. */
interface Figures {
  readonly loop_us: number;
  readonly spool: number;
  readonly live: number;
  readonly recorder_us: number;
  readonly copies: number;
  readonly callbacks: number;
  readonly sampled: number;
  readonly noticed_ms: number;
}

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const python = join(root, ".venv", "bin", "python");
for (const environments of [64, 1000]) {
  const { status, stdout } = spawnSync(python, [join(here, "jax", "loop.py"), String(environments)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      PYTHONPATH: join(root, "python", "src"),
      EPISCOPE_PROGRAM: `'${process.execPath}' '${join(root, "packages", "cli", "bin", "episcope.js")}'`,
    },
  });
  if (status !== 0) process.exit(1);
  const figures = JSON.parse(stdout.trim().split("\n").at(-1)!) as Figures;
  console.log(
    `${environments} environments: the loop takes ${figures.loop_us.toFixed(1)} us a step, the recorder beside it ${figures.recorder_us.toFixed(1)} us`,
  );
  if (!report(barsOf(environments, figures))) process.exitCode = 1;
}

function barsOf(environments: number, figures: Figures): Bar[] {
  const percent = (what: string, value: number, goal: number, gate: number): Bar => ({
    what: `${environments} environments, ${what}`,
    value: value * 100,
    unit: "% of the loop",
    goal,
    gate,
    good: "below",
  });
  return [
    percent("rollouts into a spool file", figures.spool, 2, 5),
    percent("rollouts to a recorder, this process's share", figures.live, 2, 5),
    {
      what: `${environments} environments, handing over numpy's arrays`,
      value: figures.copies,
      unit: "x memcpy",
      goal: 2,
      gate: 3,
      good: "below",
    },
    percent("a callback for each step", figures.callbacks, 15, 30),
    percent("a callback for one step of ten", figures.sampled, 3, 10),
    {
      what: `${environments} environments, a recorder that is killed is noticed`,
      value: figures.noticed_ms,
      unit: "ms",
      goal: 100,
      gate: 1000,
      good: "below",
    },
  ];
}
