import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  definePlugin,
  openRun,
  type PluginContext,
  type PluginDefinition,
  type Run,
  resumeRun,
  type Sink,
  type SinkItem,
} from "../src/index.js";

const RUN = "/project/outputs/test";

interface Got {
  readonly items: SinkItem[];
  readonly resumed: PluginContext["resume"][];
}

/** A sink that keeps what it is given, slowly; its state is the number of items. */
function sinkInto(got: Got, slow = 0, fails = false): PluginDefinition<"sink"> {
  return definePlugin({
    kind: "sink",
    name: "mine",
    create: (_options, { resume }): Sink => {
      got.resumed.push(resume);
      return {
        accepts: ["episode-start", "step", "episode-end", "metrics", "picture/txt"],
        write: async (batch) => {
          if (fails) throw new Error("as asked");
          if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
          got.items.push(...batch.map((item) => structuredClone(item)));
        },
        flush: () => ({ items: got.items.length }),
      };
    },
  });
}

function config(shutdown = 0.05) {
  return testConfig({
    visualization: { debug_level: "verbose", output_formats: ["text"] },
    logging: {
      sinks: { mine: { _target_: "mine" } },
      async_logger: { queue_size: 4, batch_size: 2, shutdown_timeout: shutdown },
    },
  });
}

function optionsOf(disk: TestDisk, sink: PluginDefinition<"sink">) {
  const options = runOptions(disk);
  return { ...options, plugins: [...options.plugins!, sink] };
}

