// W&B: what encoding its records costs beside a general encoder, and the bytes of its pictures beside those of the run.
//   npm run bench -- wandb
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgent, loadTasks, playEpisodes, sampleTaskDirectory } from "@episcope/arc-env";
import { openRun } from "@episcope/core";
import png from "@episcope/plugin-png";
import wandb, { wandbDirectories } from "@episcope/plugin-wandb";
import { presetConfig } from "@episcope/testing/preset-config";
import protobuf from "protobufjs";
// Inside: nobody but the sink writes these records.
import { ProtobufWriter } from "../../packages/plugin-wandb/src/format/protobuf-writer.js";
import { encodeRecord } from "../../packages/plugin-wandb/src/format/wandb-records.js";
import { type Bar, measure, ratio, report } from "./harness.js";

/** The part of W&B's message definitions that a row needs. */
const DEFINITIONS = `
  syntax = "proto3";
  message HistoryItem { string key = 1; repeated string nested_key = 2; string value_json = 16; }
  message HistoryStep { int64 num = 1; }
  message HistoryRecord { repeated HistoryItem item = 1; HistoryStep step = 2; }
  message Record { int64 num = 1; HistoryRecord history = 2; }
`;
const ROWS = 1_000;

const bars: Bar[] = [await encoding(), await bytes()];
if (!report(bars)) process.exit(1);

/** Rows of eleven values, as a step with two metrics has them. */
async function encoding(): Promise<Bar> {
  const rows = Array.from({ length: ROWS }, (_, step) => ({
    step,
    items: Object.entries({
      ...{ episode: 1 + (step >> 6), episode_step: step & 63, global_step: step, reward: step / 7 },
      ...{ operation: '"fill 3"', similarity: (step % 97) / 97, "info/loss": 1 / (step + 1) },
      ...{ "info/entropy": step * 0.013, _step: step, _timestamp: 1_795_168_800.5 + step, _runtime: step },
    }).map(([key, value]) => ({ key, json: String(value) })),
  }));
  const { root } = protobuf.parse(DEFINITIONS, { keepCase: true });
  const type = root.lookupType("Record");
  const general = (number: number): Uint8Array => {
    const { step, items } = rows[number % ROWS]!;
    const item = items.map(({ key, json }) => ({ key, value_json: json }));
    return type.encode({ num: number + 1, history: { item, step: { num: step } } }).finish();
  };
  const writer = new ProtobufWriter();
  const ours = (number: number): Uint8Array => {
    const { step, items } = rows[number % ROWS]!;
    return encodeRecord(writer, number + 1, { kind: "history", step, items });
  };
  for (let number = 0; number < ROWS; number += 1) {
    if (Buffer.compare(general(number), ours(number)) !== 0) throw new Error(`row ${number} differs`);
  }
  let total = 0;
  const figures = await measure(
    {
      ours: (count) => {
        for (let at = 0; at < count; at += 1) total += ours(at).length;
      },
      protobufjs: (count) => {
        for (let at = 0; at < count; at += 1) total += general(at).length;
      },
    },
    { clock: "processor" },
  );
  console.log(`rows of 11 values, the same bytes from both; ${total} bytes encoded`);
  return {
    what: "records a second / protobufjs by reflection",
    value: ratio(figures, "protobufjs", "ours"),
    ...{ unit: "x", goal: 2, gate: 1.5, good: "above" },
  };
}

/** Of a played run that keeps every picture in both places. */
async function bytes(): Promise<Bar> {
  const folder = fs.mkdtempSync(join(tmpdir(), "episcope-bench-wandb-"));
  try {
    const config = presetConfig([
      ...["visualization=debug_verbose", "visualization.output_formats=[png]", "logging=wandb_full"],
      ...[
        "logging.wandb.offline_mode=true",
        "logging.wandb.log_frequency=1",
        "logging.wandb.image_format=png",
      ],
      ...["logging.wandb.log_animation=false", "logging.async_logger.worker_threads=0"],
      ...["logging.log_level=ERROR"],
    ]);
    const runDir = join(folder, "run");
    const run = await openRun(config, { plugins: [png, wandb], runDir, cwd: folder });
    const tasks = loadTasks(sampleTaskDirectory(), fs).slice(0, 8);
    await playEpisodes({ recorder: run, tasks, agent: createAgent("search"), seed: 1 });
    await run.close();
    const [directory] = wandbDirectories(runDir, fs);
    const own = pictures(runDir, (path) => !path.startsWith("wandb"));
    const theirs = pictures(join(directory!, "files"), () => true);
    console.log(
      `${own.count} pictures of the run, ${own.bytes} bytes; ${theirs.count} of W&B, ${theirs.bytes} bytes`,
    );
    if (own.count === 0 || theirs.count !== own.count) throw new Error("not every picture is in both places");
    return {
      what: "bytes of W&B's pictures / the run's own",
      value: theirs.bytes / own.bytes,
      ...{ unit: "x", goal: 1.1, gate: 1.3, good: "below" },
    };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function pictures(directory: string, isWanted: (path: string) => boolean): { count: number; bytes: number } {
  const paths = fs
    .readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".png") && isWanted(path));
  const sizes = paths.map((path) => fs.statSync(join(directory, path)).size);
  return { count: paths.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
