import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectLines } from "@episcope/testing/collect-lines";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, target } from "@episcope/testing/small-run";
import { afterAll, describe, expect, it } from "vitest";
import { openRun } from "../src/index.js";

const folder = fs.mkdtempSync(join(tmpdir(), "episcope-workers-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));
let count = 0;

async function record(options: object, threads: number, steps = 8, timeout = 30) {
  const { logger, lines } = collectLines();
  const config = testConfig({
    visualization: {
      debug_level: "verbose",
      output_formats: ["odd"],
      renderers: { odd: { _target_: "./odd-renderer.ts", ...options } },
    },
    logging: {
      formats: { json: { _target_: "json", enabled: false } },
      async_logger: { worker_threads: threads, worker_timeout: timeout, shutdown_timeout: 30 },
    },
    storage: { base_output_dir: folder, run_name: `run${count++}` },
  });
  const cwd = join(import.meta.dirname, "fixtures/plugins");
  const run = await openRun(config, { cwd, allowPlugins: ["."], logger, process: null });
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  for (let step = 0; step < steps; step++) {
    episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: 0 });
  }
  await episode.end();
  await run.close();
  const dir = join(run.dir, "episode_0001");
  const files = Object.fromEntries(
    fs
      .readdirSync(dir)
      .filter((name) => name.endsWith(".odd"))
      .map((name) => [name, fs.readFileSync(join(dir, name), "utf8")]),
  );
  const { accounting, incomplete } = run.stats();
  return { files, lines, incomplete, drawn: accounting["visualization.renderers.odd"]! };
}

describe("drawing in worker threads", () => {
  it("gives the pictures that drawing in process gives, TypeScript plugin and whole episodes too", async () => {
    const here = await record({}, 0);
    const there = await record({}, 2);
    const withoutThread = (files: Record<string, string>) =>
      Object.entries(files).map(([name, text]) => [name, text.replace(/^(true|false) /, "")]);
    expect(Object.keys(here.files)).toHaveLength(9);
    expect(withoutThread(there.files)).toEqual(withoutThread(here.files));
    expect(here.files["step_003.odd"]).toMatch(/^false 3/);
    expect(there.files["step_003.odd"]).toMatch(/^true 3/);
    expect(there.files["summary.odd"]).toBe("8 steps in episode_0001");
    expect(there.drawn).toMatchObject({ accepted: 10, written: 10, dropped: 0 });
  });

  it("replaces a worker that dies, and loses only the picture that killed it", async () => {
    const { files, drawn, lines } = await record({ die: 2 }, 1);
    expect(Object.keys(files)).not.toContain("step_002.odd");
    expect(Object.keys(files)).toHaveLength(8);
    expect(drawn).toMatchObject({ accepted: 10, written: 9, dropped: 1, reasons: { failed: 1 } });
    expect(lines.join("\n")).toContain("it ended with code 3");
  });

  it("gives a renderer that ends every thread no more than four in a row", async () => {
    const { drawn, lines, incomplete } = await record({ dieFrom: 0 }, 1, 20);
    expect(drawn).toMatchObject({ written: 0 });
    // The rest waits for `episcope resume`.
    const { waiting, lost } = incomplete.find(({ key }) => key === "visualization.renderers.odd")!;
    expect(drawn.dropped).toBeLessThanOrEqual(4);
    expect([waiting, lost["failed"]]).toEqual([drawn.accepted - drawn.dropped, drawn.dropped]);
    expect(lines.filter((line) => line.includes("an odd one is made"))).toHaveLength(4);
    expect(lines.join("\n")).toContain("visualization.renderers.odd gets nothing more in this run");
  });

  it("ends a worker that hangs, and loses only that picture", async () => {
    const { files, drawn } = await record({ hang: 1 }, 1, 4, 0.5);
    expect(Object.keys(files)).toEqual(["step_000.odd", "step_002.odd", "step_003.odd", "summary.odd"]);
    expect(drawn).toMatchObject({ accepted: 6, dropped: 1 });
  });

  it("names plugin and picture when a renderer throws, and goes on", async () => {
    const { drawn, lines } = await record({ fail: 5 }, 2);
    expect(drawn.accepted).toBe(drawn.written + drawn.dropped);
    expect(drawn.dropped).toBe(1);
    expect(lines.join("\n")).toContain(
      "visualization.renderers.odd could not draw step 5 of episode 1: as asked",
    );
  });
});
