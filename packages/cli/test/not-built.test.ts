import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "@episcope/testing/child-environment";
import { expect, it } from "vitest";

it("in a clone that has not been built, the program says so without a stack", () => {
  const clone = mkdtempSync(join(tmpdir(), "episcope-clone-"));
  try {
    cpSync(join(import.meta.dirname, "..", "bin"), join(clone, "bin"), { recursive: true });
    writeFileSync(join(clone, "package.json"), '{"type":"module"}');
    const program = join(clone, "bin", "episcope.js");
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, "--help"], {
      encoding: "utf8",
      env: childEnvironment(),
    });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "episcope: the packages are not built yet.\n  Run 'npm run build' (or 'npm start') first.\n",
    );
  } finally {
    rmSync(clone, { recursive: true });
  }
});
