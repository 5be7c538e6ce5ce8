import { Writable } from "node:stream";
import { createManualClock } from "@episcope/records/testing";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { describe, expect, it } from "vitest";
// Inside: a test's own console would be listened to.
import { CONSOLE_FILE, keepConsole } from "../src/run/console-file.js";

class Sink extends Writable {
  readonly taken: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken.push(chunk.toString());
    done();
  }
}

function setUp() {
  const { fs } = memoryDisk();
  fs.mkdirSync("/run");
  const streams = { stdout: new Sink(), stderr: new Sink() };
  const keep = () => keepConsole({ fs, clock: createManualClock(5), dir: "/run", streams });
  const kept = () =>
    (fs.readFileSync(`/run/${CONSOLE_FILE}`, "utf8") as string)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  return { fs, streams, keep, kept };
}

describe("the console of a run", () => {
  it("is kept beside the run, and reaches the terminal as ever", () => {
    const { streams, keep, kept } = setUp();
    const release = keep();
    streams.stdout.write("one\n");
    streams.stderr.write(Buffer.from("two"));
    release();
    streams.stdout.write("after\n");
    expect(kept()).toEqual([
      { time: 5, stream: "stdout", text: "one\n" },
      { time: 5, stream: "stderr", text: "two" },
    ]);
    expect(streams.stdout.taken).toEqual(["one\n", "after\n"]);
  });

  it("is no file where nothing is written, and joins characters that come in two writes", () => {
    const { fs, streams, keep, kept } = setUp();
    keep()();
    expect(fs.existsSync(`/run/${CONSOLE_FILE}`)).toBe(false);
    const release = keep();
    const euro = Buffer.from("€");
    streams.stdout.write(euro.subarray(0, 1));
    streams.stdout.write(euro.subarray(1));
    release();
    expect(kept().map(({ text }) => text)).toEqual(["€"]);
  });

  it("goes on for the other run where two are open at once, and ends at ten megabytes", () => {
    const { fs, streams, keep, kept } = setUp();
    const [first, second] = [keep(), keep()];
    first();
    streams.stdout.write("x");
    expect(kept()).toHaveLength(1);
    for (let times = 0; times < 12; times += 1) streams.stdout.write("y".repeat(1024 * 1024));
    second();
    const { size } = fs.statSync(`/run/${CONSOLE_FILE}`);
    expect(size).toBeGreaterThan(10 * 1024 * 1024);
    expect(size).toBeLessThan(10.1 * 1024 * 1024);
  });

  it("never holds the program up where the disk is gone", () => {
    const { fs, streams, keep } = setUp();
    fs.rmdirSync("/run");
    const release = keep();
    streams.stdout.write("one\n");
    release();
    expect(streams.stdout.taken).toEqual(["one\n"]);
  });
});
