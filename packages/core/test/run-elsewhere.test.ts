import * as realFs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGrid, type Grid, type StepRecord } from "@episcope/records";
import { isRunLocked, RunReader, readManifest, recoverRun, verifyRun } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { afterEach, describe, expect, it } from "vitest";
import { definePlugin, openRun, type Sink, sendRun } from "../src/index.js";

const FIRST = "/project/outputs/test";
const SECOND = "/project/spare/test";
const logging = { formats: { json: { _target_: "json", enabled: false } }, async_logger: { batch_size: 1 } };
const START = { taskId: "t", initial: blank, target };
const step = (after: Grid) => ({ action: { operation: 0 }, after, reward: 0 });

/** A run whose first directory can be made to refuse with a code. */
async function setUp(storage: object = {}) {
  const disk = memoryDisk();
  const faulty = faultyFs(disk.fs);
  const clock = createManualClock();
  const { logger, lines } = collectLines();
  const config = testConfig({ logging, storage: { fallback_dir: "spare", ...storage } });
  const run = await openRun(config, { ...runOptions(disk, { logger, clock }), fs: faulty.fs });
  const files = new Map<number, string>();
  const open = disk.fs.openSync.bind(disk.fs);
  disk.fs.openSync = (path, flags, mode) => {
    const fd = open(path, flags, mode);
    files.set(fd, String(path));
    return fd;
  };
  const refuse = (code: string, refusesReading = false): void => {
    faulty.rule = (call, args) => {
      const isReading = call === "readSync" || (call === "openSync" && args[1] === "r");
      if (isReading ? !refusesReading : !/^(write|mkdir|rename|ftruncate|open|mkdtemp)/.test(call))
        return undefined;
      const path = typeof args[0] === "number" ? files.get(args[0]) : String(args[0]);
      // A journal that was opened before the disk was watched has no name here.
      return path === undefined || path.startsWith("/project/outputs") ? code : undefined;
    };
  };
  return { disk, faulty, clock, lines, run, refuse };
}

let scratch: string | null = null;

afterEach(() => {
  if (scratch !== null) realFs.rmSync(scratch, { recursive: true });
  scratch = null;
});

/** The system knows of a file that is open and has no name any more; the disk in memory does not. */
async function onRealDisk() {
  scratch = realFs.mkdtempSync(join(tmpdir(), "episcope-elsewhere-"));
  const base = scratch;
  const storage = {
    base_output_dir: join(base, "outputs"),
    fallback_dir: join(base, "spare"),
    run_name: "test",
  };
  const { logger } = collectLines();
  const run = await openRun(testConfig({ logging, storage }), { logger, process: null });
  return { base, run, second: join(base, "spare", "test") };
}

