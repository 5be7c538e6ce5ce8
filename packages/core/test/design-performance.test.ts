// The performance tests of the original design, by its names, at a size for every day. The large ones are rows of
// `npm run faults` (Q3, Q6, Q7) and `npm run bench -- pipeline`.
import * as realFs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  applyCleanup,
  type CleanupPolicy,
  finishedRuns,
  inventoryOf,
  type ManifestEpisode,
  RunReader,
  readManifest,
  writeManifest,
} from "@episcope/records/store";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, target } from "@episcope/testing/small-run";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Episode, openRun, type StepInput } from "../src/index.js";
// Inside: core exports no built-in plugin; configs name them.
import { oldestFirst, sizeBased } from "../src/plugins/cleanup-policies.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const START = { taskId: "t", initial: blank, target };
const MASK = { kind: "mask", mask: Uint8Array.from(blank.data, (_, cell) => cell % 2) } as const;
const INPUTS: readonly StepInput[] = Array.from({ length: 5 }, (_, color) => ({
  action: { operation: color, selection: MASK },
  after: painted(color),
  reward: color / 4,
  info: { similarity: color / 8 },
}));

let base: string;

beforeEach(() => {
  base = realFs.mkdtempSync(join(tmpdir(), "episcope-design-"));
});

afterEach(() => realFs.rmSync(base, { recursive: true, force: true }));

const openHere = (run_name: string) =>
  openRun(
    testConfig({
      logging: { formats: { json: { _target_: "json", enabled: false } }, async_logger: { batch_size: 100 } },
      storage: { base_output_dir: base, run_name },
    }),
    { logger: collectLines().logger, process: null },
  );

/** Steps from `first` on; each is taken. */
function record(episode: Episode, first: number, count: number): void {
  let refused = 0;
  for (let step = first; step < first + count; step++)
    if (!episode.step(INPUTS[step % 5]!).accepted) refused += 1;
  expect(refused).toBe(0);
}

