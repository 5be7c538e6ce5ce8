import { createHash } from "node:crypto";
import * as nodeFs from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SinkItem } from "@episcope/core";
import type { FileSystem } from "@episcope/records/store";
import { describe, expect, it, vi } from "vitest";
// Inside: reads back what the sink writes.
import { readFields } from "../src/format/protobuf-reader.js";
import wandb, { type WandbConfig, type WandbSink, wandbDirectories, wandbSyncCommand } from "../src/index.js";
import {
  createWorld,
  episodeEnd,
  episodeStart,
  item,
  logPathOf,
  OPTIONS,
  picture,
  png,
  type ReadRecord,
  readLog,
  rowsOf,
  runEnd,
  START,
  step,
  text,
  type World,
} from "./context.js";

async function openSink(world: World, options: Partial<WandbConfig> = {}): Promise<WandbSink> {
  return (await wandb.create({ ...OPTIONS, ...options }, world.context)) as WandbSink;
}

/** Everything in the log after the sink took these batches and was closed. */
async function record(
  batches: readonly (readonly SinkItem[])[],
  options: Partial<WandbConfig> = {},
  world: World = createWorld(),
): Promise<ReadRecord[]> {
  const sink = await openSink(world, options);
  const signal = world.context.signal;
  for (const batch of batches) await sink.write(batch, signal);
  await sink.close?.();
  return readLog(world.fs, logPathOf(world.fs, sink.directory));
}

function kinds(records: readonly ReadRecord[]): string[] {
  return records.map(({ kind }) => kind);
}

function numbers(rows: readonly ReadRecord["values"][], key: string): (string | undefined)[] {
  return rows.map((row) => row[key]);
}

