import fs, { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDirectories } from "@episcope/records/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "episcope-directories-"));
});
afterEach(() => rmSync(base, { recursive: true }));

describe("making directories", () => {
  it("makes those above too, gives the first that it made, and takes those that are there", () => {
    expect(makeDirectories(fs, join(base, "a", "b", "c"))).toBe(join(base, "a"));
    expect(existsSync(join(base, "a", "b", "c"))).toBe(true);
    expect(makeDirectories(fs, join(base, "a", "b"))).toBeUndefined();
  });

  it("says that a file is in the way", () => {
    writeFileSync(join(base, "file"), "");
    for (const path of ["file", "file/below"])
      expect(() => makeDirectories(fs, join(base, path))).toThrow(/EEXIST|ENOTDIR/);
  });

  it.skipIf(!existsSync("/proc/self"))(
    "comes back from a file system that answers ENOENT whatever one asks",
    () => {
      for (const path of ["/proc/x", "/proc/x/y/z"])
        expect(() => makeDirectories(fs, path)).toThrow(expect.objectContaining({ code: "ENOENT" }));
    },
  );
});
