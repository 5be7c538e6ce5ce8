import { RunReader, readManifest, recoverRun } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { expect, it } from "vitest";
import { openRun, resumeRun } from "../src/index.js";

const config = (name: string) =>
  testConfig({
    storage: { run_name: name, episode_dir_format: "{timestamp}_episode_{episode:04d}" },
    visualization: { output_formats: ["text"] },
  });

/** One episode of one step, begun at `time`; gives the run's hash. */
async function record(disk: TestDisk, name: string, time: string): Promise<string> {
  const clock = createManualClock(Date.parse(time) / 1000);
  const run = await openRun(config(name), { ...runOptions(disk), clock });
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  clock.advance(3600);
  episode.step({ action: { operation: 0 }, after: painted(4), reward: 1, terminated: true });
  await episode.end();
  await run.close();
  return run.configHash;
}

it("names the directories of episodes by the time at which the run began, where {timestamp} asks for it", async () => {
  const disk = memoryDisk();
  const hashes = [
    await record(disk, "one", "2026-11-30T21:05:07Z"),
    await record(disk, "two", "2026-12-01T00:00:00Z"),
  ];
  const dir = "/project/outputs/one";
  expect(readManifest(disk.fs, dir)!.episodes[0]!.dir).toBe("2026-11-30_21-05-07_episode_0001");
  expect(readManifest(disk.fs, "/project/outputs/two")!.episodes[0]!.dir).toBe(
    "2026-12-01_00-00-00_episode_0001",
  );
  // The same settings hash alike, whenever they run.
  expect(hashes[0]).toBe(hashes[1]);

  // They are found again without the manifest, and outputs that go on use them.
  disk.fs.rmSync(`${dir}/manifest.json`);
  recoverRun(dir, { fs: disk.fs });
  expect(new RunReader(dir, { fs: disk.fs }).episodes).toMatchObject([
    { number: 1, dir: "2026-11-30_21-05-07_episode_0001", outcome: "success" },
  ]);
  const options = { ...runOptions(disk), clock: createManualClock(Date.parse("2027-01-01") / 1000) };
  await resumeRun(dir, options);
  expect(disk.files().filter((file) => file.includes("2027"))).toEqual([]);
});

it("refuses a format that has the time alone: all episodes would get the same name", async () => {
  const only = testConfig({ storage: { episode_dir_format: "{timestamp}" } });
  await expect(openRun(only, runOptions(memoryDisk()))).rejects.toMatchObject({
    code: "NAME_FORMAT_INVALID",
  });
});
