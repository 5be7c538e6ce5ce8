import { createPluginContext } from "@episcope/core/testing";
import { DEFAULT_PICTURE_SETTINGS, type EpisodeView, type StepView } from "@episcope/records";
import { paintingEpisode } from "@episcope/records/testing";
import { stepView } from "@episcope/testing/invented-steps";
import { play } from "@episcope/testing/views";
import { describe, expect, it } from "vitest";
import gif, { type GifOptions } from "../src/gif.js";
import { animateEpisode } from "../src/index.js";

const settings = { ...DEFAULT_PICTURE_SETTINGS, image_quality: "low" } as const;

async function render(steps: readonly StepView[], options: Partial<GifOptions> = {}, width?: number) {
  const context = createPluginContext({ picture: settings });
  const renderer = await gif.create({ delay: 500, width: 800, max_frames: 200, ...options }, context);
  const { summary } = play(paintingEpisode());
  const view: EpisodeView = {
    kind: "episode",
    summary: { ...summary, totals: { ...summary.totals, steps: steps.length } },
    steps,
  };
  return renderer.render(view, width === undefined ? undefined : { width, height: 600 });
}

/** Where a GIF says how large it is, and how many frames it has. */
function shapeOf(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes);
  // Each frame has one graphic control extension of four bytes.
  const frames = buffer.toString("latin1").split("\x21\xf9\x04").length - 1;
  return { signature: buffer.toString("latin1", 0, 6), width: buffer.readUInt16LE(6), frames };
}

const steps = Array.from({ length: 7 }, (_, step) => stepView({ rows: 6, columns: 6, step }));

describe("the gif renderer", () => {
  it("draws the steps of an episode, as `animateEpisode` does", async () => {
    const bytes = await render(steps);
    expect(shapeOf(bytes)).toEqual({ signature: "GIF89a", width: 800, frames: 7 });
    expect(Buffer.compare(bytes, animateEpisode(steps, { format: "gif", settings }))).toBe(0);
  });

  it("is drawn no larger than a sink asks for, and no smaller than a step needs", async () => {
    expect(shapeOf(await render(steps.slice(0, 2), {}, 500)).width).toBe(500);
    expect(shapeOf(await render(steps.slice(0, 2), {}, 2000)).width).toBe(800);
    expect(shapeOf(await render(steps.slice(0, 2), {}, 10)).width).toBe(360);
  });

  it("shows as many steps of a long episode as it is allowed to, first and last among them", async () => {
    const some = await render(steps, { max_frames: 3 });
    const expected = animateEpisode([steps[0]!, steps[3]!, steps[6]!], { format: "gif", settings });
    expect(Buffer.compare(some, expected)).toBe(0);
  });

  it("is one frame where nothing happened", async () => {
    expect(shapeOf(await render([])).frames).toBe(1);
  });
});