/** Bytes that are held, on the heap and beside it. */
function held(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe("memory leak detection", () => {
  it("finds the heap flat over 20 open/close cycles", async () => {
    const cycle = async (name: string) => {
      const run = await openHere(name);
      const episode = run.startEpisode(START);
      record(episode, 0, 100);
      await episode.end();
      await run.close();
      realFs.rmSync(run.dir, { recursive: true });
    };
    // Code is compiled and caches are filled at first.
    for (let index = 0; index < 30; index++) await cycle(`warm${index}`);
    const before = held();
    for (let index = 0; index < 20; index++) await cycle(`run${index}`);
    // A run that stayed would hold its buffers, more than 100 kB each.
    expect((held() - before) / 20).toBeLessThan(50_000);
  });

  it("finds the heap flat over the steps of an episode, but for the two curves of its summary", async () => {
    const run = await openHere("long");
    const episode = run.startEpisode(START);
    record(episode, 0, 20_000);
    await run.flush({ outputs: true });
    const before = held();
    record(episode, 20_000, 100_000);
    await run.flush({ outputs: true });
    // Two numbers a step are 1.6 MB, in arrays that double. All these steps are key steps, whose grids would be 90 MB.
    expect(held() - before).toBeLessThan(2_500_000);
    await episode.end();
    await run.close();
  });
});

describe("garbage collection effectiveness", () => {
  it("causes hardly any garbage collections while 20,000 steps are recorded", async () => {
    let collections = 0;
    const observer = new PerformanceObserver((list) => {
      collections += list.getEntries().length;
    });
    const run = await openHere("gc");
    const episode = run.startEpisode(START);
    record(episode, 0, 20_000);
    collect();
    observer.observe({ entryTypes: ["gc"] });
    record(episode, 20_000, 20_000);
    // What the loop has caused is told after it.
    await new Promise((resolve) => setTimeout(resolve, 10));
    observer.disconnect();
    await episode.end();
    await run.close();
    expect(collections).toBeLessThanOrEqual(5);
  });
});

describe("storage cleanup efficiency", () => {
  it.each([
    ["oldest_first", oldestFirst],
    ["size_based", sizeBased],
  ])("%s plans and deletes half of 10,000 episodes, and writes the manifest once", (_name, policy) => {
    const disk = memoryDisk();
    const runDir = "/project/outputs/run";
    const totals = { steps: 1, reward: 0, final_similarity: null, best_similarity: null };
    const episodes = Array.from({ length: 10_000 }, (_, index): ManifestEpisode => {
      const dir = `episode_${index + 1}`;
      disk.fs.mkdirSync(`${runDir}/${dir}`, { recursive: true });
      disk.fs.writeFileSync(`${runDir}/${dir}/journal.epi`, "x");
      const head = {
        number: index + 1,
        key: `${index}`,
        task_id: "t",
        pair_index: 0,
        mode: "train",
      } as const;
      const files = [{ path: "journal.epi", bytes: 1000, sha256: "" }];
      const end = { outcome: "failure", started: index, ended: index + 1 } as const;
      return { ...head, ...end, totals, dir, files, pictures: { count: 0, bytes: 0 } };
    });
    const head = { episcope: 1, run: "run", run_id: "id", created: 0, complete: true, accounting: {} };
    writeManifest(disk.fs, runDir, { ...head, episodes });
    let written = 0;
    const fs = new Proxy(disk.fs, {
      get(inner, name: string) {
        if (name !== "renameSync") return Reflect.get(inner, name);
        return (from: string, to: string) => {
          if (String(to).endsWith("manifest.json")) written += 1;
          inner.renameSync(from, to);
        };
      },
    });
    const inventory = inventoryOf(finishedRuns(fs, "/project/outputs"));
    const { plan } = policy.create({}, undefined as never) as CleanupPolicy;
    const steps = plan(inventory, { maxBytes: inventory.totalBytes / 2 }, 1e6);
    expect(steps).toHaveLength(5_000);
    const freed = applyCleanup(steps, {
      fs,
      base: "/project/outputs",
      onError: (error) => {
        throw error;
      },
    });
    expect(freed).toBe(5_000_000);
    expect(written).toBe(1);
    const left = readManifest(fs, runDir)!.episodes.map(({ number }) => number);
    expect(left).toEqual(Array.from({ length: 5_000 }, (_, index) => 5_001 + index));
    expect(disk.fs.existsSync(`${runDir}/episode_5000`)).toBe(false);
    expect(disk.fs.existsSync(`${runDir}/episode_5001`)).toBe(true);
  });
});

describe("large episode handling", () => {
  it("keeps an episode of 1,000 steps and more, and finds any step of it", async () => {
    const run = await openHere("large");
    const episode = run.startEpisode(START);
    record(episode, 0, 1_500);
    await episode.end();
    await run.close();
    using journal = new RunReader(run.dir, { fs: realFs }).openJournal(1);
    expect(journal.index.steps).toBe(1_500);
    for (const wanted of [0, 63, 64, 999, 1_499]) {
      const found = journal.step(wanted)!;
      expect(found.record.step).toBe(wanted);
      expect(found.record.after).toEqual(painted(wanted % 5));
      expect(found.record.action.operation).toBe(wanted % 5);
    }
  });
});

describe("multiple concurrent episodes", () => {
  it("gives each of 64 interleaved episodes the journal of one recorded alone", async () => {
    const journals = async (name: string, atOnce: number): Promise<unknown[]> => {
      const run = await openHere(name);
      for (let first = 0; first < 64; first += atOnce) {
        const open = Array.from({ length: atOnce }, (_, index) =>
          run.startEpisode({ ...START, key: `env${first + index}` }),
        );
        for (let step = 0; step < 20; step++)
          for (const episode of open) record(episode, step * episode.number, 1);
        for (const episode of open) await episode.end();
      }
      await run.close();
      const reader = new RunReader(run.dir, { fs: realFs });
      return reader.episodes.map(({ number }) =>
        [...reader.records(number)].map(({ seq: _seq, time: _time, ...rest }) => rest),
      );
    };
    const alone = await journals("alone", 1);
    expect(alone).toHaveLength(64);
    expect(await journals("interleaved", 64)).toEqual(alone);
  });
});