function stepsOf(run: RunReader, episode: number): number[] {
  return [...run.records(episode)]
    .filter((record): record is StepRecord => record.type === "step")
    .map((record) => record.step);
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A run with an episode of one step in the first directory, and one of two steps that began there and ended in the second. */
async function movedRun() {
  const { disk, faulty, run, refuse } = await setUp();
  const finished = run.startEpisode(START);
  finished.step(step(painted(1)));
  await finished.end();
  const open = run.startEpisode(START);
  open.step(step(painted(1)));
  await run.flush({ outputs: true });
  refuse("EROFS");
  open.step(step(painted(2)));
  await run.flush({ outputs: true });
  await open.end();
  await run.close();
  faulty.rule = () => undefined;
  return disk;
}

describe("a run whose directory cannot be written any more", () => {
  it.each(["ENOSPC", "EACCES", "EROFS", "EIO"])("goes on in fallback_dir after %s, whole", async (code) => {
    const { disk, faulty, lines, run, refuse } = await setUp();
    const finished = run.startEpisode(START);
    finished.step(step(painted(1)));
    await finished.end();
    const [one, two] = [run.startEpisode(START), run.startEpisode(START)];
    for (let index = 0; index < 5; index++) for (const each of [one, two]) each.step(step(painted(index)));
    await run.flush({ outputs: true });
    refuse(code);
    for (let index = 0; index < 5; index++) for (const each of [one, two]) each.step(step(painted(index)));
    const last = two.step(step(painted(3)));
    await run.flush({ outputs: true });
    expect(run.acknowledged).toBe(last.seq);
    await one.end();
    await two.end();
    const later = run.startEpisode(START);
    later.step(step(painted(2)));
    await later.end();
    await run.close();

    const told = lines.filter((line) => line.includes("goes on in") && !line.startsWith("debug"));
    expect(told).toEqual([expect.stringContaining(SECOND)]);
    expect(run.stats().problems.map(({ error }) => (error as { code?: string }).code)).toContain("RUN_MOVED");
    const { accepted, written, dropped } = run.stats().accounting["journal"]!;
    expect([written, dropped]).toEqual([accepted, 0]);
    faulty.rule = () => undefined;
    const whole = new RunReader(SECOND, { fs: disk.fs });
    expect(whole.episodes.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect([1, 2, 3, 4].map((number) => stepsOf(whole, number))).toEqual([
      upTo(1),
      upTo(10),
      upTo(11),
      upTo(1),
    ]);
    expect(verifyRun(whole, { fs: disk.fs }).findings).toEqual([]);
    expect(whole.configHash).not.toBe("");
    expect(isRunLocked(disk.fs, SECOND)).toBe(false);
  });

  it("is read from both directories by either name, once recover could note it in the first", async () => {
    const disk = await movedRun();
    expect(new RunReader(FIRST, { fs: disk.fs }).episodes.map(({ number }) => number)).toEqual([1]);
    expect(recoverRun(SECOND, { fs: disk.fs })).toMatchObject({ parts: 2, episodes: 2, loss: false });
    for (const dir of [FIRST, SECOND]) {
      const reader = new RunReader(dir, { fs: disk.fs });
      expect([stepsOf(reader, 1), stepsOf(reader, 2)]).toEqual([upTo(1), upTo(2)]);
      expect(verifyRun(reader, { fs: disk.fs }).intact).toBe(true);
    }
    // Again: nothing to do.
    expect(recoverRun(FIRST, { fs: disk.fs })).toMatchObject({ parts: 2, manifestWritten: false, sealed: 0 });
  });

  it("is sent whole, whichever of its directories is named", async () => {
    const disk = await movedRun();
    for (const dir of [SECOND, FIRST]) {
      const got: number[] = [];
      const mine = definePlugin({
        kind: "sink",
        name: "mine",
        create: (): Sink => ({
          accepts: ["step"],
          write: (batch) => {
            for (const item of batch)
              if ("record" in item && item.record.type === "step") got.push(item.record.step);
          },
        }),
      });
      const sent = { plugins: [mine], overrides: ["+logging.sinks.mine._target_=mine"], again: true };
      const report = await sendRun(dir, { ...runOptions(disk), ...sent });
      expect(report).toMatchObject({ dir: SECOND, incomplete: [] });
      expect(got).toEqual([0, 0, 1]);
    }
  });

  it("waits five seconds for the disk where nobody waits for the records", async () => {
    const { disk, faulty, clock, run, refuse } = await setUp();
    const episode = run.startEpisode(START);
    refuse("ENOSPC");
    for (let second = 0; second < 4; second++) {
      episode.step(step(painted(second)));
      clock.advance(1);
    }
    expect(disk.files().some((file) => file.includes("spare"))).toBe(false);
    clock.advance(2);
    episode.step(step(painted(1)));
    expect(run.acknowledged).toBeGreaterThan(0);
    await episode.end();
    await run.close();
    faulty.rule = () => undefined;
    expect(stepsOf(new RunReader(SECOND, { fs: disk.fs }), 1)).toEqual(upTo(5));
  });

  it("drops nothing where memory is full and there is another place", async () => {
    const { disk, faulty, run, refuse } = await setUp();
    const noise = (seed: number): Grid => {
      const grid = createGrid(64, 64);
      for (let index = 0; index < grid.data.length; index++)
        grid.data[index] = (index * 7919 + seed * 104729) % 10;
      return grid;
    };
    const episode = run.startEpisode({ ...START, initial: noise(0), target: null });
    refuse("ENOSPC");
    for (let index = 1; index <= 6000; index++) episode.step(step(noise(index)));
    await episode.end();
    await run.close();
    expect(run.stats().accounting["journal"]).toMatchObject({ accepted: 6004, written: 6004, dropped: 0 });
    faulty.rule = () => undefined;
    expect(stepsOf(new RunReader(SECOND, { fs: disk.fs }), 1)).toEqual(upTo(6000));
  });

  it("takes a log along that was deleted under it, as long as it holds it open", async () => {
    const { base, run, second } = await onRealDisk();
    const episode = run.startEpisode(START);
    for (let index = 0; index < 5; index++) episode.step(step(painted(index)));
    await run.flush({ outputs: true });
    realFs.rmSync(join(base, "outputs"), { recursive: true });
    for (let index = 0; index < 5; index++) episode.step(step(painted(index)));
    await run.flush({ outputs: true });
    await episode.end();
    await run.close();
    expect(run.stats().accounting["journal"]).toMatchObject({ dropped: 0 });
    expect(stepsOf(new RunReader(second, { fs: realFs }), 1)).toEqual(upTo(10));
  });

  it("says how many finished episodes went with a directory that was deleted", async () => {
    const { base, run, second } = await onRealDisk();
    for (const taskId of ["a", "b"]) {
      const finished = run.startEpisode({ ...START, taskId });
      finished.step(step(painted(1)));
      await finished.end();
    }
    const episode = run.startEpisode(START);
    episode.step(step(painted(1)));
    await run.flush({ outputs: true });
    realFs.rmSync(join(base, "outputs"), { recursive: true });
    episode.step(step(painted(2)));
    await run.flush({ outputs: true });
    await episode.end();
    await run.close();
    const moved = run.stats().problems.map(({ error }) => error as { code?: string; message: string });
    expect(moved.find(({ code }) => code === "RUN_MOVED")?.message).toMatch(
      /goes on in .*spare.* 2 finished episodes are not in .*outputs.* any more/s,
    );
    expect(stepsOf(new RunReader(second, { fs: realFs }), 3)).toEqual(upTo(2));
  });

  it("begins the log again where it cannot be read either, and counts what waited", async () => {
    const { disk, faulty, run, refuse } = await setUp();
    const episodes = Array.from({ length: 20 }, () => run.startEpisode(START));
    for (const episode of episodes) episode.step(step(painted(1)));
    await run.flush({ outputs: true });
    refuse("EIO", true);
    for (const episode of episodes) episode.step(step(painted(2)));
    await run.flush({ outputs: true });
    for (const episode of episodes) episode.step(step(painted(3)));
    for (const episode of episodes) await episode.end();
    await run.close();
    const { accepted, written, dropped } = run.stats().accounting["journal"]!;
    expect(accepted).toBe(written + dropped);
    expect(dropped).toBe(20);
    faulty.rule = () => undefined;
    const reader = new RunReader(SECOND, { fs: disk.fs });
    expect(reader.configHash).not.toBe("");
    expect(reader.episodes).toHaveLength(20);
    for (const { number } of reader.episodes) {
      const records = [...reader.records(number)];
      expect(records.filter(({ type }) => type === "episode-start")).toHaveLength(1);
      const steps = records.filter((record): record is StepRecord => record.type === "step");
      expect(steps.map(({ step }) => step)).toEqual([2]);
      expect(steps[0]!.before?.data).toEqual(painted(2).data);
    }
  });

  it("stays where it is, and holds what it has, where no other place can be written", async () => {
    const { disk, faulty, clock, lines, run } = await setUp();
    const episode = run.startEpisode(START);
    faulty.rule = (call) => (/^(write|mkdir)/.test(call) ? "EROFS" : undefined);
    episode.step(step(painted(1)));
    await expect(run.flush({ outputs: true })).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    faulty.rule = () => undefined;
    clock.advance(1);
    episode.step(step(painted(2)));
    await episode.end();
    await run.close();
    expect(lines.some((line) => line.includes("goes on in"))).toBe(false);
    expect(stepsOf(new RunReader(FIRST, { fs: disk.fs }), 1)).toEqual(upTo(2));
    expect(disk.files().filter((file) => file.includes("spare"))).toEqual([]);
  });

  it("is not taken for another run's part by a manifest that names it", async () => {
    const { disk, run } = await setUp();
    await run.close();
    const stranger = testConfig({ logging, storage: { run_name: "stranger" } });
    const other = await openRun(stranger, { ...runOptions(disk), fs: disk.fs });
    const episode = other.startEpisode(START);
    await episode.end();
    await other.close();
    const manifest = readManifest(disk.fs, FIRST)!;
    const lie = { ...manifest, continued_in: other.dir };
    disk.fs.writeFileSync(`${FIRST}/manifest.json`, JSON.stringify(lie));
    expect(new RunReader(FIRST, { fs: disk.fs }).episodes).toEqual([]);
    // Of the same id, but it says nothing of this one.
    const copy = { ...readManifest(disk.fs, other.dir)!, run_id: manifest.run_id };
    disk.fs.writeFileSync(`${other.dir}/manifest.json`, JSON.stringify(copy));
    expect(new RunReader(FIRST, { fs: disk.fs }).episodes).toEqual([]);
  });
});
