import { createGrid, type Grid, type StepRecord } from "@episcope/records";
import { JournalReader, readManifest } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target, textRenderer } from "@episcope/testing/small-run";
import { describe, expect, it, vi } from "vitest";
import { openRun } from "../src/index.js";

const JOURNAL = "/project/outputs/test/episode_0001/journal.epi";
const logging = { formats: { json: { _target_: "json", enabled: false } }, async_logger: { batch_size: 1 } };

async function setUp(changes: Parameters<typeof testConfig>[0] = {}) {
  const disk = memoryDisk();
  const calls: string[] = [];
  const faulty = faultyFs(disk.fs, (call) => void calls.push(call));
  const clock = createManualClock();
  const { logger, lines } = collectLines();
  const options = { ...runOptions(disk, { logger, clock, plugins: [textRenderer] }), fs: faulty.fs };
  const run = await openRun(testConfig({ logging, ...changes }), options);
  return { disk, faulty, calls, clock, lines, run };
}

function stepsOf(disk: ReturnType<typeof memoryDisk>, path = JOURNAL) {
  using reader = new JournalReader(path, { fs: disk.fs });
  const records = [...reader.records()].filter((record): record is StepRecord => record.type === "step");
  expect(reader.problems).toEqual([]);
  return records;
}

const step = (after: Grid) => ({ action: { operation: 0 }, after, reward: 0 });

