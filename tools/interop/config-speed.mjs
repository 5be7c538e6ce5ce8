// The same preset tree and overrides through Hydra in Python and through ours: equal results, and how much faster.
//
//   node tools/interop/config-speed.mjs --python PATH
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";

const GOAL = 30;
const GATE = 15;
const ROUNDS = 25;
const here = dirname(fileURLToPath(import.meta.url));
const conf = join(here, "..", "..", "conf");
const python = process.argv[process.argv.indexOf("--python") + 1];
const overrides = [
  "visualization=debug_verbose",
  "logging=wandb_full",
  "storage=production",
  "storage.max_storage_gb=5",
  "+logging.sinks.mine={_target_: json}",
];

const { status, stdout, stderr } = spawnSync(
  python,
  [join(here, "config_speed.py"), conf, "config", String(ROUNDS), ...overrides],
  { encoding: "utf8" },
);
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(1);
}
const theirs = JSON.parse(stdout);

/** Rounds before the figures count, until the code is compiled. */
const WARM_UP = 200;
const times = [];
let config;
for (let round = -WARM_UP; round < ROUNDS; round++) {
  // A new source each time: nothing is remembered from the round before.
  const started = process.cpuUsage();
  ({ config } = await compose({ source: fileSource(conf), name: "config", overrides, now: new Date() }));
  const { user, system } = process.cpuUsage(started);
  if (round >= 0) times.push((user + system) / 1000);
}
times.sort((a, b) => a - b);
const ours = times[Math.floor(ROUNDS / 2)];
const ratio = theirs.ms / ours;
const equal = isDeepStrictEqual(JSON.parse(JSON.stringify(config)), theirs.config);
process.stdout.write(
  `hydra.compose ${theirs.ms.toFixed(1)} ms, ours ${ours.toFixed(2)} ms of processor time: ${ratio.toFixed(0)}x ` +
    `(goal ${GOAL}x, gate ${GATE}x); results ${equal ? "equal" : "DIFFER"}\n`,
);
process.exitCode = equal && ratio >= GATE ? 0 : 1;
