import { describe, expect, it } from "vitest";
import { type FailureMode, findFailures, openStepTable, traceOf } from "../src/index.js";
import { type InventedEpisode, type InventedStep, recordRun, SUBMIT } from "./invented-run.js";

const states = (...grids: string[]): InventedStep[] => grids.map((after) => ({ after }));

async function modesOf(episode: InventedEpisode): Promise<{ mode: FailureMode; steps: readonly number[] }[]> {
  const { run, disk } = await recordRun([{ outcome: "failure", ...episode }]);
  const table = openStepTable(run, { fs: disk.fs });
  return findFailures(traceOf(table, table.episodes[0]!)).map(({ mode, steps }) => ({ mode, steps }));
}

describe("a failed episode is named", () => {
  const start = { initial: "000/000", target: "111/111" };

  it("missing_submit, where the grid was the target and nothing was handed in", async () => {
    expect(
      await modesOf({ initial: "0", target: "1", steps: states("2", "1", "3"), outcome: "truncated" }),
    ).toEqual([
      { mode: "missing_submit", steps: [1] },
      { mode: "near_miss", steps: [1, 2] },
    ]);
  });

  it("wrong_size, where the last grid has another shape than the target", async () => {
    expect(await modesOf({ ...start, steps: states("11/11"), outcome: "truncated" })).toEqual([
      { mode: "wrong_size", steps: [0] },
    ]);
  });

  it("near_miss, where most was right and was lost again", async () => {
    const target = "1111111111";
    const steps = states("1111111110", "1111111100", "1111111000");
    expect(await modesOf({ initial: "1111110000", target, steps, outcome: "truncated" })).toEqual([
      { mode: "near_miss", steps: [0, 1] },
    ]);
  });

  it("oscillation, where two states take turns", async () => {
    const steps = states("100/000", "000/000", "100/000", "000/000", "100/000");
    expect(await modesOf({ ...start, steps, outcome: "truncated" })).toEqual([
      { mode: "oscillation", steps: [0, 1, 2, 3, 4] },
    ]);
  });

  it("loop, where a cycle of three or more is walked twice", async () => {
    const steps = states("100/000", "110/000", "111/000", "100/000", "110/000", "111/000");
    expect(await modesOf({ ...start, steps, outcome: "truncated" })).toEqual([
      { mode: "loop", steps: [1, 2, 3, 4, 5] },
    ]);
  });

  it("undo_pairs, where a step undoes the one before", async () => {
    const steps = states("100/000", "110/000", "100/000", "100/100");
    expect(await modesOf({ ...start, steps, outcome: "truncated" })).toEqual([
      { mode: "undo_pairs", steps: [1, 2] },
    ]);
  });

  it("selection_outside, where a point or a box reaches beyond the grid", async () => {
    const selection = { kind: "bbox", bbox: [0, 0, 5, 1] } as const;
    expect(
      await modesOf({ ...start, steps: [{ after: "110/110", selection }], outcome: "truncated" }),
    ).toEqual([{ mode: "selection_outside", steps: [0] }]);
  });

  it("no_effect, where three steps in a row change nothing", async () => {
    const steps = states("100/000", "100/000", "100/000", "100/000", "110/000");
    expect(await modesOf({ ...start, steps, outcome: "truncated" })).toEqual([
      { mode: "no_effect", steps: [1, 2, 3] },
    ]);
  });

  it("no_progress, where the similarity never rises", async () => {
    const steps = states("200/000", "220/000", "222/000");
    expect(await modesOf({ ...start, steps, outcome: "truncated" })).toEqual([
      { mode: "no_progress", steps: [2] },
    ]);
  });

  it("premature_submit, where another grid than the target is handed in", async () => {
    const steps = [{ after: "110/000" }, { after: "110/000", operation: SUBMIT, terminated: true }];
    expect(await modesOf({ ...start, steps })).toEqual([{ mode: "premature_submit", steps: [1] }]);
  });

  it("early_end, where it was given up", async () => {
    expect(await modesOf({ ...start, steps: states("110/000"), outcome: "aborted" })).toEqual([
      { mode: "early_end", steps: [0] },
    ]);
  });

  it("nothing, where it succeeded or where no rule fits", async () => {
    const back = states("100/000", "000/000", "100/000", "000/000");
    expect(await modesOf({ ...start, steps: back, outcome: "success" })).toEqual([]);
    expect(await modesOf({ ...start, steps: states("100/000", "110/000"), outcome: "truncated" })).toEqual(
      [],
    );
  });
});