describe("an offline W&B run", () => {
  it("names its writer with the version in the package's package.json", async () => {
    const manifest = nodeFs.readFileSync(new URL("../package.json", import.meta.url), "utf8");
    const header = (await record([])).find(({ kind }) => kind === "header")!;
    expect(text(header.body)).toContain(`episcope ${JSON.parse(manifest).version}`);
  });

  it("has its config, tags and project on disk before the first step", async () => {
    const world = createWorld();
    const sink = await openSink(world, { entity: "team", tags: ["arc", "two"] });
    const records = readLog(world.fs, logPathOf(world.fs, sink.directory));
    expect(kinds(records)).toEqual(["header", "run", "environment", "telemetry"]);
    const fields = readFields(records[1]!.body);
    const strings = fields.filter(({ field }) => [2, 3, 8, 10].includes(field));
    expect(strings.map(({ value }) => text(value as Uint8Array))).toEqual([
      "team",
      "demo",
      "run_demo",
      "arc",
      "two",
    ]);
    expect(records[1]!.values).toEqual({
      episcope: '{"seed":7,"agent":{"name":"search","api_key":"(masked)","rates":[0.1,NaN]}}',
      config_hash: '"c0ffee"',
    });
  });

  it("has the directory that 'wandb sync' looks for, with a link to the newest", async () => {
    const world = createWorld();
    const sink = await openSink(world);
    const local = new Date(START * 1000);
    const two = (value: number): string => String(value).padStart(2, "0");
    const stamp = `${local.getFullYear()}${two(local.getMonth() + 1)}${two(local.getDate())}_${two(local.getHours())}${two(local.getMinutes())}${two(local.getSeconds())}`;
    expect(sink.directory).toMatch(new RegExp(`^/run/wandb/offline-run-${stamp}-[a-z0-9]{8}$`));
    const id = sink.directory.slice(-8);
    expect(world.fs.existsSync(join(sink.directory, `run-${id}.wandb`))).toBe(true);
    expect(world.fs.readlinkSync("/run/wandb/latest-run")).toBe(sink.directory.split("/").at(-1));
    expect(wandbDirectories("/run", world.fs)).toEqual([sink.directory]);
    expect(wandbDirectories("/elsewhere", world.fs)).toEqual([]);
  });

  it("is the same bytes for the same run and clock, and another directory where that one exists", async () => {
    const batches = [[episodeStart(1, 0), step(0), step(1), episodeEnd(1, 1), runEnd("finished")]];
    const [one, two] = [createWorld(), createWorld()];
    const logs = [];
    for (const world of [one, two]) {
      const sink = await openSink(world);
      for (const batch of batches) await sink.write(batch, world.context.signal);
      await sink.close?.();
      logs.push(world.fs.readFileSync(logPathOf(world.fs, sink.directory)).toString("hex"));
    }
    expect(logs[0]).toBe(logs[1]);
    await openSink(one);
    expect(wandbDirectories("/run", one.fs)).toHaveLength(2);
  });

  it("ends with the whole summary, the exit code and the final record", async () => {
    const world = createWorld();
    const sink = await openSink(world);
    await sink.write([step(0), step(1, { key: true, reward: 2 }), runEnd("finished")], world.context.signal);
    world.clock.advance(12.5);
    await sink.close?.();
    const records = readLog(world.fs, logPathOf(world.fs, sink.directory));
    expect(kinds(records).slice(-3)).toEqual(["summary", "exit", "final"]);
    expect(records.map(({ num }) => num)).toEqual(records.map((_, index) => index + 1));
    expect(records.at(-3)!.values).toMatchObject({
      reward: "2",
      _step: "1",
      _runtime: "12.5",
      "_wandb.runtime": "12",
    });
    expect(readFields(records.at(-2)!.body)).toEqual([{ field: 2, value: 12 }]);
  });

  it.each([
    ["crashed", 1],
    ["interrupted", 255],
  ] as const)("notes a run that was %s with exit code %i", async (outcome, code) => {
    const records = await record([[step(0), runEnd(outcome)]]);
    expect(readFields(records.at(-2)!.body)).toEqual([{ field: 1, value: code }]);
  });

  it("counts as crashed where the run's end never came", async () => {
    const records = await record([[step(0)]]);
    expect(readFields(records.at(-2)!.body)).toEqual([{ field: 1, value: 1 }]);
  });

  it("writes the summary at most every ten seconds while the run goes on", async () => {
    const world = createWorld();
    const sink = await openSink(world, { log_frequency: 1 });
    const summaries = (): number =>
      kinds(readLog(world.fs, logPathOf(world.fs, sink.directory))).filter((kind) => kind === "summary")
        .length;
    for (let index = 0; index <= 25; index += 1) {
      await sink.write([step(index)], world.context.signal);
      world.clock.advance(1);
    }
    expect(summaries()).toBe(2);
  });

  it("opens no connection", async () => {
    const connect = vi.spyOn(Socket.prototype, "connect").mockImplementation(() => {
      throw new Error("a socket was opened");
    });
    const runDir = mkdtempSync(join(tmpdir(), "episcope-wandb-"));
    try {
      const world = createWorld({ fs: nodeFs as FileSystem, runDir });
      const records = await record(
        [[episodeStart(1, 0), step(0), picture(png(4, 4)), episodeEnd(1, 0), runEnd("finished")]],
        { offline_mode: false },
        world,
      );
      expect(kinds(records)).toContain("history");
      expect(connect).not.toHaveBeenCalled();
    } finally {
      connect.mockRestore();
      rmSync(runDir, { recursive: true, force: true });
    }
  });

  it("says at the end where it is and how to upload it, unless the user wants it offline", async () => {
    const world = createWorld();
    await record([[runEnd("finished")]], {}, world);
    expect(world.messages.join("\n")).toMatch(
      /info: {2}W&B run: \/run\/wandb\/offline-run-.*no key was found.*episcope sync \/run or wandb sync \/run/,
    );
    const offline = createWorld();
    await record([[runEnd("finished")]], { offline_mode: true }, offline);
    expect(offline.messages.join("\n")).not.toMatch(/sync/);
    expect(wandbSyncCommand("/a b/it's")).toBe("wandb sync '/a b/it'\\''s'");
  });

  it("asks for pictures of the size that it may log", async () => {
    const sink = await openSink(createWorld(), { max_image_size: [320, 200] });
    expect(sink.pictureSize).toEqual({ width: 320, height: 200 });
  });

  it("fails with a clear error where its directory cannot be made", async () => {
    const world = createWorld();
    world.fs.writeFileSync("/run", "a file");
    await expect(async () => openSink(world)).rejects.toMatchObject({ code: "WANDB_DIRECTORY_NOT_CREATED" });
  });
});

