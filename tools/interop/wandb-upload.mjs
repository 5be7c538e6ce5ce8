// Uploads one W&B run directory twice, by the official `wandb sync` and by us, and compares what a server got:
//   node tools/interop/wandb-upload.mjs --python VENV_PYTHON
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const words = [
  join(here, "..", "run-ts.mjs"),
  "--built",
  join(here, "wandb-upload.ts"),
  ...process.argv.slice(2),
];
const run = spawnSync(process.execPath, words, { stdio: "inherit" });
process.exit(run.status ?? 1);
