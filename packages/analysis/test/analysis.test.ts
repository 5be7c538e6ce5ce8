import { memoryDisk } from "@episcope/testing/memory-disk";
import { describe, expect, it } from "vitest";
import {
  analysisHtml,
  analysisMarkdown,
  analyzeRuns,
  compareEpisodes,
  compareRuns,
  episodeComparisonMarkdown,
  type FailureMode,
} from "../src/index.js";
import { type InventedEpisode, type InventedStep, recordRun, SUBMIT } from "./invented-run.js";

const states = (...grids: string[]): InventedStep[] => grids.map((after) => ({ after }));
const START = { initial: "000/000", target: "111/111" };

/** Each kind of failure, planted; `k` makes the episodes differ. */
const PLANTED: {
  readonly [Mode in FailureMode]?: (
    k: number,
  ) => Omit<InventedEpisode, "initial" | "target"> & Partial<InventedEpisode>;
} = {
  missing_submit: () => ({ steps: states("110/000", "111/111", "111/110"), outcome: "truncated" }),
  wrong_size: (k) => ({ steps: states("110/000", k % 2 ? "11/11" : "111"), outcome: "truncated" }),
  near_miss: () => ({
    initial: "0000000000",
    target: "1111111111",
    steps: states("1111111110", "1111111100", "1111111000"),
    outcome: "truncated",
  }),
  oscillation: () => ({
    steps: states("100/000", "110/000", "100/000", "110/000", "100/000", "110/000"),
    outcome: "truncated",
  }),
  loop: () => ({
    steps: states("100/000", "110/000", "111/000", "100/000", "110/000", "111/000", "100/000"),
    outcome: "truncated",
  }),
  undo_pairs: () => ({ steps: states("100/000", "110/000", "100/000", "101/000"), outcome: "truncated" }),
  selection_outside: (k) => ({
    steps: [{ after: "100/000", selection: { kind: "point", point: [k % 3, 7] } }, { after: "110/000" }],
    outcome: "truncated",
  }),
  no_effect: () => ({
    steps: states("100/000", "100/000", "100/000", "100/000", "110/000"),
    outcome: "truncated",
  }),
  no_progress: (k) => ({ steps: states(`${2 + (k % 7)}00/000`, "220/000", "222/000"), outcome: "truncated" }),
  premature_submit: () => ({
    steps: [{ after: "111/000" }, { after: "111/000", operation: SUBMIT, terminated: true }],
    outcome: "failure",
  }),
  early_end: () => ({ steps: states("100/000"), outcome: "aborted" }),
};

/** An episode that goes forward cell by cell: solved and handed in, or cut off by a limit. */
function ordinary(k: number): InventedEpisode {
  const length = k % 2 === 0 ? 6 : 1 + (k % 5);
  const steps: InventedStep[] = Array.from({ length }, (_, at) => {
    const cells = "1".repeat(at + 1).padEnd(6, "0");
    return { after: `${cells.slice(0, 3)}/${cells.slice(3)}`, reward: 0.1 };
  });
  if (k % 2 !== 0) return { ...START, task: `task ${k % 20}`, steps, outcome: "truncated" };
  steps.push({ after: "111/111", operation: SUBMIT, terminated: true, reward: 10, info: { success: true } });
  return { ...START, task: `task ${k % 20}`, steps, outcome: "success" };
}

describe("an analysis", () => {
  it("finds twenty planted episodes of each kind among four hundred others, and names no more than 2 % wrongly", async () => {
    const episodes: InventedEpisode[] = [];
    const planted: (FailureMode | null)[] = [];
    for (let k = 0; k < 400; k++) {
      episodes.push(ordinary(k));
      planted.push(null);
      if (k % 20 !== 0) continue;
      for (const [mode, make] of Object.entries(PLANTED)) {
        episodes.push({ ...START, task: `planted ${mode}`, ...make(k / 20) });
        planted.push(mode as FailureMode);
      }
    }
    const { disk, dir } = await recordRun(episodes);
    const analysis = analyzeRuns([dir], { fs: disk.fs });
    const counts = new Map(analysis.failures.map(({ mode, first }) => [mode, first]));
    for (const mode of Object.keys(PLANTED)) expect(counts.get(mode as FailureMode), mode).toBe(20);
    expect(analysis.unexplained).toBe(200);
    expect(analysis.success).toMatchObject({ of: planted.length, successes: 200 });
    expect(analysis.tasks.find(({ task_id }) => task_id === "planted loop")!.failures[0]).toEqual({
      mode: "loop",
      episodes: 20,
    });
    const html = analysisHtml(analysis);
    expect(html.length).toBeLessThan(300_000);
  }, 120_000);

  it("tells of each task how often it was solved, whether it gets better, and which cells stay wrong", async () => {
    const solved = ordinary(0);
    const failed: InventedEpisode = {
      ...START,
      task: "task 0",
      steps: states("111/110"),
      outcome: "truncated",
    };
    const { disk, dir } = await recordRun([failed, failed, failed, solved]);
    const [task] = analyzeRuns([dir], { fs: disk.fs }).tasks;
    expect(task).toMatchObject({
      task_id: "task 0",
      success: { of: 4, successes: 1, rate: 0.25 },
      earlier: { successes: 0, of: 2 },
      later: { successes: 1, of: 2 },
      wrong_cells: [{ row: 1, column: 2, episodes: 3 }],
    });
    expect(task!.success.interval!.low).toBeCloseTo(0.0456, 3);
    expect(task!.success.interval!.high).toBeCloseTo(0.6994, 3);
  });

  it("counts what operations do, and which precede losses", async () => {
    const steps: InventedStep[] = [
      { after: "110/000", operation: 1 },
      { after: "110/000", operation: 28 },
      { after: "100/000", operation: 29 },
    ];
    const { disk, dir } = await recordRun([{ ...START, steps, outcome: "truncated" }]);
    const { operations } = analyzeRuns([dir], { fs: disk.fs });
    expect(operations.find(({ name }) => name === "Copy")).toMatchObject({
      uses: 1,
      without_effect: 1,
      drops_after: 1,
    });
    expect(operations.find(({ name }) => name === "Paste")).toMatchObject({ drops: 1, in_failures: 1 / 3 });
  });

  it("of nothing says so, and of texts of others makes no markup", async () => {
    const { disk, dir } = await recordRun([]);
    expect(analysisMarkdown(analyzeRuns([dir], { fs: disk.fs }))).toContain("none of the episodes succeeded");
    const odd = "<script>alert(1)</script>|`x`";
    const other = await recordRun([{ ...START, task: odd, steps: states("100/000"), outcome: "aborted" }]);
    const analysis = analyzeRuns([other.dir], { fs: other.disk.fs });
    expect(analysisHtml(analysis)).not.toContain("<script");
    const row = analysisMarkdown(analysis)
      .split("\n")
      .find((line) => line.includes("alert(1)"))!;
    expect(row).toContain("\\<script\\>alert(1)\\</script\\>\\|\\`x\\`");
  });
});