describe("a full disk", () => {
  it("holds records until space returns, says so once a second, and loses nothing of what it held", async () => {
    const { disk, faulty, clock, lines, run } = await setUp();
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    episode.step(step(painted(1)));
    faulty.rule = (call) => (call === "writeSync" ? "ENOSPC" : undefined);
    for (let index = 0; index < 10; index++)
      expect(episode.step(step(painted(index % 4))).accepted).toBe(true);
    await expect(run.flush({ outputs: true })).rejects.toMatchObject({ code: "DISK_SPACE" });
    expect(run.acknowledged).toBe(2);
    faulty.rule = () => undefined;
    clock.advance(1);
    episode.step(step(painted(4)));
    await run.flush({ outputs: true });
    expect(run.acknowledged).toBe(13);
    await episode.end();
    await run.close();
    expect(stepsOf(disk).map((record) => record.step)).toEqual(
      Array.from({ length: 12 }, (_, index) => index),
    );
    expect(run.stats().accounting["journal"]).toMatchObject({ dropped: 0 });
    const told = lines.filter((line) => line.startsWith("warn") && line.includes("no space is left"));
    expect(told).toHaveLength(1);
  });

  it("brings the records of this run's episodes into no danger, whatever the cleanup policy", async () => {
    for (const cleanup_policy of ["oldest_first", "size_based"]) {
      const { disk, faulty, clock, run } = await setUp({ storage: { cleanup_policy } });
      const first = run.startEpisode({ taskId: "t", initial: blank, target });
      for (let index = 0; index < 5; index++) first.step(step(painted(index)));
      await first.end();
      await run.flush({ outputs: true });
      const acknowledged = run.acknowledged;
      faulty.rule = (call) => (call === "writeSync" ? "ENOSPC" : undefined);
      const second = run.startEpisode({ taskId: "t", initial: blank, target });
      second.step(step(painted(1)));
      faulty.rule = () => undefined;
      clock.advance(1);
      await second.end();
      await run.close();
      expect(run.acknowledged).toBeGreaterThan(acknowledged);
      expect(stepsOf(disk)).toHaveLength(5);
      expect(readManifest(disk.fs, run.dir)?.episodes.map(({ number }) => number)).toEqual([1, 2]);
    }
  });

  it("gives up other runs first, says which and how much, and goes on at once", async () => {
    const disk = memoryDisk();
    const faulty = faultyFs(disk.fs);
    const { logger, lines } = collectLines();
    const options = { ...runOptions(disk, { logger }), fs: faulty.fs };
    const open = (run_name: string) =>
      openRun(testConfig({ logging, storage: { run_name, cleanup_policy: "oldest_first" } }), options);
    const old = await open("old");
    for (let count = 0; count < 2; count++) {
      const episode = old.startEpisode({ taskId: "t", initial: blank, target });
      episode.step(step(painted(1)));
      await episode.end();
    }
    await old.close();
    const run = await open("new");
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    let full = true;
    faulty.rule = (call) => {
      if (call !== "writeSync" || !full) return undefined;
      full = false;
      return "ENOSPC";
    };
    const { seq } = episode.step(step(painted(1)));
    expect(run.acknowledged).toBe(seq);
    expect(readManifest(disk.fs, old.dir)?.episodes.map(({ number }) => number)).toEqual([2]);
    const told = lines.filter((line) => line.includes("the disk is full"));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /cleanup_policy=oldest_first has deleted 1 episode, \d+ bytes, in the run old\.$/,
    );
    await run.close();
  });

  it("drops and counts what comes beyond 8 MiB, and the step behind the gap says its own before", async () => {
    const { disk, faulty, clock, run } = await setUp();
    const noise = (seed: number): Grid => {
      const grid = createGrid(64, 64);
      for (let index = 0; index < grid.data.length; index++)
        grid.data[index] = (index * 7919 + seed * 104729) % 10;
      return grid;
    };
    const episode = run.startEpisode({ taskId: "t", initial: noise(0), target: null });
    faulty.rule = (call) => (call === "writeSync" ? "ENOSPC" : undefined);
    for (let index = 1; index <= 6000; index++) episode.step(step(noise(index)));
    const { accepted, dropped } = run.stats().accounting["journal"]!;
    expect(accepted).toBe(6002);
    expect(dropped).toBeGreaterThan(0);
    faulty.rule = () => undefined;
    clock.advance(1);
    episode.step(step(noise(9000)));
    await episode.end();
    await run.close();
    const steps = stepsOf(disk);
    const last = steps.at(-1)!;
    expect(last.before?.data).toEqual(noise(6000).data);
    const journal = run.stats().accounting["journal"]!;
    expect(journal.accepted).toBe(journal.written + journal.dropped);
    expect(journal.reasons).toEqual({ storage: journal.dropped });
    expect(steps.length).toBe(6001 - journal.dropped);
  });

  it("costs a renderer pictures for now, but not its place in the run", async () => {
    const { disk, faulty, run } = await setUp({
      visualization: { output_formats: ["text"], debug_level: "verbose" },
    });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    faulty.rule = (call, args) =>
      call === "openSync" && String(args[0]).includes("step_") ? "ENOSPC" : undefined;
    for (let index = 0; index < 20; index++) episode.step(step(painted(index % 4)));
    await run.flush({ outputs: true });
    faulty.rule = () => undefined;
    episode.step(step(painted(4)));
    await episode.end();
    await run.close();
    expect(run.stats().accounting["visualization.renderers.text"]).toEqual({
      accepted: 22,
      written: 2,
      // They can be drawn when the run's outputs are resumed.
      dropped: 0,
      reasons: {},
    });
    expect(disk.files().filter((file) => file.endsWith(".txt"))).toEqual([
      "outputs/test/episode_0001/step_020.txt",
      "outputs/test/episode_0001/summary.txt",
    ]);
  });
});

