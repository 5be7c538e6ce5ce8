import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";

it("a build deletes what an earlier one made of files that are gone, and its source maps", () => {
  const directory = mkdtempSync(join(tmpdir(), "episcope-prune-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const kept = [
    "src/a/one.ts",
    "dist/.tsbuildinfo",
    "dist/a/one.d.ts",
    "dist/a/one.js",
    "dist/conf/base.yaml",
  ];
  for (const file of [...kept, "dist/one.d.ts", "dist/one.js", "dist/a/one.js.map"]) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), "");
  }
  const program = fileURLToPath(new URL("../build/prune.mjs", import.meta.url));
  expect(spawnSync(process.execPath, [program], { cwd: directory }).status).toBe(0);
  const left = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  expect(left.sort()).toEqual([...kept].sort());
});
