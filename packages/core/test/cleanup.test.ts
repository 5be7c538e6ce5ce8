import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  applyCleanup,
  type CleanupStep,
  finishedRuns,
  inventoryOf,
  isRunLocked,
  lockRun,
  readManifest,
} from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { definePlugin, openRun, type Renderer, type Run } from "../src/index.js";

const PICTURE = 10_000;
const heavy = definePlugin({
  kind: "renderer",
  name: "heavy",
  create: (): Renderer => ({
    mediaType: "x",
    extension: "bin",
    kinds: ["step"],
    render: () => new Uint8Array(PICTURE),
  }),
});
const logging = { formats: { json: { _target_: "json", enabled: false } } };
const visualization = {
  debug_level: "verbose",
  output_formats: ["heavy"],
  renderers: { heavy: { _target_: "heavy" } },
} as const;

async function play(run: Run, episodes: number, steps = 5) {
  for (let index = 0; index < episodes; index++) {
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < steps; step++)
      episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: 0 });
    await episode.end();
    await run.flush({ outputs: true });
  }
}

describe("max_storage_gb", () => {
  const limited = async (policy: string) => {
    const disk = memoryDisk();
    const { logger, lines } = collectLines();
    const storage = { max_storage_gb: 200_000 / 1e9, cleanup_policy: policy };
    const options = runOptions(disk, { logger, plugins: [heavy] });
    const run = await openRun(testConfig({ logging, visualization, storage }), options);
    await play(run, 10);
    await run.close();
    const pictures = disk.files().filter((file) => file.endsWith(".bin"));
    const journals = disk.files().filter((file) => file.endsWith("journal.epi"));
    return { disk, run, lines, pictures, journals };
  };

  it("holds during the run: size_based gives up pictures and keeps every journal", async () => {
    const { disk, run, pictures, journals } = await limited("size_based");
    expect(pictures.length * PICTURE).toBeLessThanOrEqual(200_000);
    expect(pictures.length).toBeGreaterThan(5);
    expect(journals).toHaveLength(10);
    // What the manifest says of an episode is what is there.
    for (const episode of readManifest(disk.fs, run.dir)!.episodes) {
      const own = pictures.filter((file) => file.includes(`/${episode.dir}/`));
      expect(own.length).toBe(episode.pictures.count);
    }
    expect(disk.files().filter((file) => file.includes(".trash"))).toEqual([]);
  });

  it("holds during the run: oldest_first gives up the oldest episodes whole", async () => {
    const { disk, run, pictures, journals } = await limited("oldest_first");
    expect(pictures.length * PICTURE).toBeLessThanOrEqual(200_000);
    const left = readManifest(disk.fs, run.dir)!.episodes.map((episode) => episode.number);
    expect(left.at(-1)).toBe(10);
    expect(left).not.toContain(1);
    expect(journals).toHaveLength(left.length);
  });

  it("says when it deletes for the first time, and at the end how much, where and why", async () => {
    for (const [policy, what] of [
      ["size_based", /the pictures of \d episodes?, [\d.]+ (MB|bytes), in the run test/],
      ["oldest_first", /\d episodes?, [\d.]+ (MB|bytes), in the run test/],
    ] as const) {
      const { lines } = await limited(policy);
      const said = lines.filter((line) => line.includes("has deleted"));
      expect(said).toHaveLength(2);
      for (const line of said) {
        expect(line).toMatch(/^info .*storage\.max_storage_gb=0\.0002/);
        expect(line).toMatch(what);
      }
      // Our own deletion is not blamed on the disk.
      expect(lines.filter((line) => /ENOENT|cannot be written/.test(line))).toEqual([]);
    }
  });

  it("draws nothing into an episode that the cleanup has taken while its pictures waited", async () => {
    const disk = memoryDisk();
    const { logger, lines } = collectLines();
    const storage = { max_storage_gb: 30_000 / 1e9, cleanup_policy: "oldest_first" };
    const options = runOptions(disk, { logger, plugins: [heavy] });
    const run = await openRun(testConfig({ logging, visualization, storage }), options);
    for (let index = 0; index < 10; index++) {
      const episode = run.startEpisode({ taskId: "t", initial: blank, target });
      for (let step = 0; step < 5; step++)
        episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: 0 });
      void episode.end();
    }
    await run.close();
    expect(lines.filter((line) => /ENOENT|Check the path|the disk/.test(line))).toEqual([]);
    const listed = readManifest(disk.fs, run.dir)!.episodes.map(({ dir }) => dir);
    const drawn = disk.files().filter((file) => file.endsWith(".bin"));
    expect(drawn.filter((file) => !listed.some((dir) => file.includes(`/${dir}/`)))).toEqual([]);
  });

  it("stops drawing with manual, says once how to clean, and goes on logging", async () => {
    const { pictures, journals, lines } = await limited("manual");
    expect(journals).toHaveLength(10);
    expect(pictures.length).toBeLessThan(50);
    expect(lines.filter((line) => line.includes("episcope clean"))).toHaveLength(1);
  });

  it("says at the start, with manual, that the limit is exceeded already and how to clean", async () => {
    const disk = memoryDisk();
    const open = (run_name: string, limit: number, logger = collectLines().logger) => {
      const storage = { run_name, max_storage_gb: limit / 1e9, cleanup_policy: "manual" };
      const options = runOptions(disk, { logger, plugins: [heavy] });
      return openRun(testConfig({ logging, visualization, storage }), options);
    };
    const first = await open("first", 1e9);
    await play(first, 2);
    await first.close();
    const { logger, lines } = collectLines();
    const second = await open("second", 50_000, logger);
    await second.close();
    const [line, ...more] = lines.filter((text) => text.includes("is exceeded"));
    expect(more).toEqual([]);
    expect(line).toContain("storage.max_storage_gb=0.00005");
    expect(line).toContain("episcope clean storage.cleanup_policy=size_based");
  });

  it("counts the finished runs beside it, and cleans them up before it stops", async () => {
    const disk = memoryDisk();
    const config = (name: string, limit: number) =>
      testConfig({ logging, visualization, storage: { run_name: name, max_storage_gb: limit / 1e9 } });
    const first = await openRun(config("first", 1e9), runOptions(disk, { plugins: [heavy] }));
    await play(first, 4);
    await first.close();
    const second = await openRun(config("second", 100_000), runOptions(disk, { plugins: [heavy] }));
    await second.close();
    expect(disk.files().filter((file) => file.endsWith(".bin")).length * PICTURE).toBeLessThanOrEqual(
      100_000,
    );
    expect(readManifest(disk.fs, first.dir)!.episodes).toHaveLength(4);
  });
});

