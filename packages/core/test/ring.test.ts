import fs from "node:fs";
import { createGrid } from "@episcope/records";
import { RunReader, readManifest } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { blank, painted, target } from "@episcope/testing/small-run";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { OpenRunOptions, Run, StepInput } from "../src/index.js";
import { input } from "./arbitrary-steps.js";
import { plain, recordsOf, ringRuns, stepsOf } from "./fixtures/ring-runs.js";

const { open } = ringRuns("ring");

describe("a pipeline in a thread of its own", { timeout: 300_000 }, () => {
  it("takes or refuses each step, and stores it, as one in the producer's thread does", async () => {
    const options = { clock: createManualClock() };
    const both = [await open({ asyncLogger: { worker_threads: 0 }, options }), await open({ options })];
    const samples = fc.sample(fc.array(input, { maxLength: 12 }), 300);
    const more: StepInput[][] = [
      // Larger than a slot: side channel.
      [
        { ...plain(0), after: createGrid(64, 64, 7) },
        { ...plain(1), before: createGrid(64, 64, 7) },
        plain(2),
      ],
      [
        { ...plain(0), before: painted(2) },
        { ...plain(1), before: blank },
        { ...plain(2), state: { deep: [1] } },
      ],
      [
        { ...plain(0), info: { text: "x".repeat(2_000) } },
        { ...plain(1), info: { text: "a\ud800b", other: "añ" } },
      ],
      // More shapes of `info` than are learned, and one with many members.
      Array.from({ length: 80 }, (_, step) => ({
        ...plain(step),
        info: { [`name${step}`]: step, on: true },
      })),
      [
        {
          ...plain(0),
          info: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, index])),
        },
      ],
      [
        { ...plain(0), info: { metrics: {}, similarity: 0.5 } },
        { ...plain(1), info: { metrics: { loss: 1 }, similarity: Number.NaN } },
        { ...plain(2), info: { loss: 1, metrics: {} } },
      ],
      // Views that begin anywhere in a larger buffer.
      Array.from({ length: 9 }, (_, shift) => {
        const bytes = new Uint8Array(32).map((_, index) => index % 10);
        const mask = {
          kind: "mask" as const,
          mask: new Uint8Array(32).fill(1, shift).subarray(8 - shift, 12 - shift),
        };
        return {
          action: { operation: 1, selection: mask },
          after: { shape: [2, 2], data: bytes.subarray(shift, shift + 4) },
          reward: -0,
        } as StepInput;
      }),
    ];
    let refused = 0;
    for (const inputs of [...samples, ...more]) {
      const [here, there] = both.map((run) => {
        const episode = run.startEpisode({ taskId: "t", initial: blank, target });
        const results = inputs.map((one) => episode.step(one));
        void episode.end();
        return results.map(({ accepted, error }) => ({ accepted, error: error?.message }));
      });
      expect(there).toEqual(here);
      refused += here!.filter(({ accepted }) => !accepted).length;
    }
    expect(refused).toBeGreaterThan(100);
    await Promise.all(both.map((run) => run.close()));
    const [here, there] = both as [Run, Run];
    expect(there.stats()).toMatchObject({ ...here.stats(), problems: expect.anything() });
    for (let episode = 1; episode <= samples.length + more.length; episode++)
      expect(recordsOf(there.dir, episode)).toEqual(recordsOf(here.dir, episode));
  });

  it("takes a foreign stream: steps out of order, metrics, batches, ends with totals of their own", async () => {
    const options = { clock: createManualClock() };
    const both = [await open({ asyncLogger: { worker_threads: 0 }, options }), await open({ options })];
    for (const run of both) {
      run.record({ type: "run-start", seq: 0, run: "theirs", time: 1, config_hash: "x", meta: { a: 1 } });
      const place = { episode: "env-7", time: 2, task_id: "t", pair_index: 0, mode: "train" } as const;
      run.record({ type: "episode-start", seq: 1, ...place, initial: blank, target: null, meta: {} });
      for (const [index, step] of [3, 4, 9, 2].entries()) {
        const { action, after, reward } = plain(step);
        const told = { terminated: false, truncated: step === 2, info: { n: step } };
        run.record({
          type: "step",
          seq: 10 + index,
          episode: "env-7",
          step,
          time: 3,
          action,
          after,
          reward,
          ...told,
        });
      }
      run.record({ type: "metrics", seq: 20, time: 4, step: 1, values: { loss: 0.5 } });
      const totals = { steps: 4, reward: 18, final_similarity: null, best_similarity: null };
      run.record({ type: "episode-end", seq: 21, episode: "env-7", time: 5, outcome: "truncated", totals });
      await run.close();
    }
    const [here, there] = both as [Run, Run];
    expect(recordsOf(there.dir, 1)).toEqual(recordsOf(here.dir, 1));
    expect(stepsOf(there.dir).map(({ step }) => step)).toEqual([3, 4, 9, 2]);
  });

  it("blocks where its ring is full, and loses nothing", async () => {
    const run = await open({ asyncLogger: { queue_size: 16 } });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 5_000; step++) episode.step(plain(step));
    await run.flush({ outputs: true });
    expect(run.acknowledged).toBe(5_001);
    expect(run.stats().accounting["journal"]).toEqual({
      accepted: 5_002,
      written: 5_002,
      dropped: 0,
      reasons: {},
    });
    await run.close();
    expect(stepsOf(run.dir).map(({ reward }) => reward)).toEqual(
      Array.from({ length: 5_000 }, (_, step) => step),
    );
  });

  it("gives an open episode as far as it has come", async () => {
    const run = await open({ asyncLogger: { batch_size: 1_000 } });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 7; step++) episode.step(plain(step));
    expect(run.loadEpisode(1).steps).toHaveLength(7);
    expect(() => run.loadEpisode(2)).toThrow(expect.objectContaining({ code: "EPISODE_NOT_FOUND" }));
    await run.close();
  });

  it("has a step on the disk when it returns, with durability 'step'", async () => {
    const run = await open({ asyncLogger: { batch_size: 1_000 }, storage: { durability: "step" } });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 20; step++) {
      const { seq } = episode.step(plain(step));
      expect(run.acknowledged).toBe(seq);
      const written = [...new RunReader(run.dir, { fs }).records(1)];
      expect(written.filter(({ type }) => type === "step")).toHaveLength(step + 1);
    }
    await run.close();
    expect(stepsOf(run.dir)).toHaveLength(20);
  });

  it("tells of its sinks what one in the producer's thread tells, without being asked", async () => {
    const warnings: [string, unknown][] = [];
    const { logger } = collectLines();
    const run = await open({
      asyncLogger: { flush_interval: 0.05, batch_size: 2 },
      logging: { sinks: { bad: { _target_: "./plugins/unruly-sink.ts", how: "throw-always" } } },
      options: { logger: { ...logger, warn: (message, fields) => warnings.push([message, fields]) } },
    });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 6; step++) episode.step(plain(step));
    await vi.waitFor(() => {
      const { accounting, problems } = run.stats();
      expect(accounting["journal"]).toMatchObject({ accepted: 8, written: 8 });
      expect(accounting["logging.sinks.bad"]).toMatchObject({ accepted: 6, written: 0 });
      expect(problems).toContainEqual(
        expect.objectContaining({
          source: "logging.sinks.bad",
          error: expect.objectContaining({ code: "SINK_FAILED" }),
        }),
      );
    });
    expect(warnings.map(([, fields]) => fields)).toContainEqual(
      expect.objectContaining({ code: "SINK_FAILED", source: "logging.sinks.bad" }),
    );
    await run.close();
    await run.close();
  });

  it("waits as long for a sink that hangs as the sink has, and lives on", async () => {
    const run = await open({
      asyncLogger: { queue_size: 16, worker_timeout: 1, batch_size: 4 },
      logging: {
        sinks: { slow: { _target_: "./plugins/plain-sink.mjs", hangs: true, overflow: "block" } },
      },
    });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 200; step++) episode.step(plain(step));
    await run.flush({ outputs: true });
    await episode.end();
    await run.close();
    const codes = run.stats().problems.map(({ error }) => (error as { code?: string }).code);
    expect(codes).toContain("SINK_QUARANTINED");
    expect(codes).not.toContain("PIPELINE_ENDED");
    expect(stepsOf(run.dir)).toHaveLength(200);
  });

  it("that has closed its files is not waited for when the process ends", async () => {
    const listeners = new Map<string, () => void>();
    const events: NonNullable<OpenRunOptions["process"]> = {
      ...{ pid: 0, off: () => {}, listenerCount: () => 0, kill: () => {}, exit: () => {} },
      on: (event, listener) => void listeners.set(event, listener),
    };
    const run = await open({ options: { process: events } });
    run.startEpisode({ taskId: "t", initial: blank, target }).step(plain(0));
    const closed = run.close();
    const isClosed = () => readManifest(fs, run.dir)?.complete === true;
    // This thread is busy until the other one has closed, and a while longer.
    for (let looks = 0; looks < 50; looks++) {
      for (const until = performance.now() + 10_000; !isClosed() && performance.now() < until; );
      const start = performance.now();
      listeners.get("exit")?.();
      expect(performance.now() - start).toBeLessThan(5_000);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
    await closed;
    expect(run.stats().problems).toEqual([]);
  });
});
