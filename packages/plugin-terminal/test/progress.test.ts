import { textColumns } from "@episcope/drawing";
import { describe, expect, it } from "vitest";
import { dashboard, type ProgressStats, progressLine } from "../src/index.js";

const stats: ProgressStats = {
  run: "run_20260102",
  elapsedSeconds: 754.2,
  episodes: 17,
  solved: 4,
  steps: 12345,
  stepsPerSecond: 812.4,
  waiting: 12,
  dropped: 0,
};

describe("the progress line", () => {
  it("says how a recording stands", () => {
    expect(progressLine(stats, 120)).toBe(
      "run_20260102  12:34  17 episodes  4 solved  12.3k steps  812 steps/s  12 waiting",
    );
  });

  it("leaves out what matters least where the terminal is narrow, but never dropped records", () => {
    const losing = { ...stats, dropped: 3 };
    for (let columns = 12; columns < 120; columns++) {
      const line = progressLine(losing, columns);
      expect(textColumns(line)).toBeLessThanOrEqual(columns);
      expect(line).toContain("3 dropped");
    }
  });

  it("strips what a run's name could do to the terminal", () => {
    expect(progressLine({ ...stats, run: "a\u001b[2J\r\nb" }, 200)).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe("the dashboard", () => {
  const state = {
    ...stats,
    recentRewards: [0.1, 0.4, -0.2],
    recentSimilarities: [0.5, Number.NaN, 0.75],
    sinks: [
      { name: "journal", accepted: 100, written: 98, dropped: 0, failed: null },
      { name: "wandb", accepted: 100, written: 10, dropped: 5, failed: "time limit \u001b[2J" },
    ],
  };

  it("adds the last episodes and the sinks to it", () => {
    expect(dashboard(state, { columns: 80, colors: "none" })).toBe(
      [
        "run_20260102  12:34  17 episodes  4 solved  12.3k steps  812 steps/s  12 waiting",
        "reward      ▅█▁  last −0.200",
        "similarity  ▅ ▆  last 75.0%",
        "journal  98 of 100 written",
        "wandb    10 of 100 written  5 dropped  stopped: time limit  [2J",
        "",
      ].join("\n"),
    );
  });

  it("stays within the width, with and without colours", () => {
    for (const columns of [20, 33, 80])
      for (const colors of ["none", "truecolor"] as const)
        for (const line of dashboard(state, { columns, colors }).split("\n"))
          expect(textColumns(line.replace(/\u001b\[[0-9;]*m/g, ""))).toBeLessThanOrEqual(columns);
  });
});
