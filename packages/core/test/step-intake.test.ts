import type { View } from "@episcope/records";
import { JournalReader } from "@episcope/records/store";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, memorySink, painted, runOptions, target, textRenderer } from "@episcope/testing/small-run";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definePlugin, openRun, type Renderer, type StepInput } from "../src/index.js";
import { cells, input } from "./arbitrary-steps.js";

const withoutFormat = { logging: { formats: { json: { _target_: "json", enabled: false } } } };

/** Records the inputs; with a sink that takes steps, which makes the run keep each of them. */
async function record(inputs: readonly StepInput[], keepsSteps: boolean) {
  const disk = memoryDisk();
  const sinks = keepsSteps ? { mine: { _target_: "memory" } } : {};
  const config = testConfig({ logging: { ...withoutFormat.logging, sinks } });
  const plugins = [textRenderer, memorySink(["step"])];
  const run = await openRun(config, runOptions(disk, { plugins }));
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  const results = inputs.map((input) => episode.step(input));
  await episode.end();
  await run.close();
  const path = `${run.dir}/episode_0001/journal.epi`;
  using reader = new JournalReader(path, { fs: disk.fs });
  return {
    results: results.map(({ accepted, seq, error }) => ({ accepted, seq, error: error?.message })),
    records: [...reader.records()],
    episode: run.stats().episodes,
  };
}

describe("a step", () => {
  it("is taken or refused alike, and stored alike, whether the run keeps steps or only their journal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(input, { maxLength: 12 }), async (inputs) => {
        expect(await record(inputs, false)).toEqual(await record(inputs, true));
      }),
      { numRuns: 60 },
    );
  });

  it("is what it was when it was taken, though the caller uses its arrays and objects again", async () => {
    const data = Uint8Array.from(blank.data);
    const mask = new Uint8Array(cells);
    const info: { [key: string]: number } = {};
    const input = {
      action: { operation: 1, selection: { kind: "mask", mask } },
      after: { shape: blank.shape, data },
    };
    const drawn: { step: number; before: number[]; after: number[]; selection: number[]; note: unknown }[] =
      [];
    const spy = definePlugin({
      kind: "renderer",
      name: "spy",
      create: (): Renderer => ({
        mediaType: "text/plain",
        extension: "txt",
        kinds: ["step"],
        render: (view: View) => {
          if (view.kind !== "step") return new Uint8Array();
          const { step, before, after, selection, info } = view;
          drawn.push({
            step,
            before: [...before.data],
            after: [...after.data],
            selection: [...selection!],
            note: info["note"],
          });
          return Buffer.from("drawn");
        },
      }),
    });
    const disk = memoryDisk();
    const config = testConfig({
      visualization: { output_formats: ["spy"], renderers: { spy: { _target_: "spy" } } },
      ...withoutFormat,
    });
    const run = await openRun(config, runOptions(disk, { plugins: [spy] }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target: null });
    const after: number[][] = [[...blank.data]];
    const selections: number[][] = [];
    for (let step = 0; step < 40; step++) {
      data[step % cells] = (step % 9) + 1;
      mask.fill(0)[step % cells] = 1;
      info["note"] = step;
      // 35 is a key step for its outstanding reward; nobody has drawn it while the next ones are taken.
      const taken = episode.step({ ...input, reward: step === 35 ? 100 : step % 2, info } as StepInput);
      expect(taken.accepted).toBe(true);
      after.push([...data]);
      selections.push([...mask]);
      expect(episode.step({ ...input, reward: 0, action: null } as never).accepted).toBe(false);
      const wide = { kind: "mask", mask: new Uint8Array(cells + 1) };
      const wrong = { ...input, reward: 0, action: { operation: 1, selection: wide } };
      expect(episode.step(wrong as StepInput).error?.code).toBe("SELECTION_INVALID");
    }
    data.fill(9);
    mask.fill(1);
    await episode.end();
    await run.close();
    expect(drawn.map(({ step }) => step)).toEqual(expect.arrayContaining([0, 35, 39]));
    for (const { step, ...rest } of drawn) {
      expect(rest).toEqual({
        before: after[step],
        after: after[step + 1],
        selection: selections[step],
        note: step,
      });
    }
    using reader = new JournalReader(`${run.dir}/episode_0001/journal.epi`, { fs: disk.fs });
    const steps = [...reader.records()].filter((record) => record.type === "step");
    expect(steps.map((record) => [...record.after.data])).toEqual(after.slice(1));
    expect(
      steps.map(({ action }) => action.selection?.kind === "mask" && [...action.selection.mask]),
    ).toEqual(selections);
  });

  it("costs nothing where nothing is kept, drawn or sent, but has its place in the stream", async () => {
    const disk = memoryDisk();
    const config = testConfig({
      visualization: { debug_level: "off" },
      logging: { structured_logging: false },
    });
    const run = await openRun(config, runOptions(disk));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    const first = episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    // Not even looked at.
    const second = episode.step(null as never);
    expect(second).toEqual({ accepted: true, seq: first.seq + 1 });
    await run.close();
    expect(run.stats()).toMatchObject({ refused: 0, accounting: {} });
  });
});
