import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { openRun, presetDirectory } from "@episcope/core";
import { createPluginContext, describeSink } from "@episcope/core/testing";
import { createGrid } from "@episcope/records";
import { afterAll, describe, expect, it } from "vitest";
import mySink from "./my-sink.js";

const outputs = mkdtempSync(join(tmpdir(), "episcope-example-"));
afterAll(() => rmSync(outputs, { recursive: true }));

// What every sink keeps to; the context has a directory of its own on the disk.
describeSink({ describe, it }, "csv", () =>
  mySink.create({ file: "steps.csv", separator: "," }, createPluginContext()),
);

it("a sink in one TypeScript file is switched on by an override and gets every step", async () => {
  const { config } = await compose({
    source: fileSource(presetDirectory()),
    name: "config",
    overrides: [
      "visualization=debug_off",
      "+logging.sinks.mine._target_=./my-sink.ts",
      "+logging.sinks.mine.separator=';'",
      `storage.base_output_dir=${outputs}`,
    ],
    now: new Date(),
  });
  const cwd = import.meta.dirname;
  await expect(openRun(config, { cwd, process: null })).rejects.toMatchObject({ code: "PLUGIN_NOT_ALLOWED" });

  const run = await openRun(config, { cwd, allowPlugins: ["./my-sink.ts"], process: null });
  const episode = run.startEpisode({ taskId: "t", initial: createGrid(2, 2), target: createGrid(2, 2, 1) });
  episode.step({ action: { operation: 3 }, after: createGrid(2, 2, 0), reward: -0.5 });
  episode.step({ action: { operation: 34 }, after: createGrid(2, 2, 1), reward: 1, terminated: true });
  await episode.end();
  await run.close();

  expect(readFileSync(join(run.dir, "steps.csv"), "utf8").split("\n")).toEqual([
    "episode;step;operation;reward;similarity;key",
    "1;0;3;-0.5;0;true",
    "1;1;34;1;1;true",
    "",
  ]);
});