async function produce(run: Run, steps: number, turns: number): Promise<void> {
  const episodes = ["a", "b"].map((taskId) => run.startEpisode({ taskId, initial: blank, target }));
  for (let step = 0; step < steps; step++) {
    for (const [index, episode] of episodes.entries())
      episode.step({ action: { operation: index }, after: painted((step * (index + 1)) % 5), reward: step });
    if (step % 10 === 0) run.metrics(step, { loss: step });
    if (turns > 0 && step % turns === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (const episode of episodes) void episode.end();
}

/** What stands on the disk when a process is killed: everything but its lock. */
function killed({ fs, files }: TestDisk): TestDisk {
  const copy = memoryDisk();
  for (const path of files()) {
    if (path.endsWith(".episcope/lock")) continue;
    copy.fs.mkdirSync(`/project/${path}`.slice(0, `/project/${path}`.lastIndexOf("/")), { recursive: true });
    copy.fs.writeFileSync(`/project/${path}`, fs.readFileSync(`/project/${path}`));
  }
  return copy;
}

const got = (): Got => ({ items: [], resumed: [] });
const nameOf = (item: SinkItem): string =>
  "record" in item ? `${item.position} ${item.type}` : `${item.position} ${item.type} ${item.step}`;
const pictures = (disk: TestDisk): Record<string, string> =>
  Object.fromEntries(
    disk
      .files()
      .filter((file) => file.endsWith(".txt"))
      .map((file) => [file, disk.text(file)]),
  );

async function complete(steps: number): Promise<{ readonly disk: TestDisk; readonly items: SinkItem[] }> {
  const disk = memoryDisk();
  const all = got();
  const run = await openRun(config(), optionsOf(disk, sinkInto(all)));
  await produce(run, steps, 0);
  await run.close();
  return { disk, items: all.items };
}

describe("resuming the outputs of a run", () => {
  it("goes on where an interrupted close has left them, and completes them", async () => {
    const whole = await complete(40);
    const disk = memoryDisk();
    const before = got();
    const run = await openRun(config(), optionsOf(disk, sinkInto(before, 10)));
    await produce(run, 40, 0);
    await run.close("interrupted");
    expect(run.stats().incomplete.map(({ key }) => key)).toContain("logging.sinks.mine");
    const after = got();
    const report = await resumeRun(RUN, optionsOf(disk, sinkInto(after)));
    expect(report.incomplete).toEqual([]);
    expect(report.accounting["logging.sinks.mine"]).toMatchObject({
      accepted: 170,
      written: 170,
      dropped: 0,
    });
    expect(pictures(disk)).toEqual(pictures(whole.disk));
    const names = new Set([...before.items, ...after.items].map(nameOf));
    expect(names).toEqual(new Set(whole.items.map(nameOf)));
    expect(after.resumed[0]!.position).toBeGreaterThan(0);
    expect(after.resumed[0]!.state).toEqual({ items: expect.any(Number) });
    expect(disk.fs.existsSync(`${RUN}/log`)).toBe(false);
    expect(disk.files()).toEqual(whole.disk.files());
  });

  it("completes a run that was killed at any moment: every picture and export, every item at least once", async () => {
    const whole = await complete(30);
    const byName = new Map(whole.items.map((item) => [nameOf(item), item]));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 4 }), async (ms, turns) => {
        const disk = memoryDisk();
        const before = got();
        const run = await openRun(config(), optionsOf(disk, sinkInto(before, 1)));
        const produced = produce(run, 30, turns);
        await new Promise((resolve) => setTimeout(resolve, ms));
        await Promise.race([run.flush(), new Promise((resolve) => setTimeout(resolve, ms))]);
        const had = before.items.length;
        const copy = killed(disk);
        const after = got();
        const report = await resumeRun(RUN, optionsOf(copy, sinkInto(after)));
        expect(report.incomplete).toEqual([]);
        const items = [...before.items.slice(0, had), ...after.items];
        const names = new Set(items.map(nameOf));
        // Of what was in the log when the process died, all that comes before the last of it.
        const last = Math.max(...items.map(({ position }) => position));
        for (const name of byName.keys())
          if (Number(name.split(" ")[0]) <= last) expect(names).toContain(name);
        for (const item of after.items) {
          const there = byName.get(nameOf(item));
          if ("record" in item && item.type !== "episode-end") expect(item).toEqual(there);
        }
        const drawn = pictures(copy);
        for (const item of items)
          if (!("record" in item) && item.step !== null)
            expect(drawn[`outputs/test/${item.path}`]).toBe(Buffer.from(item.bytes).toString());
        const again = await resumeRun(RUN, optionsOf(copy, sinkInto(got())));
        expect(again).toMatchObject({ incomplete: [], exported: 0 });
        await produced;
        await run.close();
      }),
      { numRuns: 25 },
    );
  });

  it("tries an output again that was quarantined", async () => {
    const disk = memoryDisk();
    const run = await openRun(config(), optionsOf(disk, sinkInto(got(), 0, true)));
    await produce(run, 20, 1);
    await run.close();
    const after = got();
    const report = await resumeRun(RUN, optionsOf(disk, sinkInto(after)));
    const { accepted, written, dropped } = report.accounting["logging.sinks.mine"]!;
    expect(written + dropped).toBe(accepted);
    expect(after.items).toHaveLength(written);
  });

  it("leaves an output waiting whose plugin is missing", async () => {
    const disk = memoryDisk();
    const run = await openRun(config(), optionsOf(disk, sinkInto(got(), 5)));
    await produce(run, 40, 0);
    await run.close("interrupted");
    const report = await resumeRun(RUN, runOptions(disk));
    expect(report.incomplete.map(({ key }) => key)).toEqual(["logging.sinks.mine"]);
    const after = got();
    await resumeRun(RUN, optionsOf(disk, sinkInto(after)));
    expect(after.items.length).toBeGreaterThan(0);
    expect(disk.fs.existsSync(`${RUN}/log`)).toBe(false);
  });

  it("changes nothing of a run that is complete, and refuses one that is being recorded", async () => {
    const { disk } = await complete(5);
    const files = disk.files();
    const report = await resumeRun(RUN, optionsOf(disk, sinkInto(got())));
    expect(report).toMatchObject({ incomplete: [], exported: 0 });
    expect(disk.files()).toEqual(files);
    const other = memoryDisk();
    const run = await openRun(config(), optionsOf(other, sinkInto(got())));
    run.metrics(0, { loss: 1 });
    const refused = resumeRun(RUN, optionsOf(other, sinkInto(got())));
    await expect(refused).rejects.toMatchObject({ code: "RUN_IN_USE" });
    await run.close();
  });

  it("says what it cannot do without: RUN_CONFIG_MISSING, OUTPUTS_FILE_INVALID", async () => {
    const { disk } = await complete(3);
    disk.fs.writeFileSync(`${RUN}/outputs.json`, '{"version": 9}');
    await expect(resumeRun(RUN, optionsOf(disk, sinkInto(got())))).rejects.toMatchObject({
      code: "OUTPUTS_FILE_INVALID",
      fields: { file: `${RUN}/outputs.json` },
    });
    disk.fs.rmSync(`${RUN}/.episcope/config.lock.json`);
    await expect(resumeRun(RUN, optionsOf(disk, sinkInto(got())))).rejects.toMatchObject({
      code: "RUN_CONFIG_MISSING",
    });
  });

  it("gives an output up whose node is taken out, counted", async () => {
    const disk = memoryDisk();
    const run = await openRun(config(), optionsOf(disk, sinkInto(got(), 5)));
    await produce(run, 40, 0);
    await run.close("interrupted");
    const options = { ...optionsOf(disk, sinkInto(got())), overrides: ["~logging.sinks.mine"] };
    const { accounting, incomplete } = await resumeRun(RUN, options);
    const { accepted, written, dropped, reasons } = accounting["logging.sinks.mine"]!;
    expect(accepted).toBe(written + dropped);
    expect(reasons["given_up"]).toBeGreaterThan(0);
    expect(incomplete).toEqual([]);
    expect(disk.fs.existsSync(`${RUN}/log`)).toBe(false);
  });
});
