import { join } from "node:path";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { openRun } from "../src/index.js";

const FOLDER = join(import.meta.dirname, "fixtures/plugins");

async function open(sinkTarget: string, allowPlugins: readonly string[]) {
  const { logger, lines } = collectLines();
  const config = testConfig({
    logging: {
      formats: { json: { _target_: "json", enabled: false } },
      sinks: { mine: { _target_: sinkTarget } },
    },
    storage: { base_output_dir: "/project/outputs" },
  });
  const run = await openRun(config, runOptions(memoryDisk(), { logger, cwd: FOLDER, allowPlugins }));
  return { run, lines };
}

describe("a plugin in a file", () => {
  it("may be TypeScript with an enum and imports of its own, and gets the core that runs it", async () => {
    const { run, lines } = await open("./ts-sink.ts", ["./ts-sink.ts"]);
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    await run.close();
    expect(lines.filter((line) => !line.startsWith("debug")).slice(0, 2)).toEqual([
      "info sink mine is plain",
      "info 1 steps",
    ]);
  });

  it("is allowed by its folder too, but not by the beginning of its name", async () => {
    await (await open("./ts-sink.ts", ["."])).run.close();
    await expect(open("./ts-sink.ts", ["./ts-sink"])).rejects.toMatchObject({ code: "PLUGIN_NOT_ALLOWED" });
    await expect(open("../plugins/../../open-run.test.ts", ["."])).rejects.toMatchObject({
      code: "PLUGIN_NOT_ALLOWED",
    });
  });

  it.each([
    ["./ts-sink.ts#notAPlugin", "PLUGIN_INVALID"],
    ["./ts-sink.ts#missing", "PLUGIN_INVALID"],
    ["./ts-sink.ts#renderer", "PLUGIN_KIND_MISMATCH"],
    ["./no-such-file.ts", "PLUGIN_LOAD_FAILED"],
    ["./ts-sink.ts#", "PLUGIN_INVALID"],
  ])("is refused where %s stands", async (sinkTarget, code) => {
    await expect(open(sinkTarget, ["."])).rejects.toMatchObject({
      code,
      message: expect.stringContaining("logging.sinks.mine"),
    });
  });
});