describe("a comparison of runs", () => {
  it("pairs the same tasks, and says what is newly solved and newly broken", async () => {
    const disk = memoryDisk();
    const fail = (task: string): InventedEpisode => ({
      ...START,
      task,
      steps: states("100/000"),
      outcome: "truncated",
    });
    const solve = (task: string): InventedEpisode => ({ ...ordinary(0), task });
    const a = await recordRun([fail("a"), fail("b"), solve("c"), solve("d"), fail("only A")], {
      disk,
      name: "a",
    });
    const b = await recordRun([solve("a"), fail("b"), fail("c"), solve("d")], { disk, name: "b" });
    const comparison = compareRuns(a.dir, b.dir, { fs: disk.fs });
    expect(comparison.tasks.map(({ task_id, change }) => [task_id, change])).toEqual([
      ["a", "newly_solved"],
      ["b", "neither_solves"],
      ["c", "newly_broken"],
      ["d", "both_solve"],
    ]);
    expect(comparison.only_a).toEqual(["only A"]);
    expect(comparison.chance).toBe(1);
    // Four pairs say too little for an interval.
    expect(comparison.differences[0]).toEqual({ name: "success_rate", n: 4, mean: 0, interval: null });
    expect(comparison.config).toContainEqual({ key: "storage.run_name", a: "a", b: "b" });
  });

  it("of many pairs has an interval, the same each time", async () => {
    const disk = memoryDisk();
    const tasks = Array.from({ length: 12 }, (_, k) => `t${k}`);
    const a = await recordRun(
      tasks.map((task) => ({ ...ordinary(1), task })),
      { disk, name: "a" },
    );
    const b = await recordRun(
      tasks.map((task, k) => ({ ...ordinary(k % 3 === 0 ? 1 : 0), task })),
      { disk, name: "b" },
    );
    const once = compareRuns(a.dir, b.dir, { fs: disk.fs }).differences[0]!;
    expect(once).toMatchObject({ name: "success_rate", n: 12, mean: expect.closeTo(2 / 3, 9) });
    expect(once.interval!.low).toBeGreaterThan(0.3);
    expect(once.interval!.high).toBeLessThan(1);
    expect(compareRuns(a.dir, b.dir, { fs: disk.fs }).differences[0]).toEqual(once);
    expect(compareRuns(a.dir, b.dir, { fs: disk.fs }).chance).toBeCloseTo(2 * 0.5 ** 8, 9);
  });
});

describe("a comparison of episodes", () => {
  it("says where they part and where they meet again", async () => {
    const { disk, dir } = await recordRun([
      { ...START, steps: states("100/000", "110/000", "111/000"), outcome: "truncated" },
      {
        ...START,
        steps: states("100/000", "101/000", "101/100", "111/000", "111/100"),
        outcome: "truncated",
      },
    ]);
    const comparison = compareEpisodes({ dir, episode: 1 }, { dir, episode: 2 }, { fs: disk.fs });
    expect(comparison).toMatchObject({
      same_start: true,
      divergence: { a: { step: 1 }, b: { step: 1 } },
      meeting: { a: 3, b: 4 },
      shared: 3,
    });
    expect(comparison.stretches.map(({ kind }) => kind)).toEqual([
      "both",
      "only_a",
      "only_b",
      "both",
      "only_b",
    ]);
    const apart = await recordRun([
      { ...START, steps: states("111/000"), outcome: "truncated" },
      { ...START, initial: "111/000", steps: states("111/100"), outcome: "truncated" },
    ]);
    const [one, other] = [1, 2].map((episode) => ({ dir: apart.dir, episode }));
    const differing = compareEpisodes(one!, other!, { fs: apart.disk.fs });
    expect(differing).toMatchObject({ same_start: false, divergence: { a: null, b: null }, shared: 1 });
    expect(episodeComparisonMarkdown(differing)).toContain(
      "They begin with different grids. They first meet",
    );
    const same = compareEpisodes({ dir, episode: 1 }, { dir, episode: 1 }, { fs: disk.fs });
    expect(same).toMatchObject({ divergence: null, meeting: null, shared: 4 });
  });
});
