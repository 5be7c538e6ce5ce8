import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target, textRenderer } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { definePlugin, openRun, type Sink, type SinkItem, sendRun } from "../src/index.js";

const RENDERERS = { txt: { _target_: "text" } };

/** A sink that keeps what it gets, and how far it has come as its state. */
function mine(items: SinkItem[], { dies = Number.POSITIVE_INFINITY } = {}) {
  const found: unknown[] = [];
  const plugin = definePlugin({
    kind: "sink",
    name: "mine",
    create: (_options, { resume }): Sink => {
      found.push(resume?.state ?? null);
      return {
        accepts: ["run-start", "episode-start", "step", "episode-end", "run-end", "picture/txt"],
        write(batch) {
          for (const item of batch) {
            if (items.length >= dies) throw new Error("as asked");
            items.push(structuredClone(item));
          }
        },
        flush: () => ({ count: items.length }),
      };
    },
  });
  return { plugin, found };
}

async function record(disk: TestDisk, sinks: object, plugins: readonly object[]): Promise<string> {
  const config = testConfig({
    visualization: { debug_level: "verbose", output_formats: [], renderers: RENDERERS },
    logging: { sinks: sinks as never, formats: { json: { _target_: "json", enabled: false } } },
  });
  const options = runOptions(disk);
  const run = await openRun(config, { ...options, plugins: [textRenderer, ...plugins] as never });
  for (let number = 0; number < 2; number += 1) {
    const episode = run.startEpisode({ taskId: `t${number}`, initial: blank, target });
    for (let step = 0; step < 3; step += 1)
      episode.step({ action: { operation: step }, after: painted(step + 1), reward: step });
    await episode.end();
  }
  await run.close();
  return run.dir;
}

const SWITCH = ["+logging.sinks.mine._target_=mine"];
const kinds = (items: readonly SinkItem[]) => items.map(({ type, position }) => `${position} ${type}`).sort();

async function send(disk: TestDisk, dir: string, plugin: object, more: object = {}) {
  const options = { ...runOptions(disk), plugins: [textRenderer, plugin] as never };
  return sendRun(dir, { ...options, overrides: SWITCH, ...more });
}

describe("a run that is sent to a sink later", () => {
  it("gives it the records and pictures that it would have got in time", async () => {
    const live: SinkItem[] = [];
    await record(memoryDisk(), { mine: { _target_: "mine" } }, [mine(live).plugin]);
    const disk = memoryDisk();
    const dir = await record(disk, {}, []);
    const late: SinkItem[] = [];
    const report = await send(disk, dir, mine(late).plugin);
    expect(late.filter((item) => !("record" in item)).length).toBeGreaterThan(4);
    expect(late.map(({ type }) => type).sort()).toEqual(live.map(({ type }) => type).sort());
    expect(report.accounting).toEqual({
      "logging.sinks.mine": { accepted: live.length, written: live.length, dropped: 0, reasons: {} },
    });
    expect(report.incomplete).toEqual([]);
  });

  it("is sent once, and from its beginning where that is asked for", async () => {
    const disk = memoryDisk();
    const dir = await record(disk, {}, []);
    const items: SinkItem[] = [];
    const { plugin, found } = mine(items);
    await send(disk, dir, plugin);
    const count = items.length;
    const again = await send(disk, dir, plugin);
    expect([items.length, again.incomplete]).toEqual([count, []]);
    await send(disk, dir, plugin, { again: true });
    expect(kinds(items.slice(count))).toEqual(kinds(items.slice(0, count)));
    expect(found).toEqual([null, { count }, null]);
  });

  it("leaves files and other outputs as they were", async () => {
    const disk = memoryDisk();
    const other: SinkItem[] = [];
    const spare = definePlugin({
      kind: "sink",
      name: "spare",
      create: (): Sink => ({ accepts: ["step"], write: (batch) => void other.push(...batch) }),
    });
    const dir = await record(disk, { spare: { _target_: "spare" } }, [spare]);
    const before = disk.fs.readdirSync(`${dir}/episode_0001`);
    const saved = () => JSON.parse(disk.fs.readFileSync(`${dir}/outputs.json`, "utf8") as string).outputs;
    const [had, kept] = [other.length, saved()];
    const options = { ...runOptions(disk), plugins: [textRenderer, spare, mine([]).plugin] as never };
    await sendRun(dir, { ...options, overrides: SWITCH, only: ["logging.sinks.mine"] });
    expect(other.length).toBe(had);
    expect(disk.fs.readdirSync(`${dir}/episode_0001`)).toEqual(before);
    expect(saved()).toMatchObject(kept);
    expect(Object.keys(saved())).toContain("logging.sinks.mine");
  });

  it("says which sinks there are: SINKS_NOT_FOUND", async () => {
    const disk = memoryDisk();
    const dir = await record(disk, {}, []);
    await expect(sendRun(dir, runOptions(disk))).rejects.toMatchObject({ code: "SINKS_NOT_FOUND" });
    const wrong = send(disk, dir, mine([]).plugin, { only: ["logging.sinks.other"] });
    await expect(wrong).rejects.toThrow(/no sink 'logging.sinks.other'. There are logging.sinks.mine/);
  });
});
