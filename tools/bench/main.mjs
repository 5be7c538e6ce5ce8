// npm run bench [-- NAME…]: runs tools/bench/NAME.ts, all of them without a name; exits 1 when a figure is past its gate.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasEnvironment, prepareEnvironment } from "../interop/python-environment.mjs";

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
/** Benches in Python: by name they make the environment that they need, among all they are left out where it is not there. */
const IN_PYTHON = new Set(["jax"]);
const leftOut = asked.length > 0 || hasEnvironment() ? [] : known.filter((name) => IN_PYTHON.has(name));
const names = asked.length > 0 ? asked : known.filter((name) => !leftOut.includes(name));

/** Benches that measure the build: their runs have threads, or presets beside the code. */
const BUILT = new Set(["jax", "logs", "pipeline", "start"]);

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
for (const name of leftOut)
  console.log(`left out: ${name}, which needs packages of Python (npm run bench -- ${name} installs them)`);
if (names.some((name) => IN_PYTHON.has(name))) prepareEnvironment(must);
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

function must(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (status === 0) return;
  console.error(`'${[program, ...args].join(" ")}' failed: ${error?.message ?? `exit status ${status}`}`);
  process.exit(1);
}
