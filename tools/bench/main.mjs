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
/** Benches that measure the build: their runs have threads, which start from it. */
const BUILT = new Set(["pipeline"]);

if (names.some((name) => BUILT.has(name))) {
  const build = spawnSync("npx", ["nx", "run-many", "-t", "build", "--output-style=static"], {
    encoding: "utf8",
  });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}`);
    process.exit(1);
  }
}
let failed = false;
for (const name of names) {
  const flags = BUILT.has(name) ? ["--built"] : [];
  const words = [join(here, "..", "run-ts.mjs"), ...flags, join(here, `${name}.ts`)];
  const run = spawnSync(process.execPath, words, { stdio: "inherit" });
  if (run.status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