describe("min_free_gb", () => {
  it("stops drawing while the disk has less, and goes on when there is room again", async () => {
    const disk = memoryDisk();
    const { logger, lines } = collectLines();
    const clock = createManualClock(1);
    let free = 1e6;
    const statfsSync = () => ({ bavail: free, bsize: 1 });
    const watched = new Proxy(disk.fs, {
      get: (object, name) => (name === "statfsSync" ? statfsSync : Reflect.get(object, name)),
    });
    const options = { ...runOptions(disk, { logger, clock, plugins: [heavy] }), fs: watched };
    const config = testConfig({
      logging,
      visualization,
      storage: { min_free_gb: 0.01, cleanup_policy: "manual" },
    });
    const run = await openRun(config, options);
    await play(run, 1);
    expect(disk.files().filter((file) => file.endsWith(".bin"))).toHaveLength(0);
    free = 1e9;
    clock.advance(2);
    await play(run, 1);
    await run.close();
    expect(disk.files().filter((file) => file.endsWith(".bin"))).toHaveLength(5);
    expect(disk.files().filter((file) => file.endsWith("journal.epi"))).toHaveLength(2);
    expect(lines.filter((line) => line.includes("min_free_gb"))).toHaveLength(1);
  });
});

describe("deleting", () => {
  let base: string;
  let outside: string;

  beforeEach(async () => {
    base = fs.mkdtempSync(join(tmpdir(), "episcope-clean-"));
    outside = fs.mkdtempSync(join(tmpdir(), "episcope-outside-"));
    fs.mkdirSync(join(outside, "episode_0001"));
    fs.writeFileSync(join(outside, "episode_0001", "precious.txt"), "keep me");
    const config = testConfig({
      logging,
      visualization,
      storage: { base_output_dir: base, run_name: "run" },
    });
    const run = await openRun(config, { plugins: [heavy], logger: collectLines().logger, process: null });
    await play(run, 2);
    await run.close();
  });
  afterEach(() => {
    for (const dir of [base, outside]) fs.rmSync(dir, { recursive: true, force: true });
  });

  const step = (more: Partial<CleanupStep> = {}): CleanupStep => ({
    run: "run",
    episode: 1,
    what: "episode",
    bytes: 1,
    reason: "test",
    ...more,
  });
  const apply = (steps: CleanupStep[]) => {
    const codes: unknown[] = [];
    const freed = applyCleanup(steps, {
      fs,
      base,
      onError: (error) => codes.push((error as { code: string }).code),
    });
    return { freed, codes };
  };
  const precious = () => fs.readFileSync(join(outside, "episode_0001", "precious.txt"), "utf8");

  it("removes an episode and its line in the manifest, and leaves no trash", () => {
    expect(apply([step(), step({ episode: 2, what: "pictures" })])).toEqual({ freed: 2, codes: [] });
    expect(fs.readdirSync(base)).toEqual(["run"]);
    expect(fs.readdirSync(join(base, "run")).filter((name) => name.startsWith("episode"))).toEqual([
      "episode_0002",
    ]);
    expect(fs.readdirSync(join(base, "run/episode_0002"))).toEqual(["journal.epi"]);
    expect(
      readManifest(fs, join(base, "run"))!.episodes.map((one) => [one.number, one.pictures.bytes]),
    ).toEqual([[2, 0]]);
    expect(apply([step()]).codes).toEqual(["CLEANUP_REFUSED"]);
  });

  it.each(["../outside", "..", ".", "run/episode_0001", "/etc"])("refuses a run called %s", (run) => {
    expect(apply([step({ run })]).codes).toEqual(["CLEANUP_REFUSED"]);
  });

  it("touches nothing that no manifest lists", () => {
    fs.mkdirSync(join(base, "mine/episode_0001"), { recursive: true });
    fs.writeFileSync(join(base, "mine/episode_0001/notes.txt"), "x");
    expect(finishedRuns(fs, base).map((run) => run.name)).toEqual(["run"]);
    expect(apply([step({ run: "mine" }), step({ episode: 9 })]).codes).toEqual([
      "CLEANUP_REFUSED",
      "CLEANUP_REFUSED",
    ]);
    expect(fs.existsSync(join(base, "mine/episode_0001/notes.txt"))).toBe(true);
  });

  it("never goes through a link in the place of a run, an episode, or a picture", () => {
    fs.cpSync(join(base, "run"), join(outside, "copy"), { recursive: true });
    fs.symlinkSync(join(outside, "copy"), join(base, "linked"));
    expect(finishedRuns(fs, base).map((run) => run.name)).toEqual(["run"]);
    expect(apply([step({ run: "linked" })]).codes).toEqual(["CLEANUP_REFUSED"]);
    expect(fs.existsSync(join(outside, "copy/episode_0001/journal.epi"))).toBe(true);

    fs.rmSync(join(base, "run/episode_0001"), { recursive: true });
    fs.symlinkSync(join(outside, "episode_0001"), join(base, "run/episode_0001"));
    expect(apply([step(), step({ what: "pictures" })]).codes).toEqual(["CLEANUP_REFUSED", "CLEANUP_REFUSED"]);
    expect(precious()).toBe("keep me");

    fs.symlinkSync(join(outside, "episode_0001/precious.txt"), join(base, "run/episode_0002/step_099.bin"));
    fs.symlinkSync(join(outside, "episode_0001"), join(base, "run/episode_0002/folder"));
    expect(apply([step({ episode: 2 })]).codes).toEqual([]);
    expect(precious()).toBe("keep me");
  });

  it("leaves a run alone that a living process records, and takes one whose process is gone", () => {
    const dir = join(base, "run");
    lockRun(fs, dir);
    expect(() => lockRun(fs, dir)).toThrow(expect.objectContaining({ code: "RUN_IN_USE" }));
    expect(isRunLocked(fs, dir)).toBe(true);
    expect(finishedRuns(fs, base)).toEqual([]);
    expect(apply([step()]).codes).toEqual(["CLEANUP_REFUSED"]);
    // The pid of this process, but not the process that wrote it.
    fs.writeFileSync(join(dir, ".episcope/lock"), JSON.stringify({ pid: process.pid, started: "1" }));
    expect(isRunLocked(fs, dir)).toBe(!fs.existsSync("/proc"));
    fs.writeFileSync(join(dir, ".episcope/lock"), JSON.stringify({ pid: 2 ** 22 + 1, started: null }));
    expect(isRunLocked(fs, dir)).toBe(false);
    fs.writeFileSync(join(dir, ".episcope/lock"), "garbage");
    expect(isRunLocked(fs, dir)).toBe(true);
  });

  it("replaces the lock of a process that died before it had recorded anything", async () => {
    const dir = join(base, "again");
    fs.mkdirSync(join(dir, ".episcope"), { recursive: true });
    fs.writeFileSync(join(dir, ".episcope/lock"), JSON.stringify({ pid: 2 ** 22 + 1, started: null }));
    const config = testConfig({ logging, storage: { base_output_dir: base, run_name: "again" } });
    const options = { logger: collectLines().logger, plugins: [heavy], process: null };
    const run = await openRun(config, options);
    expect(isRunLocked(fs, dir)).toBe(true);
    await run.close();
    expect(fs.readdirSync(join(dir, ".episcope"))).not.toContain("lock");
  });

  it("locks a run while it deletes from it, and leaves it unlocked", () => {
    const seen: boolean[] = [];
    const watching = new Proxy(fs, {
      get(inner, name: keyof typeof fs) {
        if (name !== "renameSync") return inner[name];
        return (from: string, to: string) => {
          seen.push(isRunLocked(fs, join(base, "run")));
          inner.renameSync(from, to);
        };
      },
    });
    applyCleanup([step()], { fs: watching, base, onError: () => {} });
    expect(seen[0]).toBe(true);
    expect(isRunLocked(fs, join(base, "run"))).toBe(false);
  });

  it("finishes what a cleanup that died has left: trash, and an episode that is gone but listed", () => {
    fs.mkdirSync(join(base, `.trash-${2 ** 22 + 1}-abcdef`));
    fs.mkdirSync(join(base, ".trash-mine"));
    fs.rmSync(join(base, "run/episode_0001"), { recursive: true });
    expect(apply([step()])).toEqual({ freed: 0, codes: [] });
    expect(readManifest(fs, join(base, "run"))!.episodes.map((one) => one.number)).toEqual([2]);
    expect(fs.readdirSync(base).sort()).toEqual([".trash-mine", "run"]);
  });

  it("changes nothing outside in 1,000 races with one who swaps a directory for a link", () => {
    const link = join(outside, "link");
    for (let round = 0; round < 1_000; round++) {
      let calls = 0;
      // The attacker acts between two calls of ours, at another place in each round.
      const racing = new Proxy(fs, {
        get(object, name: string) {
          const member: unknown = Reflect.get(object, name);
          if (typeof member !== "function" || !name.endsWith("Sync")) return member;
          return (...args: unknown[]) => {
            if (++calls === (round % 40) + 1) {
              const victim = round % 2 === 0 ? join(base, "run") : join(base, "run/episode_0002");
              if (fs.existsSync(victim) && !fs.lstatSync(victim).isSymbolicLink()) {
                fs.renameSync(victim, `${victim}.moved`);
                fs.symlinkSync(outside, victim);
              }
            }
            return member.apply(object, args);
          };
        },
      });
      try {
        const what = round % 4 < 2 ? "episode" : "pictures";
        const steps = [step({ what }), step({ episode: 2, what })];
        applyCleanup(steps, { fs: racing, base, onError: () => {} });
      } catch {
        // The attacker may make it fail; it may not make it delete.
      }
      expect(precious()).toBe("keep me");
      fs.rmSync(link, { force: true });
      restore();
    }
  });

  /** Puts back what a round has moved or deleted. */
  function restore(): void {
    for (const victim of [join(base, "run"), join(base, "run/episode_0002")]) {
      if (fs.existsSync(`${victim}.moved`)) {
        fs.rmSync(victim, { force: true });
        fs.renameSync(`${victim}.moved`, victim);
      }
    }
  }
});

