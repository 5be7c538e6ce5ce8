import { createGrid, type Grid } from "@episcope/records";
import { JournalReader, RunReader, RunStream, recoverRun, verifyRun } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { definePlugin, openRun, type Run, resumeRun, type SinkItem } from "../src/index.js";

const RUN = "/project/outputs/test";
const START = { taskId: "t", initial: blank, target };
const noExport = { formats: { json: { _target_: "json", enabled: false } } };
const step = (after: Grid, reward = 0) => ({ action: { operation: 0 }, after, reward });

const items = (disk: TestDisk, from = 0) => {
  using stream = new RunStream(RUN, { fs: disk.fs, from });
  const all = [];
  for (let item = stream.next(); item !== null; item = stream.next()) {
    const { position, record, episode, decisions, lost } = item;
    all.push({ position, record, episode, decisions, lost });
  }
  return all;
};

/** What stands on the disk when a process is killed: everything but its lock. */
function killed({ fs, files }: TestDisk): TestDisk {
  const kept = files().filter((path) => !path.endsWith(".episcope/lock"));
  return memoryDisk(
    Object.fromEntries(kept.map((path) => [path, fs.readFileSync(`/project/${path}`) as Buffer])),
  );
}

async function play(run: Run, episodes: number, steps: number): Promise<void> {
  const open = Array.from({ length: episodes }, () => run.startEpisode(START));
  for (let index = 0; index < steps; index++)
    for (const episode of open) episode.step(step(painted(index % 5), index), { priority: index % 3 });
  await Promise.all(open.map((episode) => episode.end()));
}

