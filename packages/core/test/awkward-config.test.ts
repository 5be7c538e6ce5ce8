import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { openRun } from "../src/index.js";

const LOCK = "/project/outputs/test/.episcope/config.lock.json";

function withKeys(change: (config: Record<string, Record<string, unknown>>) => void): never {
  const config = structuredClone(testConfig()) as unknown as Record<string, Record<string, unknown>>;
  change(config);
  return config as never;
}

describe("an integer beyond 2^53 in a config, which is a bigint there,", () => {
  it("is a number where a number is asked for", async () => {
    const config = withKeys(({ storage }) => Object.assign(storage!, { max_storage_gb: 10n ** 20n }));
    const run = await openRun(config, runOptions(memoryDisk()));
    await run.close();
  });

  it("is refused with its key where an integer is asked for", async () => {
    const config = withKeys(({ storage }) => Object.assign(storage!, { max_episodes_per_run: 2n ** 64n }));
    await expect(openRun(config, runOptions(memoryDisk()))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("storage.max_episodes_per_run"),
    });
  });

  it("is kept digit by digit in what the run saves, where the program has no say in it", async () => {
    const config = withKeys((whole) => Object.assign(whole, { note: { ids: [2n ** 64n, 1] } }));
    const disk = memoryDisk();
    const run = await openRun(config, runOptions(disk));
    run.startEpisode({ taskId: "t", initial: blank, target });
    await run.close();
    const lock = JSON.parse(disk.fs.readFileSync(LOCK, "utf8")) as { config: { note: unknown } };
    expect(lock.config.note).toEqual({ ids: ["18446744073709551616", 1] });
  });
});
