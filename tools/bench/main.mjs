// npm run bench [-- NAME…]: runs tools/bench/NAME.ts, all of them without a name; exits 1 when a figure is past its gate.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const known = readdirSync(here)
  .filter((file) => file.endsWith(".ts") && file !== "harness.ts")
  .map((file) => file.slice(0, -".ts".length))
  .sort();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no bench named ${unknown.join(", ")}; there are ${known.join(", ")} (without a name: all)`);
  process.exit(2);
}
const names = asked.length > 0 ? asked : known;

/** Benches that measure the build: their runs have threads, or presets beside the code. */
const BUILT = new Set(["logs", "pipeline", "start"]);

if (names.some((name) => BUILT.has(name))) {
  const build = spawnSync("npx", ["nx", "run-many", "-t", "build", "--output-style=static"], {
    encoding: "utf8",
  });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}`);
    process.exit(1);
  }
}
console.log(`benches: ${names.join(", ")}`);
const failed = [];
for (const name of names) {
  console.log(`\n-- ${name}`);
  const flags = BUILT.has(name) ? ["--built"] : [];
  const words = [join(here, "..", "run-ts.mjs"), ...flags, join(here, `${name}.ts`)];
  const run = spawnSync(process.execPath, words, { stdio: "inherit" });
  if (run.status !== 0) failed.push(name);
}
if (failed.length > 0) console.error(`\npast a gate, or ended early: ${failed.join(", ")}`);
process.exit(failed.length > 0 ? 1 : 0);
