import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { definePlugin, openRun } from "../src/index.js";

const sinkNode = { sinks: { mine: { _target_: "mine" } } };

/** Opens a run with a sink that is this. */
async function openSink(sink: unknown, more: Parameters<typeof runOptions>[1] = {}) {
  const mine = definePlugin({ kind: "sink", name: "mine", create: () => sink as never });
  const config = testConfig({ logging: sinkNode, visualization: { output_formats: [] } });
  const run = await openRun(config, runOptions(memoryDisk(), { plugins: [mine], ...more }));
  await run.close();
}

const write = () => {};

describe("a plugin that is not what its kind has to be: PLUGIN_INVALID, in the words of its author", () => {
  it.each([
    ["no write", { accepts: ["step"] }, /sink 'mine': it has no write\(\); a sink needs accepts and write/],
    ["no accepts", { write }, /it has no list accepts/],
    [
      "a name that does not exist",
      { accepts: ["steps"], write },
      /accepts names 'steps', and there are run-start.*step.*picture\/<extension>/,
    ],
    [
      "accepts that throws",
      Object.defineProperty({ write }, "accepts", {
        get: () => {
          throw new Error("not yet");
        },
      }),
      /throws when it is looked at: not yet/,
    ],
    ["nothing at all", undefined, /create\(\) gave undefined, and no object/],
    ["a flush that is no function", { accepts: ["step"], write, flush: true }, /its flush is no function/],
    [
      "a size without height",
      { accepts: ["step"], write, pictureSize: { width: 3 } },
      /not \{ width, height \} in pixels/,
    ],
  ])("a sink with %s", async (_what, sink, message) => {
    await expect(openSink(sink)).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringMatching(message),
      fields: { key: "logging.sinks.mine" },
    });
  });

  it("a renderer of no kinds, and a format whose extension is no end of a name", async () => {
    const renderer = definePlugin({
      kind: "renderer",
      name: "mine",
      create: () => ({
        mediaType: "text/plain",
        extension: ".TXT",
        kinds: ["step"],
        render: () => new Uint8Array(),
      }),
    });
    const config = testConfig({
      visualization: { output_formats: ["mine"], renderers: { mine: { _target_: "mine" } } },
    });
    await expect(openRun(config, runOptions(memoryDisk(), { plugins: [renderer] }))).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringContaining("its extension is '.TXT'"),
    });
  });

  it("PLUGIN_CREATE_FAILED says where, and the stack at DEBUG", async () => {
    const { logger, lines } = collectLines();
    const broken = definePlugin({
      kind: "sink",
      name: "mine",
      create: () => (undefined as unknown as { nothing: never }).nothing,
    });
    const config = testConfig({ logging: sinkNode, visualization: { output_formats: [] } });
    await expect(
      openRun(config, runOptions(memoryDisk(), { plugins: [broken], logger })),
    ).rejects.toMatchObject({
      code: "PLUGIN_CREATE_FAILED",
      message: expect.stringMatching(/reading 'nothing'\) \(\/.*wrong-plugins\.test\.ts:\d+:\d+\)$/),
    });
    expect(lines.join("\n")).toMatch(/caused by TypeError.*\n\s+at .*wrong-plugins\.test\.ts/);
  });
});

describe("the JavaScript API", () => {
  it("refuses a field that nobody would read, and speaks in its own names", async () => {
    const config = testConfig({ visualization: { output_formats: [] } });
    const run = await openRun(config, runOptions(memoryDisk()));
    const start = { taskId: "t", initial: blank, target };
    const unknown = { ...start, task_id: "t" } as never;
    expect(() => run.startEpisode(unknown)).toThrow(
      expect.objectContaining({ code: "RECORD_INVALID", message: expect.stringContaining("'task_id'") }),
    );
    expect(() => run.startEpisode({ ...start, taskId: 5 as never })).toThrow(
      expect.objectContaining({ message: expect.stringContaining("'taskId'"), fields: { path: "taskId" } }),
    );
    const episode = run.startEpisode(start);
    const result = episode.step({ action: { operation: 0 }, after: blank, reward: 0, done: true } as never);
    expect(result.error?.message).toContain("no field 'done' here; there are action, after");
    await run.close();
  });
});
