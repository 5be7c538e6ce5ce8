import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { JournalReader } from "../src/episode/journal/journal-reader.js";
import { readManifest } from "../src/episode/manifest.js";
import {
  createGrid,
  type EpiscopeConfig,
  type OpenRunOptions,
  openRun,
  type Run,
  RunReader,
  type StepInput,
  verifyRun,
} from "../src/index.js";
import { input } from "./arbitrary-steps.js";
import { blank, collectLines, painted, target, testClock, testConfig } from "./fixtures/run-fixture.js";

const folder = fs.mkdtempSync(join(tmpdir(), "episcope-ring-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let runs = 0;
type AsyncLoggerChanges = Partial<EpiscopeConfig["logging"]["async_logger"]>;

/** A run that keeps the log only. */
function open(
  asyncLogger: AsyncLoggerChanges,
  storage: Partial<EpiscopeConfig["storage"]> = {},
  options: OpenRunOptions = {},
): Promise<Run> {
  runs += 1;
  const config = testConfig({
    logging: {
      formats: { json: { _target_: "json", enabled: false } },
      include_full_states: true,
      async_logger: { worker_threads: 1, ...asyncLogger },
    },
    storage: { base_output_dir: folder, run_name: `run-${runs}`, ...storage },
  });
  return openRun(config, { logger: collectLines().logger, clock: testClock(), process: null, ...options });
}

function recordsOf(run: Run, episode: number) {
  const name = `episode_${String(episode).padStart(4, "0")}`;
  using reader = new JournalReader(join(run.dir, name, "journal.epi"), { fs });
  const records = [...reader.records()];
  return { records, problems: reader.problems };
}

function stepsOf(run: Run, episode = 1) {
  return recordsOf(run, episode).records.filter((record) => record.type === "step");
}

const plain = (step: number): StepInput => ({
  action: { operation: step % 35 },
  after: painted(step % 4),
  reward: step,
});

describe("a pipeline in a thread of its own", { timeout: 120_000 }, () => {
  it("takes or refuses each step, and stores it, as one in the producer's thread does", async () => {
    const both = [await open({ worker_threads: 0 }), await open({})];
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
      expect(recordsOf(there, episode)).toEqual(recordsOf(here, episode));
  });

  it("takes a foreign stream: steps out of order, metrics, batches, ends with totals of their own", async () => {
    const both = [await open({ worker_threads: 0 }), await open({})];
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
    expect(recordsOf(there, 1)).toEqual(recordsOf(here, 1));
    expect(stepsOf(there).map(({ step }) => step)).toEqual([3, 4, 9, 2]);
  });

  it("blocks where its ring is full, and loses nothing", async () => {
    const run = await open({ queue_size: 16 });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 5_000; step++) episode.step(plain(step));
    await run.flush();
    expect(run.acknowledged).toBe(5_001);
    expect(run.stats().accounting["journal"]).toEqual({
      accepted: 5_002,
      written: 5_002,
      dropped: 0,
      reasons: {},
    });
    await run.close();
    expect(stepsOf(run).map(({ reward }) => reward)).toEqual(
      Array.from({ length: 5_000 }, (_, step) => step),
    );
  });

  it("gives an open episode as far as it has come", async () => {
    const run = await open({ batch_size: 1_000 });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 7; step++) episode.step(plain(step));
    expect(run.loadEpisode(1).steps).toHaveLength(7);
    expect(() => run.loadEpisode(2)).toThrow(expect.objectContaining({ code: "EPISODE_NOT_FOUND" }));
    await run.close();
  });

  it("has a step on the disk when it returns, with durability 'step'", async () => {
    const run = await open({ batch_size: 1_000 }, { durability: "step" });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 20; step++) {
      const { seq } = episode.step(plain(step));
      expect(run.acknowledged).toBe(seq);
      expect(stepsOf(run)).toHaveLength(step + 1);
    }
    await run.close();
  });

  it.each(["exits", "hangs"])("that is lost because a policy in it %s keeps every step", async (how) => {
    // A directory of its own: the policy is asked at the start, too.
    const base_output_dir = join(folder, how);
    const policies = { fatal: { _target_: `./plugins/fatal-policy.mjs#${how}` } };
    const { lines, logger } = collectLines();
    const run = await open(
      { queue_size: 64, worker_timeout: 1 },
      { base_output_dir, cleanup_policy: "fatal", policies, max_storage_gb: 1e-9 },
      { cwd: join(import.meta.dirname, "fixtures"), allowPlugins: ["."], logger },
    );
    const [one, two] = ["a", "b"].map((key) =>
      run.startEpisode({ taskId: key, initial: blank, target, key }),
    );
    for (let step = 0; step < 50; step++) two!.step(plain(step));
    for (let step = 0; step < 50; step++) one!.step(plain(step));
    // Listing the episode asks the policy.
    const ended = one!.end();
    for (let step = 50; step < 2_000; step++) two!.step(plain(step));
    await ended;
    await two!.end({ outcome: "failure" });
    expect(run.startEpisode({ taskId: "later", initial: blank, target }).step(plain(0)).accepted).toBe(true);
    const failure = await run.close().catch((error: unknown) => error);
    expect(failure === undefined || failure instanceof Error).toBe(true);
    expect(lines.join("\n")).toContain("the journal is kept, drawing and sinks are not");
    expect(stepsOf(run, 1).map(({ reward }) => reward)).toEqual(
      Array.from({ length: 50 }, (_, step) => step),
    );
    expect(stepsOf(run, 2).map(({ reward }) => reward)).toEqual(
      Array.from({ length: 2_000 }, (_, step) => step),
    );
    expect(stepsOf(run, 3)).toHaveLength(1);
    const { journal } = run.stats().accounting;
    expect(journal).toMatchObject({ dropped: 0 });
    expect(journal!.written).toBe(journal!.accepted);
    expect(readManifest(fs, run.dir)?.episodes.map(({ outcome }) => outcome)).toEqual([
      "aborted",
      "failure",
      "aborted",
    ]);
    const report = verifyRun(new RunReader(run.dir, { fs }), { fs });
    expect(report.findings).toEqual([]);
  });
});
