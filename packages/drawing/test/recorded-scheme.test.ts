import type { View } from "@episcope/records";
import { paintingEpisode } from "@episcope/records/testing";
import { play, runView, settings, taskView } from "@episcope/testing/views";
import { describe, expect, it } from "vitest";
import { createPalette, drawView, inRecordedColors, recordedScheme } from "../src/index.js";

function colorsOf(view: View, color_scheme: "default" | "colorblind" = "default"): string {
  return drawView(view, settings({ color_scheme })).palette.slice(0, 16).join(" ");
}

function colorsOfScheme(scheme: "default" | "arcprize" | "arc3" | "colorblind"): string {
  return createPalette(scheme).colors.slice(0, 16).join(" ");
}

/** Of the episode's views, with what its start says in `meta`. */
function viewsWith(meta: { readonly [name: string]: string }): View[] {
  const [start, ...rest] = paintingEpisode();
  if (start?.type !== "episode-start") throw new Error("an episode begins with its start");
  const { steps, summary } = play([{ ...start, meta }, ...rest]);
  return [steps[0]!, summary];
}

describe("the colours of a recording", () => {
  it.each([
    ["ARC-AGI-3", "arc3"],
    ["arc-agi-3/ls20", "arc3"],
    ["arc_agi_3", "arc3"],
    ["ARC3", "arc3"],
    ["ARC-AGI-2", "arcprize"],
    ["arcagi2", "arcprize"],
    ["ARC-AGI-1", "default"],
    ["ARC-AGI-30", "default"],
    ["ConceptARC 3", "default"],
    ["", "default"],
  ] as const)("are of the data set %j those of %s", (dataset, scheme) => {
    expect(recordedScheme("default", dataset)).toBe(scheme);
  });

  it("are those of its data set in steps and summaries", () => {
    for (const view of viewsWith({ dataset: "ARC-AGI-3" }))
      expect(colorsOf(view)).toBe(colorsOfScheme("arc3"));
    for (const view of viewsWith({})) expect(colorsOf(view)).toBe(colorsOfScheme("default"));
  });

  it("are those of its data set in overviews of tasks and of runs whose episodes agree", () => {
    expect(colorsOf({ ...taskView(), dataset: "ARC-AGI-2" })).toBe(colorsOfScheme("arcprize"));
    const run = runView(3);
    const from = (...sets: readonly string[]): View => ({
      ...run,
      episodes: run.episodes.map((episode, index) => ({ ...episode, dataset: sets[index % sets.length]! })),
    });
    expect(colorsOf(from("ARC-AGI-3"))).toBe(colorsOfScheme("arc3"));
    expect(colorsOf(from("ARC-AGI-3", "ARC-AGI-1"))).toBe(colorsOfScheme("default"));
  });

  it("give way to a scheme that was asked for", () => {
    for (const view of viewsWith({ dataset: "ARC-AGI-3" }))
      expect(colorsOf(view, "colorblind")).toBe(colorsOfScheme("colorblind"));
  });

  it("change nothing else of the settings", () => {
    const [step] = viewsWith({ dataset: "ARC-AGI-3" });
    const given = settings({ show_coordinates: true });
    expect(inRecordedColors(given, step!)).toEqual({ ...given, color_scheme: "arc3" });
  });
});
