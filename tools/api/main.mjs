// npm run api [-- --check] [-- PACKAGE…]: writes what can be imported from each public door of the built packages into
// packages/PACKAGE/api/DOOR.api.md. With --check nothing is written, and the exit status is 1 where a report would differ.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { ROOT } from "../pack/packages.mjs";
import { publicDoors } from "./doors.mjs";
import { apiReport } from "./report.mjs";

const words = process.argv.slice(2);
const check = words.includes("--check");
const wanted = words.filter((word) => word !== "--check");
const all = publicDoors();
const folders = [...new Set(all.map(({ directory }) => basename(directory)))];
const unknown = wanted.filter((name) => !folders.includes(name));
if (unknown.length > 0) {
  console.error(`no package named ${unknown.join(", ")}; there are ${folders.join(", ")}`);
  process.exit(2);
}
const build = spawnSync("npx", ["nx", "run-many", "-t", "build", "--output-style=static"], {
  cwd: ROOT,
  encoding: "utf8",
  shell: process.platform === "win32",
});
if (build.status !== 0) {
  process.stderr.write(`${build.stdout}${build.stderr}`);
  process.exit(1);
}

const doors = wanted.length === 0 ? all : all.filter(({ directory }) => wanted.includes(basename(directory)));
const changed = [];
for (const door of doors) {
  let text;
  try {
    text = apiReport(door);
  } catch (error) {
    console.error(`${door.name}: ${error.message}`);
    process.exitCode = 1;
    continue;
  }
  const before = existsSync(door.report) ? readFileSync(door.report, "utf8") : null;
  if (before === text) continue;
  changed.push(relative(ROOT, door.report));
  if (check) showDifference(before ?? "", text);
  else {
    mkdirSync(dirname(door.report), { recursive: true });
    writeFileSync(door.report, text);
  }
}
for (const report of reportsWithoutDoor()) {
  changed.push(`${relative(ROOT, report)} (no such door)`);
  if (!check) rmSync(report);
}

console.log(`${doors.length} doors`);
for (const report of changed) console.log(`${check ? "differs" : "written"}: ${report}`);
if (check && changed.length > 0) {
  console.error("The public names have changed. If that is meant, run 'npm run api' and commit the reports.");
  process.exitCode = 1;
}

function reportsWithoutDoor() {
  const expected = new Set(all.map(({ report }) => report));
  return [...new Set(doors.map(({ directory }) => join(directory, "api")))]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => !expected.has(file));
}

/** The lines that came and went; those of a report that was not there at all are too many. */
function showDifference(before, after) {
  if (before === "") return;
  const count = (lines) => {
    const counts = new Map();
    for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
    return counts;
  };
  const [old, young] = [before.split("\n"), after.split("\n")];
  const [oldCounts, youngCounts] = [count(old), count(young)];
  for (const [sign, lines, others] of [
    ["-", old, youngCounts],
    ["+", young, oldCounts],
  ]) {
    for (const line of lines) {
      const left = others.get(line) ?? 0;
      if (left > 0) others.set(line, left - 1);
      else console.log(`${sign} ${line}`);
    }
  }
}