describe("the log and its journals", () => {
  it("keep few descriptors, however many episodes are open", async () => {
    const { disk, faulty, run } = await setUp();
    let open = 0;
    let most = 0;
    faulty.rule = (call) => {
      if (call === "openSync") most = Math.max(most, ++open);
      if (call === "closeSync") open -= 1;
      return undefined;
    };
    const episodes = Array.from({ length: 40 }, () =>
      run.startEpisode({ taskId: "t", initial: blank, target }),
    );
    for (let index = 0; index < 5; index++)
      for (const episode of episodes) episode.step(step(painted(index)));
    await Promise.all(episodes.map((episode) => episode.end()));
    await run.close();
    expect(most).toBeLessThanOrEqual(16);
    for (const { number } of episodes) {
      const path = `${run.dir}/episode_${String(number).padStart(4, "0")}/journal.epi`;
      expect(stepsOf(disk, path)).toHaveLength(5);
    }
  });

  it("lose nothing of an episode whose file cannot be made at first", async () => {
    const { disk, faulty, clock, run } = await setUp();
    faulty.rule = (call) => (call === "mkdirSync" ? "EIO" : undefined);
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let index = 0; index < 5; index++) episode.step(step(painted(index)));
    faulty.rule = () => undefined;
    clock.advance(1);
    episode.step(step(painted(0)));
    await episode.end();
    await run.close();
    expect(stepsOf(disk)).toHaveLength(6);
    expect(run.stats().accounting["journal"]).toMatchObject({ dropped: 0 });
  });

  it("the log is missed when somebody deletes it, and what cannot be written elsewhere is counted", async () => {
    const { disk, faulty, lines, run } = await setUp();
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let index = 0; index < 5; index++) episode.step(step(painted(index)));
    await run.flush({ outputs: true });
    disk.fs.unlinkSync("/project/outputs/test/log/000001.epl");
    faulty.rule = (call) => (/^mk/.test(call) ? "ENOSPC" : undefined);
    for (let index = 0; index < 5; index++) episode.step(step(painted(index)));
    await episode.end().catch(() => {});
    await run.close().catch(() => {});
    // Five steps, the ends of the episode and of the run.
    expect(run.stats().accounting["journal"]).toMatchObject({ dropped: 7, reasons: { storage: 7 } });
    expect(lines.join("\n")).toContain("the file was deleted while it was written");
  });
});

describe("an output that cannot be written", () => {
  const opening = async (
    storage: object,
    rule: (call: string, args: readonly unknown[]) => string | undefined,
  ) => {
    const disk = memoryDisk();
    const faulty = faultyFs(disk.fs);
    faulty.rule = rule;
    const { logger, lines } = collectLines();
    const run = await openRun(testConfig({ logging, storage }), {
      ...runOptions(disk, { logger }),
      fs: faulty.fs,
    });
    await run.close();
    return { run, warnings: lines.filter((line) => line.startsWith("warn")) };
  };
  const inOutputs = (code: string) => (call: string, args: readonly unknown[]) =>
    call !== "existsSync" && String(args[0]).includes("/project/outputs") ? code : undefined;

  it.each(["EACCES", "EROFS", "ENOSPC"])(
    "sends the run to fallback_dir with one message after %s",
    async (code) => {
      const { run, warnings } = await opening({ fallback_dir: "spare" }, inOutputs(code));
      expect(run.dir).toBe("/project/spare/test");
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain("/project/spare/test");
    },
  );

  it("sends it to a new temporary directory without one", async () => {
    const { run, warnings } = await opening({}, inOutputs("EACCES"));
    expect(run.dir).toMatch(/\/episcope-\w+\/test$/);
    expect(warnings).toHaveLength(1);
  });

  it("is an error when no place is left", async () => {
    const nowhere = (call: string) => (call === "existsSync" ? undefined : "EACCES");
    await expect(opening({ fallback_dir: "spare" }, nowhere)).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining("/project/spare"),
    });
  });
});

