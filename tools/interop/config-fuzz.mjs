// Differential fuzzing of @episcope/config against the real Hydra:
//   node tools/interop/config-fuzz.mjs --python VENV_PYTHON [--overrides 20000] [--trees 2000] [--sweeps 300] [--seed N]
// Exits 1 when an answer differs; the difference is printed shrunk.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const run = spawnSync(
  process.execPath,
  [join(here, "..", "run-ts.mjs"), join(here, "config-fuzz.ts"), ...process.argv.slice(2)],
  { stdio: "inherit", env: { ...process.env, CONFIG_FUZZ_ORACLE: join(here, "config_fuzz.py") } },
);
process.exit(run.status ?? 1);