describe("the log of a run", () => {
  it("is one file and one write for all episodes, and gone when the run is complete", async () => {
    const disk = memoryDisk();
    const written = new Set<string>();
    let writes = 0;
    const faulty = faultyFs(disk.fs, (call, args) => {
      if (call === "openSync" && args[1] === "wx+") written.add(String(args[0]));
      if (call === "writeSync") writes += 1;
    });
    const run = await openRun(testConfig({ logging: noExport }), { ...runOptions(disk), fs: faulty.fs });
    const episodes = Array.from({ length: 64 }, () => run.startEpisode(START));
    writes = 0;
    for (let index = 0; index < 10; index++)
      for (const episode of episodes) episode.step(step(painted(index % 5)));
    expect(written).toEqual(new Set([`${RUN}/log/000001.epl`]));
    expect(writes).toBeLessThanOrEqual(64);
    await Promise.all(episodes.map((episode) => episode.end()));
    await run.close();
    expect(disk.fs.existsSync(`${RUN}/log`)).toBe(false);
    const reader = new RunReader(RUN, { fs: disk.fs });
    expect(reader.episodes).toHaveLength(64);
    expect(verifyRun(reader, { fs: disk.fs }).findings).toEqual([]);
  });

  it("keeps what was decided live, in the order of arrival, and so do the journals", async () => {
    const disk = memoryDisk();
    const visualization = { debug_level: "standard", output_formats: ["text"] } as const;
    const config = testConfig({ visualization, logging: { ...noExport, async_logger: { batch_size: 1 } } });
    const run = await openRun(config, { ...runOptions(disk), clock: createManualClock() });
    const [one, two] = [run.startEpisode(START), run.startEpisode(START)];
    for (let index = 0; index < 4; index++)
      for (const [at, episode] of [one, two].entries())
        episode.step(step(painted(Math.min(index, 1))), { priority: at });
    const live = items(killed(disk));
    expect(live.map(({ position }) => position)).toEqual(live.map((_, index) => index));
    const steps = live.filter(({ record }) => record.type === "step");
    expect(
      steps.map(({ episode, decisions }) => [episode, decisions.global_step, decisions.priority]),
    ).toEqual(Array.from({ length: 8 }, (_, index) => [1 + (index % 2), index, index % 2]));
    expect(steps[0]!.decisions).toMatchObject({ key: expect.arrayContaining(["first"]), draw: true });
    expect(steps.map(({ decisions }) => decisions.draw)).toContain(false);
    await one.end();
    await two.end();
    await run.close();
    expect(items(disk).slice(0, live.length)).toEqual(live);
    using journal = new JournalReader(`${RUN}/episode_0001/journal.epi`, { fs: disk.fs });
    expect([journal.version, journal.sealed]).toEqual([2, true]);
  });

  it("is read as far as it is written after a crash, and recover makes its journals", async () => {
    const disk = memoryDisk();
    const logging = { ...noExport, async_logger: { batch_size: 1 } };
    const run = await openRun(testConfig({ logging }), runOptions(disk));
    await play(run, 2, 5);
    const open = run.startEpisode(START);
    for (let index = 0; index < 7; index++) open.step(step(painted(index % 5)));
    run.metrics(1, { loss: 2 });
    await run.flush();
    const after = killed(disk);
    const lengths = (of: TestDisk) => {
      const reader = new RunReader(RUN, { fs: of.fs });
      const records = [1, 2, 3].map((number) => [...reader.records(number)].length);
      return [...records, [...reader.runRecords()].length];
    };
    expect(lengths(after)).toEqual([7, 7, 8, 2]);
    expect(recoverRun(RUN, { fs: after.fs })).toMatchObject({ episodes: 3, loss: false });
    expect(lengths(after)).toEqual([7, 7, 8, 2]);
    expect(after.fs.existsSync(`${RUN}/log`)).toBe(false);
    expect(verifyRun(new RunReader(RUN, { fs: after.fs }), { fs: after.fs }).intact).toBe(true);
    await run.close();
  });

  it("stays until its journals are written: a call that fails at the end of the run takes nothing", async () => {
    const written = async (nth: number): Promise<{ readonly calls: number; readonly records: number }> => {
      const disk = memoryDisk();
      const faulty = faultyFs(disk.fs);
      const run = await openRun(testConfig({ logging: noExport }), { ...runOptions(disk), fs: faulty.fs });
      await play(run, 1, 3);
      await run.flush();
      let calls = 0;
      faulty.rule = (call) => (call === "existsSync" || ++calls !== nth ? undefined : "ENOSPC");
      await run.close().catch(() => {});
      faulty.rule = () => undefined;
      recoverRun(RUN, { fs: disk.fs });
      const reader = new RunReader(RUN, { fs: disk.fs });
      return { calls, records: [...reader.records(1), ...reader.runRecords()].length };
    };
    for (let nth = 1, { calls } = await written(0); nth <= calls; nth++)
      expect((await written(nth)).records, `call ${nth}`).toBeGreaterThanOrEqual(6);
  });

  it("lets go of what stands in journals while the run goes on", async () => {
    const disk = memoryDisk();
    const run = await openRun(testConfig({ logging: noExport }), runOptions(disk));
    let seed = 1;
    const noise = (): Grid => {
      const grid = createGrid(64, 64);
      for (let index = 0; index < grid.data.length; index++) {
        seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
        grid.data[index] = (seed >> 16) % 10;
      }
      return grid;
    };
    for (let number = 0; number < 4; number++) {
      const episode = run.startEpisode({ ...START, initial: noise(), target: null });
      for (let index = 0; index < 1200; index++) episode.step(step(noise()));
      await episode.end();
    }
    const segments = disk.fs.readdirSync(`${RUN}/log`).map(String);
    expect(segments).not.toContain("000001.epl");
    expect(segments.length).toBeLessThanOrEqual(2);
    expect(items(disk, 0).filter(({ record }) => record.type === "step")).toHaveLength(4800);
    await run.close();
    expect(new RunReader(RUN, { fs: disk.fs }).episodes).toHaveLength(4);
  });

  it("is a spool without journals: it stays for an output that is interrupted, and goes when that is complete", async () => {
    const disk = memoryDisk();
    const got: SinkItem[] = [];
    const plugin = definePlugin({
      kind: "sink",
      name: "mine",
      create: () => ({
        accepts: ["step"],
        write: async (batch: readonly SinkItem[]) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          got.push(...batch);
        },
      }),
    });
    const logging = {
      structured_logging: false,
      sinks: { mine: { _target_: "mine" } },
      async_logger: { queue_size: 4, batch_size: 2, shutdown_timeout: 0.05 },
    };
    const options = { ...runOptions(disk), plugins: [plugin] };
    const run = await openRun(testConfig({ logging }), options);
    await play(run, 2, 20);
    await run.close("interrupted");
    expect(got.length).toBeLessThan(40);
    expect(disk.files().filter((file) => file.endsWith(".epi"))).toEqual([]);
    expect(disk.fs.existsSync(`${RUN}/log/000001.epl`)).toBe(true);
    const again = openRun(testConfig({ logging }), options);
    await expect(again).rejects.toMatchObject({
      code: "RUN_EXISTS",
      hint: expect.stringContaining(`'episcope resume ${RUN}'`),
    });
    const { incomplete, accounting } = await resumeRun(RUN, options);
    expect(incomplete).toEqual([]);
    const complete = openRun(testConfig({ logging }), options);
    await expect(complete).rejects.toMatchObject({
      code: "RUN_EXISTS",
      hint: expect.not.stringContaining("resume"),
    });
    expect(accounting["logging.sinks.mine"]).toMatchObject({ accepted: 40, written: 40, dropped: 0 });
    expect(disk.fs.existsSync(`${RUN}/log`)).toBe(false);
  });
});
