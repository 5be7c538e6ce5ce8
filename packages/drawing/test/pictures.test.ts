import { type ComparisonType, createGrid, type SummaryView } from "@episcope/records";
import { emptyEpisode, largeEpisode, paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import {
  comparison,
  manySeries,
  metricsView,
  play,
  runView,
  seriesOf,
  settings,
  taskView,
} from "@episcope/testing/views";
import { describe, expect, it } from "vitest";
import {
  comparisonPicture,
  metricsPicture,
  runPicture,
  type Scene,
  summaryPicture,
  taskPicture,
} from "../src/index.js";
import { expectSound, textsOf } from "./scene-laws.js";

const SCHEMES = ["default", "colorblind", "high_contrast"] as const;
const TYPES: readonly ComparisonType[] = ["reward_progression", "similarity", "performance"];

function gridLabels(scene: Scene): string[] {
  return scene.items.flatMap((item) => (item.kind === "grid" && item.label !== "legend" ? [item.label] : []));
}

describe("a summary", () => {
  const summary = play(paintingEpisode()).summary;

  it.each([
    ["painting", paintingEpisode()],
    ["resizing", resizingEpisode()],
    ["large", largeEpisode(1000)],
    ["one step", largeEpisode(1)],
    ["empty", emptyEpisode()],
  ])("of the episode '%s' is sound in all schemes, with and without coordinates", (_name, records) => {
    const view = play(records).summary;
    for (const color_scheme of SCHEMES) {
      for (const show_coordinates of [false, true]) {
        expectSound(summaryPicture(view, settings({ color_scheme, show_coordinates })));
      }
    }
  });

  it("says the outcome and shows start, final and target", () => {
    const scene = summaryPicture(summary, settings());
    expect(scene.title).toContain("Solved");
    expect(gridLabels(scene).slice(0, 3)).toEqual(["start", "final", "target"]);
  });

  it("marks the errors of the final grid against the target", () => {
    const view: SummaryView = { ...summary, final: createGrid(3, 3), outcome: "failure" };
    const scene = summaryPicture(view, settings());
    const marks = scene.items.flatMap((item) => (item.kind === "marks" ? [item] : []));
    expect([...marks[0]!.mask]).toEqual([1, 0, 1, 0, 1, 0, 1, 1, 1]);
    expect(textsOf(scene)).toContain("6 wrong");
    expect(
      summaryPicture(view, settings({ highlight_changes: false })).items.some(({ kind }) => kind === "marks"),
    ).toBe(false);
  });

  it("shows each key step as the grid after that very step", () => {
    const { steps } = play(paintingEpisode());
    const scene = summaryPicture(summary, settings());
    const thumbnails = scene.items.flatMap((item) =>
      item.kind === "grid" && item.label.startsWith("after step ") ? [item] : [],
    );
    expect(thumbnails.length).toBe(summary.key_steps.length);
    for (const thumbnail of thumbnails) {
      const number = Number(thumbnail.label.slice("after step ".length));
      expect(thumbnail.data).toEqual(steps[number]?.after.data);
      expect(thumbnail.cell * thumbnail.shape[0], "readable").toBeGreaterThanOrEqual(48);
    }
  });

  it("keeps the first and the last of many key steps and says how many there are", () => {
    const { steps } = play(largeEpisode(60));
    const key_steps = steps.map((view) => ({ ...view, reasons: ["new_best" as const] }));
    const marked = key_steps.map((step, index) =>
      index === 0
        ? { ...step, reasons: ["first" as const] }
        : index === 59
          ? { ...step, reasons: ["last" as const] }
          : step,
    );
    const scene = summaryPicture({ ...play(largeEpisode(60)).summary, key_steps: marked }, settings());
    const labels = gridLabels(scene);
    expect(labels).toContain("after step 0");
    expect(labels).toContain("after step 59");
    expect(textsOf(scene).some((text) => text.startsWith("18 of 60"))).toBe(true);
  });

  it("does not let one bonus squash the curve of rewards, and says so", () => {
    const rewards = Float64Array.from({ length: 60 }, (_, step) => (step === 59 ? 10 : Math.cos(step) / 10));
    const similarities = new Float64Array(60).fill(0.5);
    const scene = summaryPicture({ ...summary, rewards, similarities }, settings());
    expect(textsOf(scene)).toContain("off scale: +10.00 at step 59");
    // The total is cut off where it leaves the chart, just after the step before the bonus.
    const [total] = scene.items.flatMap((item) => (item.kind === "polyline" ? [item.points] : []));
    const xs = total!.filter((_, index) => index % 2 === 0);
    expect(xs.at(-1)! - xs.at(-2)!).toBeLessThan((xs[1]! - xs[0]!) / 2);
    expectSound(scene);
  });

  it("of a million steps has a bounded number of items and points", () => {
    const count = 1_000_000;
    const rewards = Float64Array.from({ length: count }, (_, step) => (step % 7 === 0 ? 50 : Math.sin(step)));
    const similarities = Float64Array.from({ length: count }, (_, step) => (step % 1000) / 1000);
    const scene = summaryPicture({ ...summary, rewards, similarities }, settings());
    expectSound(scene);
    const numbers = scene.items.map((item) => {
      if (item.kind === "segments") return item.lines.length;
      return "points" in item ? item.points.length : 0;
    });
    expect(Math.max(...numbers)).toBeLessThan(4_000);
  });

  it.each([
    ["all negative", new Array(20).fill(-0.01)],
    ["all zero", new Array(20).fill(0)],
    ["not a number", new Array(20).fill(Number.NaN)],
    ["huge", [1e12, -1e12, 3]],
  ])("draws rewards that are %s", (_name, values: number[]) => {
    const rewards = Float64Array.from(values);
    const similarities = new Float64Array(values.length).fill(Number.NaN);
    expectSound(summaryPicture({ ...summary, rewards, similarities }, settings()));
  });
});

describe("a comparison", () => {
  it.each(TYPES)("of type %s is sound for 0, 1, 2, 6, 7 and 70 episodes", (type) => {
    for (const count of [0, 1, 2, 6, 7, 70]) {
      const view = comparison(type, manySeries(count));
      expectSound(comparisonPicture(view, settings()));
    }
  });

  it("drops no episode: few are curves with a key, many are bands", () => {
    const few = textsOf(comparisonPicture(comparison("reward_progression", manySeries(6)), settings()));
    for (let number = 1; number <= 6; number++) expect(few).toContain(`episode ${number}`);
    const many = comparisonPicture(comparison("reward_progression", manySeries(40)), settings());
    expect(many.items.some(({ kind }) => kind === "area")).toBe(true);
    expect(textsOf(many)).toContain("episode 40");
  });

  it("has bars below zero for negative values", () => {
    const [series] = manySeries(1);
    const view = comparison("performance", [{ ...series!, totals: { ...series!.totals, reward: -2 } }]);
    expect(textsOf(comparisonPicture(view, settings()))).toContain("−2.00");
  });

  it("sums up by task", () => {
    const texts = textsOf(comparisonPicture(comparison("similarity", manySeries(9)), settings()));
    for (const text of ["sample-painting", "sample-resizing", "sample-large", "3 of 3"])
      expect(texts).toContain(text);
  });

  it("draws episodes of one step", () => {
    const one = seriesOf(play(largeEpisode(1)).summary, 1);
    const scene = comparisonPicture(comparison("reward_progression", [one]), settings());
    expect(scene.items.some(({ kind }) => kind === "dots")).toBe(true);
    expectSound(scene);
  });
});

describe("the task overview", () => {
  it("shows every pair at one scale", () => {
    const scene = taskPicture(taskView(), settings());
    expectSound(scene);
    expect(gridLabels(scene)).toHaveLength(6);
  });

  it("does not show a hidden test output, only that there is one", () => {
    const scene = taskPicture(taskView(true), settings());
    expectSound(scene);
    expect(gridLabels(scene)).not.toContain("Test 1 output");
    expect(textsOf(scene)).toContain("?");
    expect(scene.description).toContain("1 test output not shown");
  });

  it("gives ten pairs of 30x30 grids room", () => {
    const pair = { input: createGrid(30, 30, 1), output: createGrid(30, 30, 2) };
    const view = { kind: "task", task_id: "big", train: new Array(10).fill(pair), test: [pair] } as const;
    expectSound(taskPicture(view, settings({ show_coordinates: true })));
  });
});

describe("run and metrics", () => {
  it.each([0, 1, 13, 130])("a run of %i episodes is sound", (count) => {
    const scene = runPicture(runView(count), settings());
    expectSound(scene);
    expect(gridLabels(scene)).toHaveLength(Math.min(count, 120));
  });

  it("metrics are drawn as curves, histograms and histograms over time", () => {
    const scene = metricsPicture(metricsView(), settings());
    expectSound(scene);
    expect(textsOf(scene)).toEqual(
      expect.arrayContaining(["loss", "entropy", "gradients", "gradients, over time"]),
    );
  });

  it("metrics without anything say so", () => {
    const nothing = { kind: "metrics", run: "r", curves: [], histograms: [] } as const;
    expect(textsOf(metricsPicture(nothing, settings()))).toContain("No metrics were sent.");
  });
});
