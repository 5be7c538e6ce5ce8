import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { memorySink, runOptions } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { openRun } from "../src/index.js";

async function opened(level: "off" | "minimal", accepts: readonly string[]): Promise<readonly string[]> {
  const { logger, lines } = collectLines();
  const config = testConfig({
    visualization: { debug_level: level },
    logging: { sinks: { mine: { _target_: "memory" } } },
  });
  const plugins = [...(runOptions(memoryDisk()).plugins ?? []), memorySink(accepts)];
  const run = await openRun(config, runOptions(memoryDisk(), { logger, plugins }));
  await run.close();
  return lines;
}

describe("opening a run", () => {
  it("says that a sink will get no pictures where none are drawn", async () => {
    const notice =
      /^info visualization.debug_level=off draws nothing: logging.sinks.mine will get no pictures/;
    expect(await opened("off", ["step", "picture/txt"])).toContainEqual(expect.stringMatching(notice));
    expect(await opened("off", ["step"])).not.toContainEqual(expect.stringMatching(/no pictures/));
    expect(await opened("minimal", ["step", "picture/txt"])).not.toContainEqual(
      expect.stringMatching(/no pictures/),
    );
  });

  it("tells at DEBUG where the pipeline and each plugin run", async () => {
    const debug = (await opened("off", ["step"])).filter((line) => line.startsWith("debug"));
    expect(debug).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/Run test: \/project\/outputs\/test, config [0-9a-f]{12}\./),
        expect.stringMatching(/The pipeline runs in the program's thread: /),
        expect.stringMatching(/logging\.sinks\.mine runs beside the pipeline: /),
      ]),
    );
  });
});
