// npm run bench -- NAME…: runs tools/bench/NAME.ts; exits 1 when a figure is past its gate.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const names = process.argv.slice(2);
const known = readdirSync(here)
  .filter((file) => file.endsWith(".ts") && file !== "harness.ts")
  .map((file) => file.slice(0, -".ts".length));
const unknown = names.filter((name) => !existsSync(join(here, `${name}.ts`)) || !known.includes(name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`usage: npm run bench -- NAME…   with NAME one of: ${known.join(", ")}`);
  process.exit(2);
}
let failed = false;
for (const name of names) {
  const run = spawnSync(process.execPath, [join(here, "..", "run-ts.mjs"), join(here, `${name}.ts`)], {
    stdio: "inherit",
  });
  if (run.status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
