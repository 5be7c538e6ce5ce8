import type { PictureSettings, View } from "@episcope/records";
import { largeEpisode, paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import {
  comparison,
  manySeries,
  metricsView,
  play,
  runView,
  settings,
  taskView,
} from "@episcope/testing/views";
import { describe, expect, it } from "vitest";
import { viewToSvg } from "../src/index.js";

// Golden pictures are files to open and look at. `npx vitest run -u` in this package writes them anew.

/** One element a line, so that a change in review shows where it is. */
function draw(view: View, changes: Partial<PictureSettings> = {}): string {
  const svg = new TextDecoder().decode(viewToSvg(view, settings(changes)));
  return `${svg.replaceAll("><", ">\n<")}\n`;
}

const step = play(largeEpisode(30)).steps[12]!;
const painting = play(paintingEpisode()).steps;

const SETTINGS: readonly [name: string, changes: Partial<PictureSettings>][] = [
  ["show-coordinates", { show_coordinates: true }],
  ["no-operation-names", { show_operation_names: false }],
  ["no-highlight-changes", { highlight_changes: false }],
  ["no-metrics", { include_metrics: false }],
  ["image-quality-low", { image_quality: "low" }],
  ["image-quality-medium", { image_quality: "medium" }],
  ["colorblind", { color_scheme: "colorblind" }],
  ["high-contrast", { color_scheme: "high_contrast" }],
];

describe("the golden picture of a step", () => {
  it("with the default settings", async () => {
    await expect(draw(painting[1]!)).toMatchFileSnapshot("golden/step.svg");
    await expect(draw(step)).toMatchFileSnapshot("golden/step-30x30.svg");
  });

  it("is the one that the README of the repository shows", async () => {
    await expect(draw(painting[1]!)).toMatchFileSnapshot("../../../docs/pictures/step.svg");
  });

  it.each(SETTINGS)("with %s, which changes the picture", async (name, changes) => {
    const picture = draw(painting[1]!, changes);
    await expect(picture).toMatchFileSnapshot(`golden/step-${name}.svg`);
    expect(picture).not.toBe(draw(painting[1]!));
  });

  it.each([
    ["point", painting[0]!],
    ["mask", painting[4]!],
    ["submit", painting[5]!],
    ["grown", play(resizingEpisode()).steps[0]!],
    ["shrunk", play(resizingEpisode()).steps[2]!],
  ])("of kind %s", async (name, view) => {
    await expect(draw(view)).toMatchFileSnapshot(`golden/step-${name}.svg`);
  });
});

describe("the golden picture", () => {
  it.each<[name: string, view: View]>([
    ["summary", play(paintingEpisode()).summary],
    ["summary-resizing", play(resizingEpisode()).summary],
    ["summary-30x30", play(largeEpisode(60)).summary],
    ["task", taskView()],
    ["task-hidden", taskView(true)],
    ["comparison-reward", comparison("reward_progression", manySeries(5))],
    ["comparison-reward-many", comparison("reward_progression", manySeries(40))],
    ["comparison-similarity", comparison("similarity", manySeries(5))],
    ["comparison-performance", comparison("performance", manySeries(5))],
    ["run", runView(8)],
    ["metrics", metricsView()],
  ])("of %s", async (name, view) => {
    await expect(draw(view)).toMatchFileSnapshot(`golden/${name}.svg`);
  });
});
