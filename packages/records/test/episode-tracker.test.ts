import {
  type EpisodeRecord,
  type EpisodeStartRecord,
  EpisodeTracker,
  type Grid,
  gridFromRows,
  RewardOutlierDetector,
  type StepRecord,
  type StepView,
} from "@episcope/records";
import { largeEpisode, paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import { describe, expect, it } from "vitest";

function track(records: readonly EpisodeRecord[]) {
  const [start, ...rest] = records;
  if (start?.type !== "episode-start") throw new Error("no start");
  const tracker = new EpisodeTracker(start, 1);
  const views: StepView[] = [];
  for (const record of rest) if (record.type === "step") views.push(tracker.step(record));
  const end = records.at(-1);
  return { tracker, views, summary: tracker.summary(end?.type === "episode-end" ? end : undefined) };
}

describe("a tracked episode", () => {
  it("has views with running totals", () => {
    const records = paintingEpisode();
    const { views } = track(records);
    const rewards = records.flatMap((record) => (record.type === "step" ? [record.reward] : []));
    let total = 0;
    for (const [at, view] of views.entries()) {
      total += rewards[at]!;
      expect(view.reward_total).toBe(total);
      expect(view.reward_change).toBe(at === 0 ? null : rewards[at]! - rewards[at - 1]!);
      expect(view.before).toBe(at === 0 ? (records[0] as { initial: Grid }).initial : views[at - 1]!.after);
      const previous = at === 0 ? 4 / 9 : views[at - 1]!.similarity!;
      expect(view.similarity_change).toBeCloseTo(view.similarity! - previous, 12);
      expect(view.efficiency).toBeCloseTo((view.similarity! - 4 / 9) / (at + 1), 12);
    }
    expect(views.map(({ best_similarity }) => best_similarity! * 9)).toEqual(
      [5, 8, 8, 8, 9, 9].map((n) => (n / 9) * 9),
    );
    expect([...views[1]!.selection!]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1]);
    expect(views[5]!.selection).toBeNull();
  });

  it("knows its key steps and why, as they come", () => {
    expect(track(paintingEpisode()).views.map(({ reasons }) => reasons)).toEqual([
      ["first", "similarity_jump", "new_best"],
      ["similarity_jump", "new_best"],
      [],
      ["similarity_drop"],
      ["similarity_jump", "new_best", "first_success"],
      ["last", "submit"],
    ]);
    expect(track(resizingEpisode()).views.map(({ reasons }) => reasons)).toEqual([
      ["first", "resize"],
      ["similarity_jump", "new_best"],
      ["similarity_drop", "resize"],
      ["last", "resize"],
    ]);
  });

  it("calls few steps key where an agent gets better all the time", () => {
    const { views } = track(largeEpisode(200));
    const best = views.filter(({ reasons }) => reasons.includes("new_best"));
    expect(views.filter(({ similarity_change }) => similarity_change! > 0).length).toBeGreaterThan(60);
    expect(best.length).toBeGreaterThan(0);
    expect(best.length).toBeLessThan(10);
  });

  it("keeps at most a thousand key steps, evenly over the episode, and says how many there were", () => {
    const [start, ...rest] = paintingEpisode();
    const template = rest.find((record): record is StepRecord => record.type === "step")!;
    const steps = Array.from({ length: 50_000 }, (_, step): StepRecord => {
      const { selection: _selection, ...action } = template.action;
      // Up and down by more than a leap, each step; solved once.
      const info = { similarity: (step % 2) / 2, success: step === 7_777 };
      return { ...template, action, step, seq: step + 1, terminated: false, truncated: false, info };
    });
    const { summary } = track([start!, ...steps]);
    const { key_steps: kept, key_step_count: count } = summary;
    expect(count).toBe(50_000);
    expect(kept.length).toBeLessThanOrEqual(1_001);
    expect(kept.length).toBeGreaterThan(500);
    expect(kept.map(({ step }) => step)).toEqual(kept.map(({ step }) => step).sort((a, b) => a - b));
    const gaps = kept.map(({ step }, index) => step - (kept[index - 1]?.step ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(64);
    expect(kept[0]!.reasons).toContain("first");
    expect(kept.find(({ step }) => step === 7_777)?.reasons).toContain("first_success");
    expect(kept.at(-1)).toMatchObject({ step: 49_999, reasons: expect.arrayContaining(["last"]) });
    expect(track(paintingEpisode()).summary).not.toHaveProperty("key_step_count");
  });

  it("calls a step the first success where the producer says so or the grids are equal, not for a similarity alone", () => {
    const target = gridFromRows([[1, 2]]);
    const larger = gridFromRows([[1, 2, 3]]);
    const [start, first] = paintingEpisode() as [EpisodeStartRecord, StepRecord];
    const { selection: _selection, ...action } = first.action;
    const reasons = (after: Grid, info: StepRecord["info"] = {}) =>
      track([
        { ...start, initial: larger, input: larger, target },
        { ...first, action, after, info },
      ]).views[0]!.reasons;
    expect(reasons(larger)).not.toContain("first_success");
    expect(reasons(larger, { similarity: 1 })).not.toContain("first_success");
    expect(reasons(target)).toContain("first_success");
    expect(reasons(larger, { success: true })).toContain("first_success");
  });

  it("counts the steps that failed and those that changed nothing, but for submits", () => {
    const [start, first] = paintingEpisode() as [EpisodeStartRecord, StepRecord];
    const { selection: _selection, ...action } = first.action;
    const still = (operation: number, info: StepRecord["info"] = {}): StepRecord => ({
      ...first,
      action: { ...action, operation },
      after: start.initial,
      info,
    });
    const { summary } = track([
      start,
      still(3),
      still(30, { error: "clipboard is empty" }),
      still(34),
      still(4),
    ]);
    expect(summary).toMatchObject({ unchanged_steps: 2, failed_steps: 1 });
    expect(track([start, first]).summary).not.toHaveProperty("unchanged_steps");
  });

  it("ends with a summary that knows the last step", () => {
    const records = largeEpisode(20);
    const open = records.slice(0, -2);
    const { summary, views } = track(open);
    expect(summary.outcome).toBe("crashed");
    expect(summary.totals.steps).toBe(19);
    expect(summary.key_steps.at(-1)).toMatchObject({ step: 18, reasons: expect.arrayContaining(["last"]) });
    expect(summary.key_steps.filter(({ step }) => step === 18)).toHaveLength(1);
    expect(summary.final).toBe(views.at(-1)!.after);
    expect(summary.rewards).toHaveLength(19);
    expect(track(records).summary.outcome).toBe("failure");
  });

  it("prefers the producer's similarity, and takes NaN for unknown", () => {
    const [start, first, ...rest] = paintingEpisode();
    const claims = (similarity: number) => [
      start!,
      { ...(first as StepRecord), info: { similarity } },
      ...rest,
    ];
    expect(track(claims(0.25)).views[0]!.similarity).toBe(0.25);
    const { views, summary } = track(claims(Number.NaN));
    expect(views[0]).toMatchObject({ similarity: null, similarity_change: null, efficiency: null });
    expect(summary.similarities[0]).toBeNaN();
  });

  it("measures change from a given 'before' where it differs", () => {
    const [start, first, second, ...rest] = paintingEpisode() as [EpisodeRecord, StepRecord, StepRecord];
    const before = (start as { initial: Grid }).initial;
    const { views } = track([start, first, { ...second, before }, ...(rest as EpisodeRecord[])]);
    expect(views[1]!.before).toBe(before);
    expect(views[1]!.similarity_change).toBeCloseTo(8 / 9 - 4 / 9, 12);
  });

  it("is unchanged by a mask that does not fit", () => {
    const [start, first] = paintingEpisode() as [EpisodeRecord, StepRecord];
    const { tracker } = track([start]);
    const selection = { kind: "mask", mask: new Uint8Array(4) } as const;
    expect(() => tracker.step({ ...first, action: { operation: 1, selection } })).toThrow(
      expect.objectContaining({ code: "SELECTION_INVALID" }),
    );
    expect(tracker.totals.steps).toBe(0);
    expect(tracker.step(first).reasons).toContain("first");
  });
});

describe("reward outliers", () => {
  const outliers = (rewards: readonly number[]) => {
    const detector = new RewardOutlierDetector();
    return rewards.flatMap((reward, at) => (detector.add(reward) ? [at] : []));
  };

  it("are found among constant and among noisy rewards", () => {
    const constant = new Array<number>(40).fill(-0.01);
    constant[30] = 10;
    expect(outliers(constant)).toEqual([30]);
    const noisy = Array.from({ length: 200 }, (_, at) => Math.sin(at * 12.9898) * 0.5);
    expect(outliers(noisy)).toEqual([]);
    noisy[150] = 8;
    expect(outliers(noisy)).toEqual([150]);
  });

  it("are not found before there is something to compare with, and always where a reward is no number", () => {
    expect(outliers([0, 100, -100, 5])).toEqual([]);
    expect(outliers([0, Number.NaN, Number.POSITIVE_INFINITY])).toEqual([1, 2]);
  });
});
