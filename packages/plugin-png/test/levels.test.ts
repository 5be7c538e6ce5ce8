import { openRun } from "@episcope/core";
import svg from "@episcope/plugin-svg";
import { gridFromRows } from "@episcope/records";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { presetConfig } from "@episcope/testing/preset-config";
import { describe, expect, it } from "vitest";
import png from "../src/index.js";

/** What one episode of six steps leaves beside its journal, by kind of file. */
async function filesOf(visualization: string): Promise<Record<string, number>> {
  const overrides = [
    `visualization=${visualization}`,
    "logging.async_logger.worker_threads=0",
    "storage.run_name=run",
    "storage.base_output_dir=out",
  ];
  // Pages are drawn by another package.
  if (visualization === "debug_full") overrides.push("visualization.output_formats=[svg,png]");
  const disk = memoryDisk();
  const run = await openRun(presetConfig(overrides), {
    cwd: "/project",
    fs: disk.fs,
    plugins: [svg, png],
    logger: collectLines().logger,
    process: null,
  });
  const target = gridFromRows([
    [1, 1, 1],
    [1, 1, 1],
  ]);
  const episode = run.startEpisode({
    taskId: "t",
    initial: gridFromRows([
      [0, 0, 0],
      [0, 0, 0],
    ]),
    target,
  });
  for (let step = 0; step < 6; step++) {
    const cells = Array.from({ length: 6 }, (_, i) => (i <= Math.min(step, 1) ? 1 : 0));
    episode.step({
      action: { operation: 1 },
      after: gridFromRows([cells.slice(0, 3), cells.slice(3)]),
      reward: 0.1,
      terminated: step === 5,
    });
  }
  await episode.end();
  await run.close();
  const counts: Record<string, number> = {};
  for (const path of disk.files()) {
    const name = path.split("/episode_0001/")[1];
    const kind = name && /^(step|summary).*?\.(\w+)$/.exec(name);
    if (kind) counts[`${kind[1]}.${kind[2]}`] = (counts[`${kind[1]}.${kind[2]}`] ?? 0) + 1;
  }
  return counts;
}

describe("the levels of drawing, on one episode of six steps of which three are key steps,", () => {
  it.each([
    ["debug_off", {}],
    ["debug_minimal", { "summary.svg": 1 }],
    ["debug_standard", { "step.svg": 3, "summary.svg": 1 }],
    ["debug_verbose", { "step.svg": 6, "step.png": 6, "summary.svg": 1, "summary.png": 1 }],
    ["debug_full", { "step.svg": 6, "step.png": 6, "step.json": 6, "summary.svg": 1, "summary.png": 1 }],
  ] as const)("%s leaves these files", async (visualization, files) => {
    expect(await filesOf(visualization)).toEqual(files);
  });
});
