import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "@episcope/testing/child-environment";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "episcope-clone-"));
  cpSync(join(import.meta.dirname, "..", "bin"), join(clone, "bin"), { recursive: true });
  writeFileSync(join(clone, "package.json"), '{"type":"module"}');
});

afterEach(() => {
  rmSync(clone, { recursive: true });
});

function start(): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const program = join(clone, "bin", "episcope.js");
  return spawnSync(process.execPath, [program, "--help"], { encoding: "utf8", env: childEnvironment() });
}

describe("the program says in one line, without a stack, that it cannot start", () => {
  it("in a clone that has not been built", () => {
    expect(start()).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "episcope: the packages are not built yet.\n  Run 'npm run build' (or 'npm start') first.\n",
    });
  });

  it("in one that was built in part, or has no dependencies", () => {
    mkdirSync(join(clone, "dist", "terminal"), { recursive: true });
    writeFileSync(join(clone, "dist", "main.js"), "");
    writeFileSync(join(clone, "dist", "terminal", "io.js"), 'import "@episcope/nothing";');
    expect(start()).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "episcope: @episcope/nothing is missing.\n  In a clone: run 'npm ci', then 'npm run build'.\n",
    });
  });

  it("with a Node that is too old", () => {
    const program = join(clone, "bin", "episcope.js");
    // As a later version would refuse this one.
    writeFileSync(program, readFileSync(program, "utf8").replace("[20, 19]", "[999, 1]"));
    const { status, stdout, stderr } = start();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.split("\n")[0]).toBe(
      `episcope: this is Node ${process.version}; 999.1 or later is needed.`,
    );
  });
});
