import { lockRun, RunReader, unlockRun } from "@episcope/records/store";
import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target, textRenderer } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { definePlugin, openRun, type Renderer, renderMissing } from "../src/index.js";

const RUN = "/project/outputs/test";

async function record(disk: TestDisk, changes: Parameters<typeof testConfig>[0] = {}): Promise<void> {
  const visualization = { debug_level: "verbose" as const, output_formats: ["text"] };
  const run = await openRun(testConfig({ visualization, ...changes }), runOptions(disk));
  for (const taskId of ["a", "b"]) {
    const episode = run.startEpisode({ taskId, initial: blank, target });
    for (let step = 1; step <= 4; step++)
      episode.step({ action: { operation: 0 }, after: painted(step), reward: step });
    await episode.end();
  }
  await run.close();
}

const pictures = (disk: TestDisk): Record<string, string> =>
  Object.fromEntries(
    disk
      .files()
      .filter((file) => file.endsWith(".txt"))
      .map((file) => [file, disk.text(file)]),
  );

describe("renderMissing", () => {
  it("draws what is not there and nothing else, as it was live", async () => {
    const disk = memoryDisk();
    await record(disk);
    const live = pictures(disk);
    expect(Object.keys(live)).toHaveLength(10);
    for (const name of ["episode_0001/step_002.txt", "episode_0002/summary.txt"])
      disk.fs.rmSync(`${RUN}/${name}`);
    disk.fs.writeFileSync(`${RUN}/episode_0001/step_001.txt`, "by hand");
    const report = await renderMissing(RUN, runOptions(disk));
    expect(report).toEqual({ dir: RUN, drawn: 2, failed: 0 });
    expect(pictures(disk)).toEqual({ ...live, "outputs/test/episode_0001/step_001.txt": "by hand" });
    expect(await renderMissing(RUN, runOptions(disk))).toEqual({ dir: RUN, drawn: 0, failed: 0 });
    expect(disk.fs.existsSync(`${RUN}/log`)).toBe(false);
  });

  it("draws what a limit passed over, and counts it among the files that a cleanup may delete", async () => {
    const [whole, limited] = [memoryDisk(), memoryDisk()];
    await record(whole);
    await record(limited, { storage: { max_episodes_per_run: 1 } });
    const counts = () => new RunReader(RUN, { fs: limited.fs }).episodes.map((one) => one.pictures.count);
    expect(counts()).toEqual([5, 0]);
    expect(await renderMissing(RUN, runOptions(limited))).toMatchObject({ drawn: 5 });
    expect(pictures(limited)).toEqual(pictures(whole));
    expect(counts()).toEqual([5, 5]);
  });

  it("draws nothing that the config did not ask for", async () => {
    const disk = memoryDisk();
    await record(disk, { visualization: { debug_level: "standard", output_formats: ["text"] } });
    expect(await renderMissing(RUN, runOptions(disk))).toMatchObject({ drawn: 0 });
    const off = memoryDisk();
    await record(off, { visualization: { debug_level: "off", output_formats: ["text"] } });
    expect(await renderMissing(RUN, runOptions(off))).toMatchObject({ drawn: 0 });
  });

  it("counts what a renderer refuses, and goes on", async () => {
    const disk = memoryDisk();
    await record(disk);
    for (const file of Object.keys(pictures(disk))) disk.fs.rmSync(`/project/${file}`);
    const failing = definePlugin({
      ...textRenderer,
      create: (...made: Parameters<typeof textRenderer.create>) => {
        const renderer = textRenderer.create(...made) as Renderer;
        const render: Renderer["render"] = (view, size) => {
          if (view.kind === "step" && view.step === 1) throw new Error("as asked");
          return renderer.render(view, size);
        };
        return { ...renderer, render };
      },
    });
    const report = await renderMissing(RUN, runOptions(disk, { plugins: [failing] }));
    expect(report).toMatchObject({ drawn: 8, failed: 2 });
  });

  it("leaves a run alone that goes on: RUN_IN_USE", async () => {
    const disk = memoryDisk();
    await record(disk);
    lockRun(disk.fs, RUN);
    await expect(renderMissing(RUN, runOptions(disk))).rejects.toMatchObject({ code: "RUN_IN_USE" });
    unlockRun(disk.fs, RUN);
  });
});
