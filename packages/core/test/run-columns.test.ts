import { type EpisodeRecord, PADDING, type StepColumns } from "@episcope/records";
import { Replayer, RunReader } from "@episcope/records/store";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { runOptions } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { type EpiscopeConfig, openRun, type Run } from "../src/index.js";

const config: EpiscopeConfig = testConfig({
  logging: { formats: { json: { _target_: "json", enabled: false } } },
});

/** A grid of 1x2 in one of 2x2. */
const grid = (value: number): number[] => [value, value, PADDING, PADDING];

/** Two rows of two environments; both start before row 0, the first ends with row 0 and starts again behind row 1. */
const columns: StepColumns = {
  shape: [2, 2, 2, 2],
  time: 5,
  tasks: ["a", "b"],
  starts: {
    t: [0, 0, 1],
    env: [0, 1, 0],
    task: [0, 1, 1],
    pair: [0, 2, 0],
    initial: Uint8Array.from([...grid(1), ...grid(2), ...grid(3)]),
  },
  after: Uint8Array.from([...grid(4), ...grid(5), ...grid(6), ...grid(7)]),
  operation: [0, 1, 2, 3],
  mask: Uint8Array.of(0b10000000, 0b01000000, 0b01100000, 0b11110000),
  reward: [0.5, 1, 1.5, 2],
  priority: [0, 1, 2, 3],
  terminated: [1, 0, 0, 0],
};

async function withRun(use: (run: Run, disk: TestDisk) => Promise<void> | void): Promise<TestDisk> {
  const disk = memoryDisk();
  const run = await openRun(config, runOptions(disk));
  await use(run, disk);
  await run.close();
  return disk;
}

/** The records of each episode, without the times that a clock gave. */
function kept(disk: TestDisk): object[][] {
  const reader = new RunReader("/project/outputs/test", { fs: disk.fs });
  const replayer = new Replayer(reader);
  return reader.episodes.map(({ number }) =>
    [...replayer.records(number)].map(({ time: _time, ...record }: EpisodeRecord) => record),
  );
}

describe("columns of a run", () => {
  it("are recorded as their episodes, which go on from one call to the next", async () => {
    const disk = await withRun((run) => {
      expect(run.steps(columns)).toEqual({ accepted: 8, refused: 0, seq: 8, refusals: [] });
      const { starts: _, ...rest } = columns;
      expect(run.steps({ ...rest, terminated: [0, 0, 1, 1] })).toMatchObject({ accepted: 6, seq: 14 });
    });
    expect(kept(disk)).toMatchObject([
      [{ episode: "0-0", seq: 1 }, { step: 0 }, { outcome: "failure", totals: { steps: 1 } }],
      [{ episode: "1-0" }, { step: 0 }, { step: 1 }, { step: 2 }, { step: 3 }, { outcome: "failure" }],
      [
        { episode: "0-1" },
        { step: 0 },
        { step: 1 },
        { step: 2 },
        { outcome: "failure", totals: { steps: 3 } },
      ],
    ]);
    const [, second] = kept(disk);
    expect(second?.[1]).toMatchObject({
      action: { operation: 1, selection: { mask: Uint8Array.of(0, 1) } },
      after: { shape: [1, 2], data: Uint8Array.of(5, 5) },
      reward: 1,
    });
  });

  it("lose a wrong cell's step only, counted, and said where", async () => {
    await withRun((run) => {
      const result = run.steps({ ...columns, after: columns.after.with(4, 77) });
      expect(result).toMatchObject({ accepted: 7, refused: 1, refusals: [{ env: 1, t: 0, records: 1 }] });
      expect(run.stats()).toMatchObject({ refused: 1, problems: [{ error: { code: "GRID_INVALID" } }] });
    });
  });

  it("are refused as a whole, without a throw, where they are none", async () => {
    await withRun((run) => {
      expect(run.steps({ ...columns, reward: [] })).toMatchObject({
        accepted: 0,
        error: { code: "STEPS_INVALID" },
      });
      expect(run.steps(null as never)).toMatchObject({ accepted: 0, error: { code: "RECORD_INVALID" } });
      expect(run.stats()).toMatchObject({ refused: 2, episodes: 0 });
    });
  });

  it("are refused behind the end of the run", async () => {
    const disk = memoryDisk();
    const run = await openRun(config, runOptions(disk));
    await run.close();
    expect(run.steps(columns)).toMatchObject({ accepted: 0, error: { code: "RUN_CLOSED" } });
  });

  it("do not reach an episode of the program's own that has the same key", async () => {
    const disk = await withRun((run) => {
      const own = run.startEpisode({
        taskId: "t",
        initial: { shape: [1, 1], data: Uint8Array.of(0) },
        target: null,
        key: "1-0",
      });
      expect(run.steps(columns)).toMatchObject({
        accepted: 5,
        refused: 3,
        refusals: [
          { env: 1, records: 1, error: { code: "EPISODE_OPEN" } },
          { env: 1, records: 2, error: { code: "EPISODE_UNKNOWN" } },
        ],
      });
      expect(run.stats().refused).toBe(3);
      own.step({ action: { operation: 1 }, after: { shape: [1, 1], data: Uint8Array.of(1) }, reward: 0 });
    });
    expect(kept(disk)[0]).toMatchObject([{ episode: "1-0" }, { step: 0, reward: 0 }, { outcome: "aborted" }]);
  });

  it("are nothing to a run that records nothing", async () => {
    const idle = testConfig({
      visualization: { step_pictures: "none", summary_picture: false, state_dumps: false },
      logging: { structured_logging: false },
    });
    const run = await openRun(idle, { ...runOptions(memoryDisk()), logger: collectLines().logger });
    expect(run.steps(columns)).toMatchObject({ accepted: 4, refused: 0 });
    await run.close();
  });
});