describe("rows of steps", () => {
  it("come every log_frequency steps counted over the run, not over the episode", async () => {
    // Four episodes of seven steps: a count that restarts would never reach ten.
    const items: SinkItem[] = [];
    for (let global = 0; global < 28; global += 1) {
      items.push(step(global, { episode: Math.floor(global / 7) + 1, step: (global % 7) + 1 }));
    }
    const rows = rowsOf(await record([items]));
    expect(numbers(rows, "_step")).toEqual(["0", "10", "20"]);
    expect(numbers(rows, "episode")).toEqual(["1", "2", "3"]);
    expect(numbers(rows, "episode_step")).toEqual(["1", "4", "7"]);
  });

  it("come for first, last, submit and key steps as well", async () => {
    const items = [
      step(3, { step: 0 }),
      step(4),
      step(5, { operation: 34 }),
      step(6),
      step(7, { key: true }),
      step(8),
      step(9, { terminated: true }),
    ];
    expect(numbers(rowsOf(await record([items])), "_step")).toEqual(["3", "5", "7", "9"]);
  });

  it("hold the time of the step, the runtime, and NaN and infinities as they are", async () => {
    const rows = rowsOf(
      await record([[step(0, { reward: Number.NaN, metrics: { up: Infinity, down: -Infinity, zero: -0 } })]]),
    );
    expect(rows).toEqual([
      {
        episode: "1",
        episode_step: "0",
        global_step: "0",
        reward: "NaN",
        operation: '"Fill 3"',
        similarity: "0.25",
        "info/up": "Infinity",
        "info/down": "-Infinity",
        "info/zero": "0",
        _step: "0",
        _timestamp: "1795168800.5",
        _runtime: "0",
      },
    ]);
  });

  it("are on disk when the next step has come, whatever happens to the process", async () => {
    const world = createWorld();
    const sink = await openSink(world, { log_frequency: 1 });
    await sink.write([step(0), step(1), step(2)], world.context.signal);
    const path = logPathOf(world.fs, sink.directory);
    expect(numbers(rowsOf(readLog(world.fs, path)), "_step")).toEqual(["0", "1"]);
    await sink.flush?.();
    expect(numbers(rowsOf(readLog(world.fs, path)), "_step")).toEqual(["0", "1", "2"]);
  });

  it("keep hostile names as names", async () => {
    const metrics = JSON.parse(
      '{"__proto__": 1, "constructor": 2, "": 3, "a\\"b": 4, "日本": 5, "_step": 6}',
    );
    const rows = rowsOf(await record([[step(0, { metrics })]]));
    expect(rows[0]).toMatchObject({
      "info/__proto__": "1",
      "info/constructor": "2",
      "info/": "3",
      'info/a"b': "4",
      "info/日本": "5",
      "info/_step": "6",
      _step: "0",
    });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("say which key makes a row too wide for W&B, and keep it", async () => {
    const world = createWorld();
    const name = "x".repeat(1_100_000);
    const record1 = item(
      { ...(step(0) as { record: object }).record, action: { operation: 3, name } } as never,
      {
        episode: 1,
        globalStep: 0,
      },
    );
    const rows = rowsOf(await record([[record1]], {}, world));
    expect(rows[0]!["operation"]).toHaveLength(name.length + 2);
    expect(world.messages.filter((message) => message.startsWith("warn"))).toEqual([
      expect.stringContaining("most of them in 'operation'"),
    ]);
  });
});

describe("episodes", () => {
  it("go into the row of their last step, whether that step was to have a row or not", async () => {
    const records = await record([
      [
        episodeStart(1, 0),
        step(0),
        step(1),
        step(2, { reward: 3 }),
        episodeEnd(1, 2),
        episodeStart(2, 3),
        step(3, { step: 0, episode: 2 }),
      ],
    ]);
    const rows = rowsOf(records);
    expect(numbers(rows, "_step")).toEqual(["0", "2", "3"]);
    expect(rows[1]).toMatchObject({
      reward: "3",
      episode: "1",
      "episode/outcome": '"success"',
      "episode/success": "1",
      "episode/steps": "4",
      "episode/reward": "2",
      "episode/final_similarity": "1",
      "episode/best_similarity": "1",
      "episode/task_id": '"007bbfb7"',
      "episode/seconds": "2.25",
    });
  });

  it("are drawn against the number of the episode: the axis is defined before the first row that needs it", async () => {
    const records = await record([[step(0), episodeEnd(1, 0), step(1, { episode: 2 }), episodeEnd(2, 1)]]);
    const first = records.findIndex(({ kind }) => kind === "history");
    const metrics = records.filter(({ kind }) => kind === "metric");
    expect(records.slice(0, first).filter(({ kind }) => kind === "metric")).toEqual(metrics);
    const described = metrics.map(({ body }) =>
      readFields(body)
        .filter(({ field }) => [1, 2, 4].includes(field))
        .map(({ field, value }) => `${field}:${text(value as Uint8Array)}`),
    );
    expect(described.slice(0, 3)).toEqual([
      ["1:episode"],
      ["2:episode/*", "4:episode"],
      ["1:episode/outcome", "4:episode"],
    ]);
  });

  it("that end together each have a row, and _step still grows", async () => {
    const rows = rowsOf(
      await record([
        [step(0), step(1, { episode: 2 }), episodeEnd(1, 0), episodeEnd(2, 1), step(10, { episode: 3 })],
      ]),
    );
    expect(numbers(rows, "_step")).toEqual(["0", "1", "2", "10"]);
    expect(numbers(rows, "episode/success")).toEqual([undefined, "1", "1", undefined]);
    expect(numbers(rows, "episode").sort()).toEqual(["1", "1", "2", "3"]);
  });

  it("alone have rows where log_frequency is 0", async () => {
    const rows = rowsOf(
      await record([[step(0, { key: true }), picture(png(2, 2)), step(1), episodeEnd(1, 1)]], {
        log_frequency: 0,
      }),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ _step: "1", reward: "0.5", "episode/reward": "2" });
  });
});

describe("pictures", () => {
  it("are files that stand before the row that names them", async () => {
    const world = createWorld();
    const bytes = png(12, 8);
    const sink = await openSink(world);
    await sink.write([step(0), picture(bytes)], world.context.signal);
    await sink.close?.();
    const records = readLog(world.fs, logPathOf(world.fs, sink.directory));
    const value = JSON.parse(rowsOf(records)[0]!["pictures/step"]!);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(value).toEqual({
      _type: "image-file",
      sha256,
      size: bytes.length,
      path: `media/images/pictures/step_0_${sha256.slice(0, 20)}.png`,
      format: "png",
      width: 12,
      height: 8,
      caption: "episode 1, task 007bbfb7, step 0",
    });
    expect(Buffer.from(world.fs.readFileSync(join(sink.directory, "files", value.path))).equals(bytes)).toBe(
      true,
    );
    const order = kinds(records).filter((kind) => kind === "files" || kind === "history");
    expect(order).toEqual(["files", "history"]);
    expect(
      text(
        readFields(readFields(records.find(({ kind }) => kind === "files")!.body)[0]!.value as Uint8Array)[0]!
          .value as Uint8Array,
      ),
    ).toBe(value.path);
  });

  it("are the renderer's own bytes, also where it did not draw them for max_image_size", async () => {
    const bytes = png(400, 100);
    const rows = rowsOf(await record([[step(0), picture(bytes)]], { max_image_size: [100, 100] }));
    const value = JSON.parse(rows[0]!["pictures/step"]!);
    expect(value).toMatchObject({ width: 400, height: 100, size: bytes.length });
  });

  it("are pages for SVG, and both where both are asked for", async () => {
    const world = createWorld();
    const svg = Buffer.from(
      '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><text>日本</text></svg>',
    );
    const sink = await openSink(world, { image_format: "both" });
    expect(sink.accepts).toContain("picture/svg");
    await sink.write(
      [step(0), picture(png(2, 2)), picture(svg, { type: "picture/svg", task_id: "<b>" })],
      world.context.signal,
    );
    await sink.close?.();
    const row = rowsOf(readLog(world.fs, logPathOf(world.fs, sink.directory)))[0]!;
    expect(JSON.parse(row["pictures/step"]!)._type).toBe("image-file");
    const page = JSON.parse(row["pictures/step_svg"]!);
    expect(page._type).toBe("html-file");
    const html = world.fs.readFileSync(join(sink.directory, "files", page.path), "utf8");
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("<body><svg");
    expect(html).toContain("<title>episode 1, task &lt;b&gt;, step 0</title>");
    expect(html).toContain("日本");
  });

  it("of a step are logged where the step has a row; a summary always", async () => {
    const rows = rowsOf(
      await record([
        [
          step(0),
          step(1),
          picture(png(2, 2), { step: 1, global_step: 1, key: false }),
          step(2),
          episodeEnd(1, 2),
          picture(png(3, 3), { view: "summary", step: null, global_step: 2, key: false }),
        ],
      ]),
    );
    expect(rows.filter((row) => row["pictures/step"] !== undefined)).toEqual([]);
    expect(rows.at(-1)).toMatchObject({ _step: "2", "episode/steps": "4" });
    expect(JSON.parse(rows.at(-1)!["pictures/summary"]!)).toMatchObject({
      width: 3,
      caption: "episode 1, task 007bbfb7, summary",
    });
  });

  it("drawn after the next step came go into that step's row and say their own", async () => {
    const rows = rowsOf(
      await record([
        [
          step(0),
          step(1, { key: true }),
          picture(png(2, 2)),
          picture(png(3, 3), { global_step: 1, step: 1 }),
        ],
      ]),
    );
    expect(numbers(rows, "_step")).toEqual(["0", "1", "2"]);
    expect(numbers(rows, "pictures/step_global_step")).toEqual([undefined, "0", undefined]);
    expect(
      rows.map((row) => (row["pictures/step"] === undefined ? null : JSON.parse(row["pictures/step"]).width)),
    ).toEqual([null, 2, 3]);
  });

  it("that are no picture are left out, aloud and counted; all else of the batch is logged", async () => {
    const world = createWorld();
    const sink = await openSink(world);
    const bad = picture(Buffer.from("GIF89a"), { step: 5 });
    await sink.write([step(0), bad, picture(png(2, 2)), bad], world.context.signal);
    await sink.close?.();
    const rows = rowsOf(readLog(world.fs, logPathOf(world.fs, sink.directory)));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ reward: "0.5" });
    expect(JSON.parse(rows[0]!["pictures/step"]!).width).toBe(2);
    expect(world.messages.filter((message) => message.startsWith("error"))).toEqual([
      expect.stringMatching(/WANDB_PICTURE_NOT_LOGGED.*step 5.*not a PNG/),
      expect.stringMatching(/2 pictures/),
    ]);
  });

  it("leave no file behind where the disk is full", async () => {
    const world = createWorld();
    const fs: FileSystem = Object.create(world.fs, {
      renameSync: {
        value: () => {
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        },
      },
    });
    const sink = (await wandb.create(OPTIONS, { ...world.context, fs })) as WandbSink;
    await sink.write([step(0), picture(png(2, 2))], world.context.signal);
    await sink.close?.();
    expect(world.fs.readdirSync(join(sink.directory, "files/media/images/pictures"))).toEqual([]);
    expect(world.messages.join("\n")).toMatch(/ENOSPC/);
  });
});

