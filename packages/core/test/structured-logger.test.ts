import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { openRun } from "../src/index.js";

const action = { operation: 2, selection: { kind: "point", point: [0, 1] } } as const;

describe("an episode of a run that goes on", () => {
  it("is loaded as far as it has come, and whole when it has ended", async () => {
    await using run = await openRun(testConfig(), runOptions(memoryDisk()));
    const episode = run.startEpisode({ taskId: "a1b2", initial: blank, target });
    episode.step({ action, after: painted(2), reward: 0.5 });
    episode.step({ action, after: painted(4), reward: 0.5 });
    const soFar = run.loadEpisode(episode.number);
    expect(soFar).toMatchObject({ task_id: "a1b2", outcome: "crashed", total_steps: 2, total_reward: 1 });
    expect(soFar.config_hash).toBe(run.configHash);
    await episode.end({ outcome: "success" });
    const whole = run.loadEpisode(episode.number);
    expect(whole).toEqual({ ...soFar, outcome: "success", end_timestamp: whole.end_timestamp });
    expect(whole.steps[1]).toMatchObject({
      before_state: {
        grid: [
          [1, 1],
          [0, 0],
        ],
      },
      after_state: {
        grid: [
          [1, 1],
          [1, 1],
        ],
      },
      action: { operation: 2, selection: { kind: "point", point: [0, 1] } },
    });
    await run.flush({ outputs: true });
    expect(run.stats().accounting.journal).toMatchObject({ accepted: 5, written: 5, dropped: 0 });
  });

  it("is not there where there is none, or where no journal is kept", async () => {
    await using run = await openRun(testConfig(), runOptions(memoryDisk()));
    expect(() => run.loadEpisode(1)).toThrow(expect.objectContaining({ code: "EPISODE_NOT_FOUND" }));
    const config = testConfig({ logging: { structured_logging: false } });
    await using unlogged = await openRun(config, runOptions(memoryDisk()));
    const episode = unlogged.startEpisode({ taskId: "t", initial: blank, target });
    expect(() => unlogged.loadEpisode(episode.number)).toThrow(
      expect.objectContaining({ code: "EPISODE_NOT_FOUND" }),
    );
  });
});
