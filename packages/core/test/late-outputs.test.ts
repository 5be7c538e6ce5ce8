import type { PlainValue } from "@episcope/records";
import { memoryDisk, type TestDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import { definePlugin, openRun, type Run, type Sink, type SinkItem } from "../src/index.js";

const noExport = { formats: { json: { _target_: "json", enabled: false } } };

interface Settings {
  readonly queue: number;
  readonly accepts?: readonly string[];
  readonly formats?: readonly string[];
  /** Name of a node beside, for a renderer that only a sink wants. */
  readonly renderer?: string;
  readonly level?: "off" | "verbose" | "standard";
  readonly journal?: boolean;
  readonly shutdown?: number;
  /** Milliseconds that the sink takes for a batch. */
  readonly slow?: number;
  readonly fails?: boolean;
}

interface Recorded {
  readonly run: Run;
  readonly items: SinkItem[];
  readonly disk: TestDisk;
}

async function open(settings: Settings): Promise<Recorded> {
  const { queue, accepts = ["step"], formats = [], level = "off", journal = true, slow = 0 } = settings;
  const items: SinkItem[] = [];
  const sink = definePlugin({
    kind: "sink",
    name: "mine",
    create: (): Sink => ({
      accepts,
      write: async (batch) => {
        if (settings.fails === true) throw new Error("as asked");
        if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
        items.push(...batch.map((item) => structuredClone(item)));
      },
    }),
  });
  const config = testConfig({
    visualization: {
      debug_level: level,
      output_formats: formats as string[],
      ...(settings.renderer === undefined
        ? {}
        : { renderers: { [settings.renderer]: { _target_: "text" } } }),
    },
    logging: {
      ...noExport,
      structured_logging: journal,
      sinks: { mine: { _target_: "mine" } },
      async_logger: { queue_size: queue, batch_size: 2, shutdown_timeout: settings.shutdown ?? 5 },
    },
  });
  const disk = memoryDisk();
  const options = runOptions(disk);
  const run = await openRun(config, { ...options, plugins: [...options.plugins!, sink] });
  return { run, items, disk };
}

/** Two episodes in turns, with metrics between, without a turn of the event loop. */
function produce(run: Run, steps: number): void {
  const episodes = ["a", "b"].map((taskId) => run.startEpisode({ taskId, initial: blank, target }));
  for (let step = 0; step < steps; step++) {
    for (const [index, episode] of episodes.entries()) {
      const selection = { kind: "mask", mask: Uint8Array.from([1, 0, 0, step % 2]) } as const;
      const after = painted((step * (index + 1)) % 5);
      episode.step({ action: { operation: index, selection }, after, reward: step / 10, info: { step } });
    }
    if (step % 10 === 0) run.metrics(step, { loss: step });
  }
  for (const episode of episodes) void episode.end();
}

async function record(settings: Settings, steps = 60): Promise<Recorded> {
  const recorded = await open(settings);
  produce(recorded.run, steps);
  await recorded.run.close();
  return recorded;
}

const ALL = ["episode-start", "step", "episode-end", "metrics"];

function outputs({ disk }: Recorded): Record<string, Record<string, PlainValue>> {
  return JSON.parse(disk.fs.readFileSync("/project/outputs/test/outputs.json", "utf8")).outputs;
}

function pictures({ disk }: Recorded): Record<string, string> {
  const names = (disk.fs.readdirSync("/project/outputs/test", { recursive: true }) as string[]).filter(
    (name) => name.endsWith(".txt"),
  );
  const read = (name: string) => disk.fs.readFileSync(`/project/outputs/test/${name}`, "utf8");
  return Object.fromEntries(names.sort().map((name) => [name, read(name)]));
}

describe("an output that is slower than its run", () => {
  it.each([true, false])(
    "gets every record as a quick one gets it; structured_logging=%s",
    async (journal) => {
      const quick = await record({ queue: 10_000, accepts: ALL, journal });
      const slow = await record({ queue: 3, accepts: ALL, journal, slow: 1 });
      expect(quick.items).toHaveLength(2 + 120 + 6 + 2);
      expect(slow.items).toEqual(quick.items);
      expect(slow.run.stats().accounting["logging.sinks.mine"]).toEqual({
        accepted: 130,
        written: 130,
        dropped: 0,
        reasons: {},
      });
    },
  );

  it("draws every picture, with the bytes of one that had room", async () => {
    const quick = await record({ queue: 10_000, formats: ["text"], level: "verbose" });
    const slow = await record({ queue: 3, formats: ["text"], level: "verbose" });
    expect(Object.keys(pictures(quick))).toHaveLength(122);
    expect(pictures(slow)).toEqual(pictures(quick));
  });

  it("draws the key steps, the last one of an episode that is cut short among them", async () => {
    const quick = await record({ queue: 10_000, formats: ["text"], level: "standard" });
    const slow = await record({ queue: 2, formats: ["text"], level: "standard" });
    expect(Object.keys(pictures(quick))).toContain("episode_0001/step_059.txt");
    expect(pictures(slow)).toEqual(pictures(quick));
  });

  it("gets every picture that it accepts, whose files stand in the run", async () => {
    const settings = { formats: ["text"], level: "verbose", accepts: ["picture/txt"] } as const;
    const quick = await record({ ...settings, queue: 10_000 });
    const slow = await record({ ...settings, queue: 3, slow: 1 });
    const order = (items: SinkItem[]) => [...items].sort((one, two) => one.position - two.position);
    expect(quick.items).toHaveLength(122);
    expect(order(slow.items)).toEqual(order(quick.items));
  });

  it("gets every picture that is drawn for it alone", async () => {
    const settings = { renderer: "txt", level: "verbose", accepts: ["picture/txt"] } as const;
    const quick = await record({ ...settings, queue: 10_000 });
    const slow = await record({ ...settings, queue: 3, slow: 1 });
    expect(quick.items).toHaveLength(122);
    expect(slow.items).toEqual(quick.items);
    expect(pictures(slow)).toEqual({});
  });

  it("leaves nothing to read when it is complete, and says so in outputs.json", async () => {
    const recorded = await record({ queue: 3, accepts: ALL, slow: 1 });
    expect(recorded.disk.fs.existsSync("/project/outputs/test/log")).toBe(false);
    expect(outputs(recorded)["logging.sinks.mine"]).toEqual({
      cursors: { record: { position: 132, written: 130, dropped: {} } },
      state: null,
      waiting: 0,
      gave_up: null,
    });
  });

  it("keeps nobody waiting who flushes, but for one who asks", async () => {
    const recorded = await open({ queue: 3, slow: 5 });
    produce(recorded.run, 40);
    const started = recorded.items.length;
    await recorded.run.flush();
    expect(recorded.items.length).toBeLessThan(started + 20);
    await recorded.run.flush({ outputs: true });
    expect(recorded.items).toHaveLength(80);
    await recorded.run.close();
  });

  it("is left incomplete by a close that is interrupted, to the unit", async () => {
    const recorded = await open({ queue: 3, slow: 20, shutdown: 0.2 });
    produce(recorded.run, 60);
    await recorded.run.close("interrupted");
    const { accepted, written, dropped } = recorded.run.stats().accounting["logging.sinks.mine"]!;
    const { waiting, cursors } = outputs(recorded)["logging.sinks.mine"] as never as {
      waiting: number;
      cursors: { record: { position: number } };
    };
    expect({ accepted, dropped }).toEqual({ accepted: 120, dropped: 0 });
    expect(waiting).toBe(120 - written);
    expect(waiting).toBeGreaterThan(0);
    expect(cursors.record.position).toBeLessThan(130);
    // The rest of it stands in the journals.
    expect(recorded.disk.fs.existsSync("/project/outputs/test/log")).toBe(false);
  });

  it("waits for another run of it once it is quarantined", async () => {
    const recorded = await record({ queue: 3, fails: true });
    const { accepted, written, dropped } = recorded.run.stats().accounting["logging.sinks.mine"]!;
    const mine = outputs(recorded)["logging.sinks.mine"]!;
    expect([accepted, written]).toEqual([120, 0]);
    expect(mine["waiting"]).toBe(120 - dropped);
    expect(mine["gave_up"]).toBe("it failed 10 times");
  });
});