describe("what a producer sends beside episodes", () => {
  const metrics = (update: number, more: object = {}): SinkItem =>
    item(
      {
        type: "metrics",
        seq: 0,
        time: START + update,
        step: update,
        values: { loss: 1 / update },
        ...more,
      } as never,
      {},
    );

  it("metrics have a clock of their own, also without any step", async () => {
    const records = await record([[metrics(100), metrics(200), metrics(300)]]);
    const rows = rowsOf(records);
    expect(numbers(rows, "_step")).toEqual(["0", "1", "2"]);
    expect(numbers(rows, "metrics/step")).toEqual(["100", "200", "300"]);
    expect(numbers(rows, "metrics/loss")).toEqual(["0.01", "0.005", String(1 / 300)]);
    expect(kinds(records).filter((kind) => kind === "metric")).toHaveLength(3);
  });

  it("histograms are logged as gradients where log_gradients is on", async () => {
    const histograms = {
      dense: { values: [1, 2], bins: [0, 1, 2] },
      "parameters/dense": {
        values: Array(1024).fill(1),
        bins: Array.from({ length: 1025 }, (_, index) => index),
      },
      broken: { values: [1], bins: [0] },
    };
    const world = createWorld();
    const rows = rowsOf(await record([[metrics(1, { histograms })]], { log_gradients: true }, world));
    expect(JSON.parse(rows[0]!["gradients/dense"]!)).toEqual({
      _type: "histogram",
      values: [1, 2],
      bins: [0, 1, 2],
    });
    const wide = JSON.parse(rows[0]!["parameters/dense"]!);
    expect([wide.values.length, wide.bins.length, wide.values[0], wide.bins.at(-1)]).toEqual([
      512, 513, 2, 1024,
    ]);
    expect(world.messages.join("\n")).toMatch(/warn: .*'broken' is left out/);
    const off = rowsOf(await record([[metrics(1, { histograms })]]));
    expect(Object.keys(off[0]!).some((key) => key.startsWith("gradients/"))).toBe(false);
  });

  it("arrays over environments become mean, histogram and a count of what is not finite", async () => {
    const batch = item(
      {
        type: "batch",
        seq: 0,
        time: START,
        step: 4,
        arrays: { reward: [1, 2, 3, Number.NaN], none: [Number.NaN], same: [2, 2] },
      },
      {},
    );
    const row = rowsOf(await record([[batch]]))[0]!;
    expect(row).toMatchObject({
      "batch/step": "4",
      "batch/reward": "2",
      "batch/reward_nonfinite": "1",
      "batch/none_nonfinite": "1",
    });
    const histogram = JSON.parse(row["batch/reward_histogram"]!);
    expect(histogram.bins).toHaveLength(histogram.values.length + 1);
    expect(histogram.values.reduce((sum: number, count: number) => sum + count, 0)).toBe(3);
    expect(JSON.parse(row["batch/same_histogram"]!)).toMatchObject({ values: [2], bins: [1.5, 2.5] });
    expect(row["batch/none"]).toBeUndefined();
  });

  it("the model's graph is a file that the summary names", async () => {
    const world = createWorld();
    const model_topology = {
      nodes: [
        { id: 1, name: "conv" },
        { id: 2, name: "head" },
      ],
      edges: [[1, 2]],
    };
    const start = item(
      { type: "run-start", seq: 0, run: "r", time: START, config_hash: "x", meta: { model_topology } },
      {},
    );
    const sink = await openSink(world, { log_model_topology: true });
    await sink.write([start], world.context.signal);
    await sink.close?.();
    const records = readLog(world.fs, logPathOf(world.fs, sink.directory));
    const value = JSON.parse(records.findLast(({ kind }) => kind === "summary")!.values["graph_0"]!);
    expect(value).toMatchObject({ _type: "graph-file" });
    expect(JSON.parse(world.fs.readFileSync(join(sink.directory, "files", value.path), "utf8"))).toEqual({
      format: "torch",
      ...model_topology,
    });
  });

  it("is missed once, aloud, where it was asked for and never came", async () => {
    const world = createWorld();
    await record([[step(0)]], { log_gradients: true, log_model_topology: true }, world);
    expect(world.messages.filter((message) => /producer sent no/.test(message))).toHaveLength(2);
    const bad = createWorld();
    const start = item(
      {
        type: "run-start",
        seq: 0,
        run: "r",
        time: START,
        config_hash: "x",
        meta: { model_topology: { nodes: 1 } },
      },
      {},
    );
    await record([[start]], { log_model_topology: true }, bad);
    expect(bad.messages.join("\n")).toMatch(/warn: {2}W&B: meta.model_topology is no graph/);
  });
});

