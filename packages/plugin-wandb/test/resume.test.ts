import type { SinkItem } from "@episcope/core";
import { startWandbServer, WANDB_TEST_KEY } from "@episcope/testing/wandb-server";
import { immediateWaiting } from "@episcope/tracker/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type WandbConfig, type WandbSink, wandbDirectories } from "../src/index.js";
// Inside: environment and time of the sink are given here.
import { createWandbSink, type SinkWorld } from "../src/sink.js";
import {
  createWorld,
  episodeEnd,
  episodeStart,
  item,
  logPathOf,
  OPTIONS,
  picture,
  png,
  readLog,
  rowsOf,
  runEnd,
  START,
  step,
  type World,
} from "./context.js";

/** Two episodes with pictures, numbers of the producer and a second row for one step. */
const ITEMS: readonly SinkItem[] = [
  episodeStart(1, 0),
  ...[0, 1, 2, 3].flatMap((index) => [step(index), picture(png(2, 2), { global_step: index, step: index })]),
  episodeEnd(1, 3),
  item({ type: "metrics", seq: 0, time: START + 4, step: 1, values: { loss: 0.5 } }, { globalStep: 3 }),
  episodeStart(2, 3),
  ...[4, 5, 6].map((index) => step(index, { episode: 2, step: index - 4 })),
  episodeEnd(2, 6),
  picture(png(3, 3), { view: "summary", episode: 2, global_step: 6, step: null }),
];

const NO_KEY: SinkWorld = { env: { NETRC: "/nowhere" }, waiting: immediateWaiting() };

function open(
  world: World,
  state: unknown = null,
  options: Partial<WandbConfig> = {},
  about = NO_KEY,
): WandbSink {
  const resume = state === null ? null : { position: 0, state: JSON.parse(JSON.stringify(state)) };
  return createWandbSink({ ...OPTIONS, log_frequency: 2, ...options }, { ...world.context, resume }, about);
}

function rowsIn(world: World): object[] {
  return wandbDirectories("/run", world.fs).flatMap((directory) =>
    rowsOf(readLog(world.fs, logPathOf(world.fs, directory))),
  );
}

async function inOneGo(): Promise<object[]> {
  const world = createWorld();
  const sink = open(world);
  await sink.write([...ITEMS, runEnd("finished")], world.context.signal);
  await sink.close?.();
  return rowsIn(world);
}

