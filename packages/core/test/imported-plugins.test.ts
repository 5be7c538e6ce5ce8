import nodeFs, { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectLines } from "@episcope/testing/collect-lines";
import { testConfig } from "@episcope/testing/run-config";
import { blank, memorySink, painted, target } from "@episcope/testing/small-run";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openRun, type PluginEntry } from "../src/index.js";
import { hooks, renderer, sink } from "./fixtures/plugins/imported.js";

const folders: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const WRITING = ["writeSync", "write", "writev", "writeFileSync", "appendFileSync", "renameSync"] as const;

/** Plays 200 steps with these plugins, and counts the writes of this thread between opening and closing. */
async function play(plugins: readonly PluginEntry[], sinks: object) {
  const cwd = mkdtempSync(join(tmpdir(), "imported-"));
  folders.push(cwd);
  const { logger, lines } = collectLines();
  const config = testConfig({
    visualization: {
      ...{ debug_level: "verbose", output_formats: ["imported"] },
      renderers: { imported: { _target_: "imported" } },
    },
    logging: {
      formats: { json: { _target_: "json", enabled: false } },
      async_logger: { worker_threads: 1 },
      sinks: sinks as never,
    },
  });
  const run = await openRun(config, { cwd, logger, process: null, plugins });
  const spies = WRITING.map((name) => vi.spyOn(nodeFs, name));
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  for (let step = 0; step < 200; step++)
    episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: 0 });
  await episode.end();
  await run.flush({ outputs: true });
  const writes = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  await run.close();
  return { dir: run.dir, writes, lines: lines.join("\n") };
}

describe("plugins that are imported and given to openRun", () => {
  it("leave the program's thread free of file writes, whatever their role", async () => {
    const sinks = { imported: { _target_: "imported" }, tapping: { _target_: "tapping" } };
    const { dir, writes, lines } = await play([renderer, sink, hooks], sinks);
    expect(writes).toBe(0);
    expect(lines).not.toContain("the program's own thread");
    expect(readdirSync(join(dir, "episode_0001")).filter((name) => name.endsWith(".txt"))).toHaveLength(200);
    expect(readFileSync(join(dir, "items.txt"), "utf8")).toBe("400");
    expect(readFileSync(join(dir, "steps.txt"), "utf8")).toBe("200");
  });

  it("where one stands only in the program's memory, one line says what that costs and how to avoid it", async () => {
    const sinks = { mine: { _target_: "memory" } };
    const { writes, lines } = await play([renderer, memorySink(["step"])], sinks);
    expect(writes).toBeGreaterThan(0);
    expect(lines.match(/the program's own thread: [^\n]*/g)).toEqual([
      expect.stringMatching(
        /logging\.sinks\.mine: .* only in the program's memory\. .*module: import\.meta\.url/,
      ),
    ]);
  });

  it("PLUGIN_INVALID: a module that exports another plugin than the one that names it", async () => {
    const astray = { ...renderer, export: "sink" };
    await expect(play([astray], {})).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringMatching(
        /'imported' names .*imported\.ts#sink as its place, .* the sink 'imported'/,
      ),
    });
  });
});
