import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RunReader, verifyRun } from "@episcope/records/store";
import { childEnvironment } from "@episcope/testing/child-environment";
import { afterAll, describe, expect, it } from "vitest";

const STEPS = 5_000;
const folder = fs.mkdtempSync(join(tmpdir(), "episcope-end-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

async function endingWith(how: string, steps = STEPS) {
  const dir = join(folder, how);
  const file = join(import.meta.dirname, "fixtures/ending-child.mjs");
  const text = `process.argv.splice(1, 0, ""); await import(${JSON.stringify(pathToFileURL(file).href)});`;
  const child = spawn(
    process.execPath,
    [...(how.endsWith("text") ? ["--input-type=module", "--eval", text] : [file]), how, dir, String(steps)],
    { env: childEnvironment() },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text));
  child.stderr.on("data", (text: Buffer) => (stderr += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on("close", (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
  });
  // Of a run that was not closed the records stand in its log.
  const reader = new RunReader(join(dir, "test"), { fs });
  const journaled = [...reader.records(1)].filter((record) => record.type === "step").length;
  return { code, signal, stdout, stderr, journaled, findings: verifyRun(reader, { fs }).findings };
}

describe("a process that ends before its run does", () => {
  it("by process.exit keeps every accepted step and its exit code", async () => {
    const { code, stdout, journaled, findings } = await endingWith("exit");
    expect(stdout).toContain(`accepted ${STEPS}`);
    expect({ code, journaled }).toEqual({ code: 7, journaled: STEPS });
    expect(findings.filter(({ severity }) => severity !== "warning")).toEqual([]);
  });

  it("by an uncaught exception keeps every accepted step, exit code and stack", async () => {
    const { code, stderr, journaled } = await endingWith("throw");
    expect({ code, journaled }).toEqual({ code: 1, journaled: STEPS });
    expect(stderr).toContain("Error: of the program");
  });

  it("by an unhandled rejection keeps every accepted step", async () => {
    const { code, journaled } = await endingWith("reject");
    expect({ code, journaled }).toEqual({ code: 1, journaled: STEPS });
  });

  it("by SIGTERM drains its sinks and dies of the signal", async () => {
    const { signal, stdout, journaled } = await endingWith("SIGTERM", 500);
    expect(stdout).toContain("written 500");
    expect({ signal, journaled }).toEqual({ signal: "SIGTERM", journaled: 500 });
  });

  it("by a second SIGINT leaves at once, with the count of what was left, and keeps the journal", async () => {
    const { code, stderr, journaled } = await endingWith("SIGINT-twice", 500);
    expect({ code, journaled }).toEqual({ code: 130, journaled: 500 });
    expect(stderr).toContain("500 queued records and pictures were not written");
  });

  const sinkLog = (how: string) =>
    fs
      .readFileSync(join(folder, how, "test/plain.log"), "utf8")
      .trim()
      .split("\n");

  it("with a sink in a worker thread that leaks a timer ends by itself, with the run closed or not", async () => {
    const closed = await endingWith("close-thread", 500);
    expect({ code: closed.code, journaled: closed.journaled }).toEqual({ code: 0, journaled: 500 });
    const lines = sinkLog("close-thread");
    expect([lines[0], lines.at(-1)]).toEqual(["in a thread", "closed"]);
    expect(lines.slice(1, -1).reduce((sum, line) => sum + Number(line.split(" ")[1]), 0)).toBe(500);
    const left = await endingWith("left-thread", 500);
    expect({ code: left.code, journaled: left.journaled }).toEqual({ code: 0, journaled: 500 });
  });

  it("has its threads also where the program is a text on the command line", async () => {
    const { code, stderr, journaled } = await endingWith("close-thread-text", 50);
    expect({ code, journaled }, stderr).toEqual({ code: 0, journaled: 50 });
    expect(sinkLog("close-thread-text")[0]).toBe("in a thread");
  });

  it("with a sink in a worker thread that hangs leaves by process.exit and by SIGTERM none the less", async () => {
    const exited = await endingWith("exit-thread-hanging", 500);
    expect({ code: exited.code, journaled: exited.journaled }).toEqual({ code: 7, journaled: 500 });
    const ended = await endingWith("SIGTERM-thread-hanging", 500);
    expect({ signal: ended.signal, journaled: ended.journaled }).toEqual({
      signal: "SIGTERM",
      journaled: 500,
    });
  });
});