describe("a full disk", () => {
  it("is one clear error; a batch that is tried again has its rows once, when there is room", async () => {
    const world = createWorld();
    let full = false;
    const fs: FileSystem = Object.create(world.fs, {
      writeSync: {
        value: (...args: Parameters<FileSystem["writeSync"]>) => {
          if (full) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
          return world.fs.writeSync(...args);
        },
      },
    });
    const sink = (await wandb.create(
      { ...OPTIONS, log_frequency: 1 },
      { ...world.context, fs },
    )) as WandbSink;
    await sink.write([step(0), step(1)], world.context.signal);
    full = true;
    const batch = [step(2), step(3)];
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(() => sink.write(batch, world.context.signal)).toThrowError(
        expect.objectContaining({ code: "WANDB_LOG_NOT_WRITTEN" }),
      );
    }
    full = false;
    // The pipeline hands the same batch over again.
    await sink.write(batch, world.context.signal);
    await sink.write([episodeEnd(1, 3)], world.context.signal);
    await sink.close?.();
    const records = readLog(world.fs, logPathOf(world.fs, sink.directory));
    expect(numbers(rowsOf(records), "_step")).toEqual(["0", "1", "2", "3"]);
    expect(records.map(({ num }) => num)).toEqual(records.map((_, index) => index + 1));
  });
});
