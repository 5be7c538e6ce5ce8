// Whole processes: how much of a processor a short command takes, against an empty Node process.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bar, median, report } from "./harness.js";

const ROUNDS = 11;
const root = process.cwd();
const program = join(root, "packages", "cli", "bin", "episcope.js");
// Below the workspace, where its packages are found.
const scratch = mkdtempSync(join(root, "node_modules", ".cache", "episcope-start-"));
const run = join(scratch, "run");
const own = (name: string, text: string): string => {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
};
/** Says at its end, on descriptor 3, how long the process and its threads have used a processor, in microseconds. */
const METER = own(
  "meter.cjs",
  `process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    require("node:fs").writeSync(3, String(user + system));
  });`,
);

/** The least that Hydra in Python does for the same: the presets are its configs, and it says on descriptor 3 what it used. */
const HYDRA = own(
  "application.py",
  `import atexit, os
atexit.register(lambda: os.write(3, str(round(sum(os.times()[:2]) * 1e6)).encode()))
import hydra
@hydra.main(version_base=None, config_path=${JSON.stringify(join(root, "conf"))}, config_name="config")
def main(cfg): pass
main()
`,
);
const IN_PYTHON = "config --cfg job in Python";
/** Of the environment of the interop checks. */
const PYTHON = join(root, ".venv", "bin", "python");

/** Words for Node, by what is measured. */
const commands: { readonly [what: string]: readonly string[] } = {
  "an empty process": [own("empty.mjs", "")],
  "config --cfg job": [program, "config", "--cfg", "job"],
  list: [program, "list", run],
  show: [program, "show", run],
  completion: [program, "--shell-completion", "query=bash"],
  "import @episcope/records/store, first step read": [
    own(
      "read.mjs",
      `import fs from "node:fs";
      import { Replayer, RunReader } from "@episcope/records/store";
      new Replayer(new RunReader(${JSON.stringify(run)}, { fs })).step(1, 0);`,
    ),
  ],
  "import @episcope/core": [own("core.mjs", `import "@episcope/core";`)],
  "open and close an empty run": [
    own(
      "open.mjs",
      `import { mkdtempSync } from "node:fs";
      import { composeSync } from "@episcope/config";
      import { fileSource } from "@episcope/config/node";
      import { openRun, presetDirectory } from "@episcope/core";
      const dir = mkdtempSync(${JSON.stringify(join(scratch, "empty-"))});
      const overrides = ["visualization=debug_off", \`storage.base_output_dir=\${dir}\`];
      const source = fileSource(presetDirectory());
      const run = await openRun(composeSync({ source, name: "config", overrides }).config);
      await run.close();`,
    ),
  ],
};

try {
  must([program, "play", "visualization=debug_off", "episodes=3", `hydra.run.dir=${run}`]);
  const withPython = spawnSync(PYTHON, ["-c", "import hydra"]).status === 0;
  if (!withPython)
    console.log("left out: the same of Hydra in Python (npm run bench -- jax makes its environment)");
  const times = measureAll(withPython);
  const empty = times["an empty process"]!;
  const above = (what: string): number => median(times[what]!.map((time, round) => time - empty[round]!));
  const ratio = (what: string, to = "an empty process"): number =>
    median(times[what]!.map((time, round) => time / times[to]![round]!));
  const timesEmpty = (what: string, goal: number, gate: number): Bar => ({
    what: `${what}, processor, against an empty Node process`,
    value: ratio(what),
    unit: "x",
    goal,
    gate,
    good: "below",
  });
  // An empty process takes about 40 ms on a machine of today: limits in milliseconds go by what it takes here.
  const EMPTY_MS = 40;
  const more = (what: string, ms: number): Bar => ({
    what: `${what}: processor beyond an empty process, with one of ${EMPTY_MS} ms`,
    value: (above(what) / median(empty)) * EMPTY_MS,
    unit: "ms",
    goal: ms,
    gate: ms * 1.3,
    good: "below",
  });
  console.log(`an empty Node process takes ${median(empty).toFixed(0)} ms of processor time here`);
  const againstPython: Bar = {
    what: "config --cfg job, processor, against a minimal application of Hydra in Python",
    value: withPython ? ratio("config --cfg job", IN_PYTHON) : Number.NaN,
    unit: "x",
    goal: 0.6,
    gate: 1,
    good: "below",
  };
  const ok = report([
    timesEmpty("config --cfg job", 2, 3),
    ...(withPython ? [againstPython] : []),
    timesEmpty("list", 2, 3),
    timesEmpty("show", 2, 3),
    timesEmpty("completion", 1.6, 1.6),
    // Three threads, each with its modules.
    timesEmpty("open and close an empty run", 6, 10),
    more("import @episcope/records/store, first step read", 40),
    more("import @episcope/core", 100),
  ]);
  process.exitCode = ok ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Milliseconds of user and system time, by what is measured, one figure a round; in another order each round. */
function measureAll(withPython: boolean): { readonly [what: string]: readonly number[] } {
  const names = [...Object.keys(commands), ...(withPython ? [IN_PYTHON] : [])];
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [at] of names.entries()) {
      const name = names[(at + round + 1) % names.length]!;
      const time = name === IN_PYTHON ? used(PYTHON, [HYDRA, "--cfg", "job"]) : must(commands[name]!);
      if (round >= 0) times.get(name)!.push(time);
    }
  }
  return Object.fromEntries(times);
}

/** Milliseconds of processor time of a Node process; throws what it printed if it fails. */
function must(words: readonly string[]): number {
  return used(process.execPath, ["--require", METER, ...words]);
}

/** Milliseconds of processor time, as the program tells them. */
function used(program: string, words: readonly string[]): number {
  const child = spawnSync(program, words, {
    cwd: root,
    env: { ...process.env, COMP_LINE: "episcope play storage." },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [, out, err, time] = child.output;
  if (child.status !== 0) throw new Error(`${program} ${words.join(" ")} failed:\n${out}${err}`);
  return Number(time) / 1000;
}
