// What `instantiate` makes of generated configs and overrides, beside hydra.utils.instantiate:
//   node tools/interop/instantiate.mjs --python VENV_PYTHON [--count 300] [--seed N]
// Exits 1 when an answer differs; the cases are run by the conformance runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    python: { type: "string" },
    count: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
  },
});
const cases = mkdtempSync(join(tmpdir(), "instantiate-"));
const made = spawnSync(values.python, [join(here, "instantiate.py"), values.count, values.seed], {
  encoding: "utf8",
  maxBuffer: 1 << 28,
});
if (made.status !== 0) {
  process.stderr.write(made.stderr);
  process.exit(1);
}
writeFileSync(join(cases, "instantiate.jsonl"), made.stdout);
writeFileSync(join(cases, "trees.json"), "{}");
const main = join(here, "..", "..", "packages", "config", "test", "conformance", "main.ts");
const { status } = spawnSync(
  process.execPath,
  [join(here, "..", "run-ts.mjs"), main, "--cases", cases, "--verbose"],
  { stdio: "inherit" },
);
rmSync(cases, { recursive: true });
process.exit(status ?? 1);