describe("a run that is resumed", () => {
  it("has the rows of one that never stopped, wherever it stopped and whatever had been written since its state", async () => {
    const whole = await inOneGo();
    const cut = fc.integer({ min: 0, max: ITEMS.length });
    await fc.assert(
      fc.asyncProperty(cut, cut, async (covered, more) => {
        const world = createWorld();
        const killed = open(world);
        await killed.write(ITEMS.slice(0, covered), world.context.signal);
        const state = await killed.flush!();
        await killed.write(ITEMS.slice(covered, covered + more), world.context.signal);
        const resumed = open(world, state);
        await resumed.write([...ITEMS.slice(covered), runEnd("finished")], world.context.signal);
        await resumed.close?.();
        expect(rowsIn(world)).toEqual(whole);
        expect(wandbDirectories("/run", world.fs)).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it("numbers its records on, and keeps summary and axes", async () => {
    const world = createWorld();
    const killed = open(world);
    await killed.write(ITEMS.slice(0, 12), world.context.signal);
    const resumed = open(world, await killed.flush!());
    await resumed.write([...ITEMS.slice(12), runEnd("finished")], world.context.signal);
    await resumed.close?.();
    const records = readLog(world.fs, logPathOf(world.fs, resumed.directory));
    expect(records.map(({ num }) => num)).toEqual(records.map((_, index) => index + 1));
    const axes = records.filter(({ kind }) => kind === "metric");
    expect(new Set(axes.map(({ body }) => Buffer.from(body).toString("hex"))).size).toBe(axes.length);
    const summary = Object.assign(
      {},
      ...records.filter(({ kind }) => kind === "summary").map(({ values }) => values),
    );
    expect(summary).toMatchObject({ episode: "2", "metrics/loss": "0.5", global_step: "6" });
  });

  it("goes on in its run at the server, each row once", async () => {
    const server = await startWandbServer();
    const about = {
      env: { WANDB_BASE_URL: server.origin, WANDB_API_KEY: WANDB_TEST_KEY },
      waiting: immediateWaiting(),
    };
    try {
      const world = createWorld();
      const first = open(world, null, {}, about);
      await first.write(ITEMS.slice(0, 9), world.context.signal);
      const state = await first.flush!();
      await first.write([...ITEMS.slice(9, 14), runEnd("interrupted")], world.context.signal);
      await first.close?.();
      const resumed = open(world, state, {}, about);
      await resumed.write([...ITEMS.slice(9), runEnd("finished")], world.context.signal);
      await resumed.close?.();
      const [name, stored] = [...server.runs][0]!;
      expect(server.runs.size).toBe(1);
      expect(server.rows(name).map(({ _step }) => _step)).toEqual(
        (await inOneGo()).map((row) => Number((row as { _step: string })._step)),
      );
      expect([server.offences, stored.exitCode]).toEqual([[], 0]);
    } finally {
      await server.close();
    }
  });

  it("begins another W&B run where it is told to, or where its own is gone", async () => {
    const world = createWorld();
    const killed = open(world);
    await killed.write(ITEMS.slice(0, 5), world.context.signal);
    const state = await killed.flush!();
    world.clock.advance(1);
    open(world, state, { resume: "never" });
    const ids = wandbDirectories("/run", world.fs).map((directory) => directory.slice(-8));
    expect([ids.length, new Set(ids).size]).toEqual([2, 2]);
    for (const directory of wandbDirectories("/run", world.fs))
      world.fs.rmSync(directory, { recursive: true });
    await open(world, state).close?.();
    expect(wandbDirectories("/run", world.fs)).toHaveLength(1);
  });
});

describe("a row that is still open", () => {
  it("is on disk after flush, and may become another afterwards", async () => {
    const world = createWorld();
    const sink = open(world);
    await sink.write([episodeStart(1, 0), step(0), step(1, { terminated: true })], world.context.signal);
    await sink.flush!();
    expect(rowsIn(world).map((row) => (row as { global_step: string }).global_step)).toEqual(["0", "1"]);
    await sink.write([episodeEnd(1, 1)], world.context.signal);
    await sink.flush!();
    expect(rowsIn(world)).toHaveLength(2);
    expect(rowsIn(world)[1]).toMatchObject({ global_step: "1", "episode/outcome": '"success"' });
  });
});

describe("beside the rows", () => {
  it("what the producer says of itself is the run's config, without what is secret", async () => {
    const world = createWorld();
    const sink = open(world);
    const meta = {
      agent: "ppo",
      lr: 0.5,
      hub: { token: "hf_123" },
      model_topology: { nodes: [], edges: [] },
    };
    await sink.write(
      [item({ type: "run-start", seq: 0, time: START, meta } as never, {})],
      world.context.signal,
    );
    await sink.close?.();
    const config = readLog(world.fs, logPathOf(world.fs, sink.directory)).find(
      ({ kind }) => kind === "config",
    )!;
    expect(config.values).toEqual({ agent: '"ppo"', lr: "0.5", hub: '{"token":"(masked)"}' });
  });

  it("CPU and memory are noted at the beginning and at the end", async () => {
    const world = createWorld();
    const sink = open(world, null, { log_system_metrics: true });
    await sink.close?.();
    const stats = readLog(world.fs, logPathOf(world.fs, sink.directory)).filter(
      ({ kind }) => kind === "stats",
    );
    expect(stats).toHaveLength(2);
    expect(Object.keys(stats[0]!.values)).toEqual(
      expect.arrayContaining(["cpu", "memory_percent", "proc.memory.rssMB"]),
    );
  });
});
