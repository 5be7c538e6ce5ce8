import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { openRun, PerformanceMonitor } from "../src/index.js";

function monitorOf(targetOverhead: number | null) {
  const clock = { ms: 0, now: () => 0, monotonic: () => clock.ms };
  const levels: string[] = [];
  const monitor = new PerformanceMonitor({
    clock,
    targetOverhead,
    onChange: ({ from, to }) => levels.push(`${from}-${to}`),
    memoryUsage: () => ({ rss: 7, heapUsed: 5 }),
  });
  /** So many seconds in which recording takes this share of the time. */
  const spend = (seconds: number, share: number) => {
    for (let tick = 0; tick < seconds * 10; tick++) {
      clock.ms += 100;
      monitor.addRecordingTime(100 * share);
    }
  };
  return { monitor, clock, levels, spend };
}

describe("the performance monitor", () => {
  it("gives the overhead as a ratio of totals", () => {
    const { monitor, clock } = monitorOf(null);
    for (let step = 0; step < 160; step++) {
      clock.ms += 9;
      const started = monitor.startStep();
      clock.ms += 1;
      if (started !== null) monitor.endStep(started);
    }
    const { overhead, steps, memory } = monitor.getPerformanceReport();
    expect(steps).toBe(160);
    expect(overhead).toBeCloseTo(0.1);
    expect(memory).toEqual({ rss: 7, rssPeak: 7, heapUsed: 5 });
  });

  it("gives up pictures of ordinary steps first, then detail, and takes both back when there is time again", () => {
    const { monitor, levels, spend } = monitorOf(0.1);
    spend(2, 0.05);
    expect(monitor.shouldReduceLogging()).toBe(false);
    spend(1, 0.5);
    expect([monitor.shouldReduceLogging(), monitor.detail]).toEqual([true, 1]);
    spend(5, 0.5);
    expect(monitor.detail).toBe(2);
    spend(5, 0.08);
    expect(monitor.detail).toBe(2);
    spend(10, 0.01);
    expect(monitor.detail).toBe(0);
    expect(levels).toEqual(["0-1", "1-2", "2-1", "1-0"]);
    expect(monitor.getPerformanceReport().changes).toHaveLength(4);
  });

  it("does the same for the same times, and never reduces without a target", () => {
    const changes = (targetOverhead: number | null) => {
      const { levels, spend } = monitorOf(targetOverhead);
      for (const share of [0.5, 0.01, 0.3, 0.02, 0.01]) spend(4, share);
      return levels;
    };
    expect(changes(0.1)).toEqual(changes(0.1));
    expect(changes(0.1).length).toBeGreaterThan(0);
    expect(changes(null)).toEqual([]);
  });

  it("measures a function of the producer, errors and promises too", async () => {
    const { monitor, clock } = monitorOf(null);
    const env = monitor.measureStepImpact("env.step", (ms: number) => {
      clock.ms += ms;
      monitor.addRecordingTime(1);
      if (ms > 50) throw new Error("too long");
      return ms;
    });
    expect(env(9)).toBe(9);
    expect(() => env(51)).toThrow("too long");
    expect(env.impact()).toEqual({ name: "env.step", calls: 2, totalMs: 60, recordingMs: 2 });
    const later = monitor.measureStepImpact("later", async () => {
      clock.ms += 5;
    });
    await later();
    expect(later.impact()).toMatchObject({ calls: 1, totalMs: 5 });
  });
});

describe("a run over its budget", () => {
  it("keeps every record and every key step's picture", async () => {
    const disk = memoryDisk();
    // A clock by which every look at it takes 50 ms: recording seems to take all the time.
    const clock = { ms: 0, now: () => 0, monotonic: () => (clock.ms += 50) };
    const config = testConfig({
      visualization: { debug_level: "verbose", output_formats: ["text"] },
      logging: {
        formats: { json: { _target_: "json", enabled: false } },
        performance_monitor: { target_overhead: 0.01 },
      },
    });
    const run = await openRun(config, runOptions(disk, { clock }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 200; step++) {
      episode.step({ action: { operation: 0 }, after: painted(1), reward: 0, terminated: step === 199 });
    }
    await episode.end();
    await run.close();
    const report = run.monitor.getPerformanceReport();
    expect(report.changes[0]).toMatchObject({ from: 0, to: 1 });
    expect(report.reduced).toBeGreaterThan(100);
    expect(run.stats().accounting["journal"]).toMatchObject({ accepted: 204, dropped: 0 });
    const pictures = disk.files().filter((file) => file.includes("step_"));
    expect(pictures).toContain("outputs/test/episode_0001/step_000.txt");
    expect(pictures).toContain("outputs/test/episode_0001/step_199.txt");
    expect(pictures.length).toBe(200 - report.reduced);
  });
});
