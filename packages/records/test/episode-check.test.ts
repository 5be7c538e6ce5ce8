import {
  EpisodeCheck,
  type EpisodeEndRecord,
  type EpisodeStartRecord,
  gridFromRows,
  outcomeOf,
  type Remark,
  type StepRecord,
} from "@episcope/records";
import { expect, it } from "vitest";

const TARGET = gridFromRows([[3]]);

function remarksOf(
  after: number[][],
  outcome: EpisodeEndRecord["outcome"],
  info: StepRecord["info"],
): Remark[] {
  const remarks: Remark[] = [];
  const start: EpisodeStartRecord = {
    type: "episode-start",
    seq: 0,
    time: 1,
    episode: "a",
    task_id: "00d62c1b",
    pair_index: 0,
    mode: "train",
    initial: gridFromRows([[0, 0]]),
    target: TARGET,
    meta: {},
  };
  const check = new EpisodeCheck(start, (remark) => remarks.push(remark));
  const step = { type: "step", seq: 1, time: 1, episode: "a", step: 0, action: { operation: 3 } } as const;
  const last = gridFromRows(after);
  check.step({ ...step, after: last, reward: 0, terminated: true, truncated: false, info });
  const totals = { steps: 1, reward: 0, final_similarity: null, best_similarity: null };
  check.end({ type: "episode-end", seq: 2, time: 1, episode: "a", outcome, totals });
  return remarks;
}

it("a grid that shows the whole target and more is a success, as it is where nobody states the outcome", () => {
  expect(outcomeOf({ info: {}, similarity: 1, terminated: true, truncated: false })).toBe("success");
  expect(remarksOf([[3, 0]], "success", {})).toEqual([]);
  expect(remarksOf([[0, 0]], "success", { similarity: 1 })).toEqual([]);
});

it("a success with less of the target than all is remarked on", () => {
  expect(remarksOf([[0, 0]], "success", {})).toMatchObject([{ kind: "outcome" }]);
  expect(remarksOf([[0, 0]], "success", { success: true })).toEqual([]);
});