describe("durability", () => {
  it("writes the same bytes when the system takes them in small pieces", async () => {
    const bytes = async (limit: number | undefined) => {
      const { disk, faulty, run } = await setUp();
      faulty.rule = (call) => (call === "writeSync" ? limit : undefined);
      const episode = run.startEpisode({ taskId: "t", initial: blank, target });
      for (let index = 0; index < 100; index++) episode.step(step(painted(index % 5)));
      await episode.end();
      await run.close();
      return disk.text("outputs/test/episode_0001/journal.epi");
    };
    expect(await bytes(7)).toBe(await bytes(undefined));
  });

  it("process: acknowledges what is written, without waiting for the disk", async () => {
    const { calls, run } = await setUp();
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    const { seq } = episode.step(step(painted(1)));
    expect(run.acknowledged).toBe(seq);
    expect(calls).not.toContain("fdatasyncSync");
    await run.close();
  });

  it("step: is on the disk when step() returns", async () => {
    const { calls, run } = await setUp({ storage: { durability: "step" } });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    calls.length = 0;
    const { seq } = episode.step(step(painted(1)));
    expect(calls.filter((call) => !call.includes("stat")).slice(-2)).toEqual(["writeSync", "fdatasyncSync"]);
    expect(run.acknowledged).toBe(seq);
    await run.close();
  });

  it("group: acknowledges only what flush has brought to the disk", async () => {
    const { calls, run } = await setUp({ storage: { durability: "group" } });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    const { seq } = episode.step(step(painted(1)));
    expect(run.acknowledged).toBeLessThan(seq);
    await run.flush({ outputs: true });
    expect(run.acknowledged).toBe(seq);
    expect(calls).toContain("fdatasyncSync");
    await run.close();
  });

  it("group: counts what waited in memory when the disk was asked to sync", async () => {
    vi.useFakeTimers();
    try {
      const { run } = await setUp({
        storage: { durability: "group" },
        logging: { ...logging, async_logger: { batch_size: 2, flush_interval: 1000 } },
      });
      const episode = run.startEpisode({ taskId: "t", initial: blank, target });
      for (let index = 0; index < 2; index++) episode.step(step(painted(index)));
      // Four records are written and wait for the disk, one more comes; then the disk is asked.
      const { seq } = episode.step(step(painted(3)));
      expect(run.stats().accounting["journal"]).toMatchObject({ accepted: 5, written: 4 });
      vi.advanceTimersByTime(100);
      expect(run.stats().accounting["journal"]).toMatchObject({ accepted: 5, written: 5 });
      expect(run.acknowledged).toBe(seq);
      await run.flush({ outputs: true });
      await episode.end();
      await run.close();
      const { accepted, written } = run.stats().accounting["journal"]!;
      expect(written).toBe(accepted);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(["group", "step"] as const)(
    "%s: never acknowledges what the disk failed to keep",
    async (durability) => {
      const { faulty, run } = await setUp({ storage: { durability } });
      const episode = run.startEpisode({ taskId: "t", initial: blank, target });
      await run.flush({ outputs: true });
      const before = run.acknowledged;
      let failures = 0;
      faulty.rule = (call) => (call === "fdatasyncSync" && failures++ === 0 ? "EIO" : undefined);
      episode.step(step(painted(1)));
      await expect(run.flush({ outputs: true })).rejects.toMatchObject({ code: "STORAGE_FAILED" });
      episode.step(step(painted(2)));
      await expect(run.flush({ outputs: true })).rejects.toMatchObject({ code: "STORAGE_FAILED" });
      expect(run.acknowledged).toBe(before);
    },
  );
});

describe("every call of the file system that fails in turn", () => {
  it("lets no error out of a step, keeps the accounting, and leaves journals that open", async () => {
    for (let nth = 1; ; nth++) {
      const disk = memoryDisk();
      const faulty = faultyFs(disk.fs);
      let count = 0;
      let hit = false;
      faulty.rule = (call) => {
        if (call === "existsSync" || ++count !== nth) return undefined;
        hit = true;
        return "ENOSPC";
      };
      const { logger } = collectLines();
      const config = testConfig({ logging, visualization: { output_formats: ["text"] } });
      const run = await openRun(config, { ...runOptions(disk, { logger }), fs: faulty.fs }).catch(() => null);
      if (run !== null) {
        const episode = run.startEpisode({ taskId: "t", initial: blank, target });
        for (let index = 0; index < 5; index++)
          expect(episode.step(step(painted(index))).accepted).toBe(true);
        await episode.end();
        await run.close().catch((error: { code: string }) => expect(error.code).toBe("CLOSE_FAILED"));
        for (const { accepted, written, dropped } of Object.values(run.stats().accounting)) {
          expect(written + dropped).toBeLessThanOrEqual(accepted);
        }
        for (const file of disk.files().filter((name) => name.endsWith(".epi"))) {
          using reader = new JournalReader(file.startsWith("/") ? file : `/project/${file}`, { fs: disk.fs });
          const records = [...reader.records()];
          expect(reader.problems.filter((problem) => problem.kind !== "torn-tail")).toEqual([]);
          expect(records.length).toBeLessThanOrEqual(7);
        }
        expect(disk.files().filter((name) => name.endsWith(".tmp"))).toEqual([]);
        const manifest = disk.files().find((name) => name.endsWith("manifest.json"));
        if (manifest !== undefined) expect(readManifest(disk.fs, run.dir)?.run).toBe("test");
      }
      if (!hit) {
        expect(nth).toBeGreaterThan(30);
        break;
      }
    }
  });
});