describe("a base directory with 10,000 episodes", () => {
  it("is taken stock of without walking it", () => {
    const disk = memoryDisk();
    const episode = (number: number) => ({
      number,
      dir: `episode_${number}`,
      files: [{ path: "journal.epi", bytes: 100, sha256: "" }],
      pictures: { count: 1, bytes: 1000 },
      totals: { steps: 1, reward: 0, final_similarity: null, best_similarity: null },
      outcome: "failure",
      started: number,
      ended: number,
    });
    for (let run = 0; run < 10; run++) {
      const episodes = Array.from({ length: 1000 }, (_, index) => episode(index + 1));
      disk.fs.mkdirSync(`/project/base/run${run}`, { recursive: true });
      const manifest = {
        episcope: 1,
        run: `run${run}`,
        run_id: "x",
        created: 0,
        complete: true,
        accounting: {},
        episodes,
      };
      disk.fs.writeFileSync(`/project/base/run${run}/manifest.json`, JSON.stringify(manifest));
    }
    let calls = 0;
    const counted = new Proxy(disk.fs, {
      get(object, name: string) {
        const member: unknown = Reflect.get(object, name);
        if (name.endsWith("Sync")) calls += 1;
        return member;
      },
    });
    const inventory = inventoryOf(finishedRuns(counted, "/project/base"));
    expect(inventory.totalBytes).toBe(10 * 1000 * 1100);
    expect(calls).toBeLessThan(50);
  });
});
