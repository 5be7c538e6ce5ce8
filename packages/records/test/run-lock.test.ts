import { spawnSync } from "node:child_process";
import * as nodeFs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunLocked, lockRun, renewLock, unlockRun } from "@episcope/records/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let run: string;
const file = (name: string): string => join(run, ".episcope", name);

beforeEach(() => {
  run = nodeFs.mkdtempSync(join(tmpdir(), "episcope-lock-"));
  nodeFs.mkdirSync(join(run, ".episcope"));
});

afterEach(() => nodeFs.rmSync(run, { recursive: true }));

/** As if it were last renewed so long ago. */
function age(path: string, seconds: number): void {
  const time = Date.now() / 1000 - seconds;
  nodeFs.utimesSync(path, time, time);
}

function owner(change: object): string {
  lockRun(nodeFs, run);
  const own = JSON.parse(nodeFs.readFileSync(file("lock"), "utf8")) as object;
  unlockRun(nodeFs, run);
  return JSON.stringify({ ...own, ...change });
}

describe("the lock of a run", () => {
  it("keeps others out until it is given back", () => {
    lockRun(nodeFs, run);
    expect(isRunLocked(nodeFs, run)).toBe(true);
    expect(() => lockRun(nodeFs, run)).toThrow(expect.objectContaining({ code: "RUN_IN_USE" }));
    unlockRun(nodeFs, run);
    expect(isRunLocked(nodeFs, run)).toBe(false);
    lockRun(nodeFs, run);
  });

  it.each([
    ["a process that has ended", { pid: 2 ** 22 + 7 }, 0],
    ["a process whose number was given again", { started: "1" }, 0],
    ["a machine that has been started again", { boot: "another" }, 0],
    ["another machine that has been silent for minutes", { host: "elsewhere" }, 150],
    ["another container that has been silent for minutes", { namespace: "pid:[1]" }, 150],
  ])("of %s is replaced", (_name, change, seconds) => {
    nodeFs.writeFileSync(file("lock"), owner(change));
    age(file("lock"), seconds);
    expect(isRunLocked(nodeFs, run)).toBe(false);
    lockRun(nodeFs, run);
    expect(isRunLocked(nodeFs, run)).toBe(true);
  });

  it.each([
    ["another machine", { host: "elsewhere", pid: 2 ** 22 + 7 }],
    ["another container", { namespace: "pid:[1]", pid: 2 ** 22 + 7 }],
  ])("of %s counts as long as it is renewed", (_name, change) => {
    nodeFs.writeFileSync(file("lock"), owner(change));
    expect(isRunLocked(nodeFs, run)).toBe(true);
    age(file("lock"), 150);
    renewLock(nodeFs, run);
    expect(() => lockRun(nodeFs, run)).toThrow(expect.objectContaining({ code: "RUN_IN_USE" }));
  });

  it.each(["", "{", '{"pid": 12', "null", "[]", '{"pid": "x"}'])(
    "that reads %j blocks nobody for good",
    (text) => {
      nodeFs.writeFileSync(file("lock"), text);
      expect(isRunLocked(nodeFs, run)).toBe(true);
      age(file("lock"), 11);
      lockRun(nodeFs, run);
      expect(isRunLocked(nodeFs, run)).toBe(true);
    },
  );

  it.each(["", "{", "dead"])("is taken although the file of a takeover was left behind: %j", (text) => {
    const dead = owner({ pid: 2 ** 22 + 7 });
    nodeFs.writeFileSync(file("lock"), dead);
    nodeFs.writeFileSync(file("lock.takeover"), text === "dead" ? dead : text);
    age(file("lock.takeover"), 11);
    lockRun(nodeFs, run);
    expect(nodeFs.readdirSync(join(run, ".episcope"))).toEqual(["lock"]);
  });

  it("is understood from an earlier version", () => {
    nodeFs.writeFileSync(file("lock"), JSON.stringify({ pid: process.pid, started: null }));
    expect(isRunLocked(nodeFs, run)).toBe(true);
    nodeFs.writeFileSync(file("lock"), JSON.stringify({ pid: 2 ** 22 + 7, started: "5" }));
    expect(isRunLocked(nodeFs, run)).toBe(false);
  });

  const unshare = ["--pid", "--fork", "--mount-proc"];
  const canUnshare = spawnSync("unshare", [...unshare, "true"]).status === 0;
  it.skipIf(!canUnshare)("of a process in another container is not taken for dead", () => {
    // The same number means another process there.
    const script = `
      const fs = require("node:fs");
      const namespace = fs.readlinkSync("/proc/self/ns/pid");
      const own = JSON.parse(process.argv[1]);
      fs.writeFileSync(process.argv[2], JSON.stringify({ ...own, namespace, pid: process.pid, started: null }));
    `;
    const { status } = spawnSync("unshare", [
      ...unshare,
      process.execPath,
      "-e",
      script,
      owner({}),
      file("lock"),
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(nodeFs.readFileSync(file("lock"), "utf8"))).toMatchObject({ pid: expect.any(Number) });
    expect(isRunLocked(nodeFs, run)).toBe(true);
    age(file("lock"), 150);
    expect(isRunLocked(nodeFs, run)).toBe(false);
  });
});