describe("columns of an episode", () => {
  const { starts: _, tasks: _tasks, priority: _priority, ...rest } = columns;
  const rows: StepColumns = { ...rest, shape: [4, 1, 2, 2], terminated: [0, 0, 0, 1] };
  const START = { taskId: "t", initial: { shape: [1, 1], data: Uint8Array.of(0) }, target: null } as const;

  it("are its steps, before and behind steps that come one by one", async () => {
    const disk = await withRun(async (run) => {
      const episode = run.startEpisode(START);
      expect(episode.steps({ ...rows, terminated: [0, 0, 0, 0] })).toMatchObject({ accepted: 4, refused: 0 });
      expect(episode.steps({ ...rows, terminated: [0, 0, 0, 0] })).toMatchObject({ accepted: 4, refused: 0 });
      episode.step({ action: { operation: 1 }, after: { shape: [1, 1], data: Uint8Array.of(1) }, reward: 0 });
      // The grid before the first row is that of `step`, which only `before` can tell.
      expect(episode.steps(rows)).toMatchObject({ accepted: 3, refused: 1, refusals: [{ t: 0 }] });
      await episode.end();
    });
    const [records] = kept(disk);
    expect(records).toHaveLength(1 + 4 + 4 + 1 + 3 + 1);
    // The first mask is cut to the 1x1 grid that the episode began with, the others to grids of 1x2.
    const masks = records
      ?.slice(1, 5)
      .map((record) => (record as { action: { selection: { mask: object } } }).action.selection.mask);
    expect(masks).toEqual([Uint8Array.of(1), Uint8Array.of(0, 1), Uint8Array.of(0, 1), Uint8Array.of(1, 1)]);
    expect(records?.at(-1)).toMatchObject({ outcome: "failure", totals: { steps: 12 } });
  });

  it("take a `before` where steps came one by one", async () => {
    await withRun((run) => {
      const episode = run.startEpisode(START);
      episode.step({ action: { operation: 1 }, after: { shape: [1, 1], data: Uint8Array.of(1) }, reward: 0 });
      const before = new Uint8Array(16).fill(PADDING);
      before[0] = 1;
      expect(episode.steps({ ...rows, before })).toMatchObject({ accepted: 4, refused: 0 });
    });
  });

  it("are of one environment, and start nothing", async () => {
    await withRun((run) => {
      const episode = run.startEpisode(START);
      for (const wrong of [columns, { ...rows, starts: columns.starts! }, null as never])
        expect(episode.steps(wrong)).toMatchObject({ accepted: 0, error: expect.anything() });
      expect(episode.steps(columns).error?.code).toBe("STEPS_INVALID");
    });
  });
});
