import {
  type ComparisonType,
  createGrid,
  type KeyStepReason,
  type StepView,
  type SummaryView,
} from "@episcope/records";
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
  ROLE,
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
    const grids = new Set(summary.key_steps.map(({ after }) => after.data.join()));
    expect(thumbnails.length).toBeGreaterThanOrEqual(grids.size);
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

  it("shows the bonus of a success whole, and the small rewards beside it", () => {
    const rewards = Float64Array.from({ length: 60 }, (_, step) => (step === 59 ? 10 : Math.cos(step) / 10));
    const similarities = new Float64Array(60).fill(0.5);
    const scene = summaryPicture({ ...summary, rewards, similarities }, settings());
    expect(textsOf(scene)).toContain("linear to ±0.1, then powers of ten");
    expect(textsOf(scene).some((text) => text.startsWith("off scale"))).toBe(false);
    const bars = scene.items.flatMap((item) =>
      item.kind === "segments" && item.stroke === ROLE.reward
        ? [item.lines.filter((_, at) => at % 4 === 2)]
        : [],
    );
    const heights = bars[0]!;
    expect(Math.max(...heights)).toBeLessThan(8 * Math.max(...heights.slice(0, -1)));
    // The total goes on to its last step.
    const [total] = scene.items.flatMap((item) => (item.kind === "polyline" ? [item.points] : []));
    expect(total).toHaveLength(120);
    expectSound(scene);
  });

  it("has a gap and a dot where a reward is no finite number, and says how many there are", () => {
    const rewards = Float64Array.from([0.1, Number.NaN, 0.3, Number.POSITIVE_INFINITY, 0.1]);
    const similarities = new Float64Array(5).fill(0.5);
    const scene = summaryPicture({ ...summary, rewards, similarities }, settings());
    expect(textsOf(scene)).toContain("2 not finite");
    expect(textsOf(scene)).toContain("of the finite rewards");
    const dots = scene.items.flatMap((item) =>
      item.kind === "dots" && item.fill === ROLE.accent ? [item] : [],
    );
    expect(dots[0]?.points).toHaveLength(4);
    expectSound(scene);
  });

  it("takes its figures from the steps, and notes where the producer's totals say otherwise", () => {
    const totals = { ...summary.totals, best_similarity: 0.535 };
    const texts = textsOf(summaryPicture({ ...summary, totals }, settings()));
    expect(texts).toContain("producer: 53.5%");
    expect(textsOf(summaryPicture(summary, settings())).some((text) => text.startsWith("producer"))).toBe(
      false,
    );
  });

  it("shows a grid once, however often the agent came back to it", () => {
    const { steps } = play(paintingEpisode());
    const [first, second] = steps as [StepView, StepView];
    const key_steps = Array.from({ length: 20 }, (_, index) => {
      const { action, after, reward, similarity } = index % 2 === 0 ? first : second;
      const reasons = [index === 0 ? "first" : index === 19 ? "last" : "new_best"] as KeyStepReason[];
      return { step: index, reasons, action, after, reward, similarity };
    });
    const texts = textsOf(summaryPicture({ ...summary, key_steps }, settings()));
    expect(texts.filter((text) => /^Step \d+/.test(text))).toEqual(["Step 0 ×10", "Step 19 ×10"]);
  });

  it("numbers its key steps, and the curves point at them by these numbers", () => {
    const scene = summaryPicture(summary, settings());
    const numbers = scene.items.flatMap((item) =>
      item.kind === "text" && item.fill === ROLE.accent && /^\d+$/.test(item.text) ? [item.text] : [],
    );
    const cards = gridLabels(scene).filter((label) => label.startsWith("after step")).length;
    for (let number = 1; number <= cards; number++) {
      expect(numbers.filter((text) => text === String(number))).toHaveLength(2);
    }
  });

  it("says the last step at the axis", () => {
    const { summary: long } = play(largeEpisode(60));
    expect(textsOf(summaryPicture(long, settings()))).toContain("59");
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
  it("shows the return of successes whole, and solved episodes apart from the others", () => {
    const solved = manySeries(1)[0]!;
    const rewards = Float64Array.from({ length: 12 }, (_, step) => (step === 11 ? 10.8 : -0.05));
    const bonus = { ...solved, rewards, totals: { ...solved.totals, reward: 10.25 } };
    const rest = manySeries(30).filter(({ outcome }) => outcome !== "success");
    const view = comparison("reward_progression", [...rest, bonus, bonus, bonus]);
    const scene = comparisonPicture(view, settings());
    expectSound(scene);
    expect(textsOf(scene)).toEqual(
      expect.arrayContaining(["10", "solved (3)", `not solved (${rest.length})`]),
    );
    expect(textsOf(scene).some((text) => text.includes("off scale"))).toBe(false);
  });

  it.each(TYPES)("of type %s is sound for 0, 1, 2, 6, 7 and 70 episodes", (type) => {
    for (const count of [0, 1, 2, 6, 7, 70]) {
      const view = comparison(type, manySeries(count));
      expectSound(comparisonPicture(view, settings()));
    }
  });

  it("drops no episode: few are curves with a key, many are bands", () => {
    const few = textsOf(comparisonPicture(comparison("reward_progression", manySeries(6)), settings()));
    // Of several tasks, so each name has its task.
    for (let number = 1; number <= 6; number++)
      expect(few).toContainEqual(expect.stringMatching(new RegExp(`^sample-.* · ${number}$`)));
    const many = comparisonPicture(comparison("reward_progression", manySeries(40)), settings());
    expect(many.items.some(({ kind }) => kind === "area")).toBe(true);
    expect(textsOf(many).join("\n")).toMatch(/\d+ of 40 solved: [\d.]+%, 95% interval/);
    expect(textsOf(many).join("\n")).toMatch(/total reward: median [−\d.]+, interquartile mean [−\d.]+/);
    const strips = many.items.flatMap((item) => (item.kind === "segments" && item.weight > 4 ? [item] : []));
    const rows = new Set(strips.flatMap(({ lines }) => lines.filter((_, index) => index % 4 === 1)));
    expect(rows.size).toBe(40);
  });

  it("says below its bands how many episodes were still running", () => {
    const all = manySeries(40);
    const texts = textsOf(comparisonPicture(comparison("similarity", all), settings()));
    const running = texts.slice(texts.indexOf("n") + 1);
    expect(running[0]).toBe("40");
    const longest = Math.max(...all.map(({ totals }) => totals.steps));
    const last = running
      .slice(
        0,
        running.findIndex((text) => Number.isNaN(Number(text))),
      )
      .at(-1);
    expect(Number(last)).toBeLessThan(longest > 1 ? 40 : 41);
  });

  it("says in sentences where each measure is smallest and largest, its middle, and how the episodes ended", () => {
    const { description } = comparisonPicture(comparison("performance", manySeries(3)), settings());
    expect(description).toMatch(
      /^3 episodes, \d solved\. Total reward from \S+ \(.+ · \d\) to \S+ \(.+ · \d\), median /,
    );
    expect(description).toMatch(
      /Final similarity (from|\d).*Steps (from|\d).* · 1 solved after 6 steps at similarity 100\.0%/,
    );
    expect(runPicture(runView(2), settings()).description).toMatch(
      /^2 episodes, 2 solved\. Total reward \S+ in each\..*episode 1 solved after 6 steps/,
    );
    const many = comparisonPicture(comparison("similarity", manySeries(40)), settings()).description;
    expect(many).toMatch(/; and 28 more\.$/);
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
    expect(scene.description).toBe(
      "2 curves, 1 histogram. loss: smallest 0.002037 at step 490, largest 1 at step 0, last 0.002037 at step 490. " +
        "entropy: smallest 0.3667 at step 490, largest 2 at step 0, last 0.3667 at step 490. " +
        "gradients: 2 histograms from step 0 to 490.",
    );
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
