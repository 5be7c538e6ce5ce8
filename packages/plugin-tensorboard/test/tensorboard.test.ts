import type { PluginContext, SinkItem } from "@episcope/core";
import { createPluginContext } from "@episcope/core/testing";
import type { StreamRecord } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { presetConfig } from "@episcope/testing/preset-config";
import { describe, expect, it } from "vitest";
// Inside: the checksum against its published vectors.
import { crc32c } from "../src/format/tfrecord.js";
import tensorboard, { type TensorboardOptions } from "../src/index.js";

const OPTIONS: TensorboardOptions = { folder: "tensorboard", log_frequency: 2, pictures: true };
const GRID = { shape: [1, 1] as const, data: Uint8Array.of(0) };
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000000030000000208060000009d74661a", "hex");

function item(record: Omit<StreamRecord, "seq">, more: object = {}): SinkItem {
  const about = { position: 0, episode: 1, global_step: 0, key: false, similarity: null };
  return { ...about, type: record.type, record: { seq: 0, ...record }, ...more } as SinkItem;
}

const step = (index: number, more: object = {}): SinkItem =>
  item(
    {
      ...{
        type: "step",
        episode: "e",
        step: index,
        time: 100 + index,
        action: { operation: 1 },
        after: GRID,
      },
      ...{ reward: index / 4, terminated: false, truncated: false, info: { metrics: { depth: index } } },
      ...more,
    } as never,
    { global_step: index, similarity: 0.5 },
  );

const picture = (index: number): SinkItem => ({
  ...{
    position: 0,
    type: "picture/png",
    view: "step",
    episode: 1,
    task_id: "t",
    step: index,
    global_step: index,
  },
  ...{ key: false, bytes: PNG, path: null },
});

const ITEMS: readonly SinkItem[] = [
  item({
    type: "run-start",
    time: 99,
    meta: { lr: 0.5, net: { layers: [8, 8] }, token: "hf_secret" },
  } as never),
  ...[0, 1, 2, 3].flatMap((index) => [step(index), picture(index)]),
  item({
    ...{ type: "episode-end", episode: "e", time: 104, outcome: "success" },
    totals: { steps: 4, reward: 1.5, final_similarity: 1, best_similarity: 1 },
  } as never),
  item({
    type: "metrics",
    time: 105,
    step: 7,
    values: { loss: Number.NaN },
    histograms: { w: { values: [1, 2], bins: [0, 1, 2] } },
  } as never),
  item({ type: "batch", time: 106, step: 7, arrays: { adv: [1, 2, Number.NaN] } } as never),
  item({ type: "run-end", time: 107, outcome: "finished", accounting: {} } as never),
];

function world(): { readonly context: PluginContext; readonly fs: FileSystem } {
  const { fs } = memoryDisk();
  const run = {
    name: "mine",
    startTime: 98,
    configHash: "c0ffee",
    config: { seed: 1, agent: { api_key: "sk-1" } },
  };
  return { fs, context: createPluginContext({ fs, run, paths: { runDir: "/run", episodeDir: String } }) };
}

function bytesIn(fs: FileSystem): Buffer {
  const [name, ...more] = fs.readdirSync("/run/tensorboard").map(String);
  expect([name, more]).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+\.episcope$/), []]);
  return fs.readFileSync(`/run/tensorboard/${name}`) as Buffer;
}

async function record(items: readonly SinkItem[]): Promise<Buffer> {
  const { context, fs } = world();
  const sink = await tensorboard.create(OPTIONS, context);
  await sink.write(items, context.signal);
  await sink.close?.();
  return bytesIn(fs);
}

describe("an event file", () => {
  it("begins with its version, and every record's checksums are right", async () => {
    const bytes = await record(ITEMS);
    expect(bytes.toString("latin1")).toContain("brain.Event:2");
    const masked = (part: Uint8Array): number => {
      const crc = crc32c(part);
      return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
    };
    let offset = 0;
    let records = 0;
    while (offset < bytes.length) {
      const length = Number(bytes.readBigUInt64LE(offset));
      expect(bytes.readUInt32LE(offset + 8)).toBe(masked(bytes.subarray(offset, offset + 8)));
      expect(bytes.readUInt32LE(offset + 12 + length)).toBe(
        masked(bytes.subarray(offset + 12, offset + 12 + length)),
      );
      offset += 16 + length;
      records += 1;
    }
    // Version, start, steps 0 and 2 with a picture each, episode, metrics, batch, end.
    expect([offset, records]).toEqual([bytes.length, 10]);
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  });

  it("has numbers, pictures, histograms and texts of the steps that are due, and of every episode", async () => {
    const text = (await record(ITEMS)).toString("latin1");
    const count = (tag: string): number => text.split(tag).length - 1;
    expect([count("reward"), count("info/depth"), count("pictures/step")]).toEqual([4, 2, 2]);
    expect([
      count("episode/outcome"),
      count("loss"),
      count("batch/adv"),
      count("batch/adv_nonfinite"),
    ]).toEqual([1, 1, 3, 1]);
  });

  it("holds no secret of config or producer", async () => {
    const text = (await record(ITEMS)).toString("latin1");
    expect(text).toContain("c0ffee");
    expect(text).not.toMatch(/sk-1|hf_secret/);
  });

  it("is the same file when the run was interrupted and went on", async () => {
    const whole = await record(ITEMS);
    for (let covered = 0; covered <= ITEMS.length; covered += 1) {
      const { context, fs } = world();
      const killed = await tensorboard.create(OPTIONS, context);
      await killed.write(ITEMS.slice(0, covered), context.signal);
      const state = JSON.parse(JSON.stringify(await killed.flush!()));
      await killed.write(ITEMS.slice(covered, covered + 2), context.signal);
      const resumed = await tensorboard.create(OPTIONS, { ...context, resume: { position: covered, state } });
      await resumed.write(ITEMS.slice(covered), context.signal);
      await resumed.close?.();
      expect(bytesIn(fs).equals(whole)).toBe(true);
    }
  });

  it("says which file could not be written", async () => {
    const { context, fs } = world();
    fs.writeFileSync("/run", "a file");
    await expect(async () => tensorboard.create(OPTIONS, context)).rejects.toMatchObject({
      code: "TENSORBOARD_NOT_WRITTEN",
    });
  });
});

it("logging=tensorboard switches it, beside everything else", () => {
  const { sinks, wandb } = presetConfig(["logging=tensorboard"]).logging as unknown as {
    readonly sinks: object;
    readonly wandb: { readonly enabled: boolean };
  };
  expect(sinks).toEqual({ tensorboard: { _target_: "tensorboard", ...OPTIONS, log_frequency: 10 } });
  expect(wandb.enabled).toBe(false);
});
