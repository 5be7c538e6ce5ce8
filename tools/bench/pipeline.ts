// The pipeline: what a step costs the thread that records it, what stands on disk, and how it is found again.
//   npm run bench -- pipeline
import { spawnSync } from "node:child_process";
import fs, {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { definePlugin, type Renderer, type StepInput } from "@episcope/core";
import { type EpisodeStartRecord, gridToRows, type StepRecord } from "@episcope/records";
import {
  type CleanupPolicy,
  EpisodeManager,
  type FileSystem,
  JournalReader,
  JournalWriter,
  sealJournal,
} from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { type Bar, measure, median, quartile, quietRatio, ratio, report } from "./harness.js";
import { type ArcEpisode, loadPairs, walk, wholeGrids } from "./pipeline/arc-steps.js";
import { openHandOver } from "./pipeline/hand-over.js";
import { openBenchRun } from "./pipeline/recording-run.js";

const STORAGE = {
  base_output_dir: "",
  run_name: null,
  episode_dir_format: "episode_{episode:04d}",
  step_file_format: "step_{step:03d}",
  max_episodes_per_run: 1000,
  cleanup_policy: "size_based",
  max_storage_gb: 10,
  policies: {},
  durability: "process",
  fallback_dir: null,
  min_free_gb: 0,
} as const;

/** Steps that the ring of the measured run holds. */
const RING = 4096;

const scratch = mkdtempSync(join(tmpdir(), "episcope-bench-"));
const arc = loadPairs();
console.log(`${arc.pairs.length} pairs of ARC tasks from ${arc.from}`);
const bars: Bar[] = [];
try {
  await producer();
  collections();
  encoding();
  await onDisk();
  await access();
  await accounting();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = report(bars) ? 0 : 1;

/** What one step costs the thread that records it; what comes later is waited for, untimed. */
async function producer(): Promise<void> {
  const steps = wholeGrids(walk(arc, 512, 1));
  const { after } = steps[0]!;
  const start = { taskId: "t", initial: after, target: after };
  const run = await openBenchRun(join(scratch, "producer"), [`logging.async_logger.queue_size=${RING}`]);
  const [rows, columns] = after.shape;
  const ring = openHandOver(RING, rows, columns);
  const full = run.startEpisode(start);
  const masks = steps.map(({ action }) =>
    action.selection?.kind === "mask" ? action.selection.mask : after.data,
  );

  // Private memory as large as the ring; every array starts at a multiple of 8.
  const memory = new Uint8Array(RING * 2816);
  let slot = 0;
  const copy = (before: Uint8Array, data: Uint8Array, mask: Uint8Array): void => {
    const at = (slot++ & (RING - 1)) * 2816;
    memory.set(before, at);
    memory.set(data, at + 904);
    memory.set(mask, at + 1808);
  };
  const base64 = (bytes: Uint8Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  const pinoLog = await openPino(join(scratch, "pino.log"));
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     parentPort.on("message", (message) => { if (message === "done?") parentPort.postMessage("done"); });`,
    { eval: true },
  );
  const each = (take: (input: StepInput, index: number) => unknown) => (count: number) => {
    for (let step = 0; step < count; step++) take(steps[step & 511]!, step & 511);
  };
  const measurement = await measure(
    {
      copy: each(({ after }, index) =>
        copy(steps[(index + 511) & 511]!.after.data, after.data, masks[index]!),
      ),
      // The same 2.7 kB: the grid before, the grid after, the mask. Inputs are made on the spot, as a training loop does.
      "hand-over": each(({ action, after, reward }, index) =>
        ring.step({ action, after, reward, before: steps[(index + 511) & 511]!.after }),
      ),
      step: each(({ action, after, reward, info }) => full.step({ action, after, reward, info: info! })),
      pino: each(({ action, after, reward, info }, index) =>
        pinoLog.info({
          operation: action.operation,
          before: base64(steps[(index + 511) & 511]!.after.data),
          after: base64(after.data),
          mask: base64(masks[index]!),
          reward,
          info,
        }),
      ),
      message: each(({ action, after, reward, info }, index) =>
        worker.postMessage({
          operation: action.operation,
          before: steps[(index + 511) & 511]!.after.data,
          after: after.data,
          mask: masks[index]!,
          reward,
          info,
        }),
      ),
    },
    {
      rounds: 61,
      milliseconds: 15,
      // A burst that the ring bridges: beyond it the journal's own speed would be measured, not the producer's cost.
      // The copy has bursts of the same length, or it alone would find the caches warm.
      most: { copy: RING / 2, "hand-over": RING / 2, step: RING / 2 },
      settle: {
        pino: () => pinoLog.flush(),
        message: () =>
          new Promise((resolve) => {
            worker.once("message", () => resolve());
            worker.postMessage("done?");
          }),
        step: () => run.flush().then(() => {}),
        "hand-over": () => ring.settle(),
      },
    },
  );
  console.log(
    `a step of 30x30: private copy ${quietMicros(measurement["copy"]!)}, hand-over ${quietMicros(measurement["hand-over"]!)}, ` +
      `step() with selection and info ${quietMicros(measurement["step"]!)}, pino worker transport with base64 ` +
      `${quietMicros(measurement["pino"]!)}, postMessage ${quietMicros(measurement["message"]!)}`,
  );
  await run.close();
  await ring.close();
  await worker.terminate();
  bars.push(
    bar(
      "hand-over of a step / copy of 2.7 kB in private memory",
      quietRatio(measurement, "hand-over", "copy"),
      "x",
      1.5,
      2,
    ),
    bar(
      "step() with action, selection, info / the same copy",
      quietRatio(measurement, "step", "copy"),
      "x",
      3,
      4,
    ),
    bar(
      "pino worker transport with base64 / hand-over",
      ratio(measurement, "pino", "hand-over"),
      "x",
      30,
      30 / 1.3,
      "above",
    ),
    bar("postMessage / hand-over", ratio(measurement, "message", "hand-over"), "x", 8, 8 / 1.3, "above"),
  );
}

interface PinoLog {
  info(record: object): void;
  flush(): Promise<void>;
}

/** From node_modules, not from the bundle: it finds its worker beside its own file. */
async function openPino(file: string): Promise<PinoLog> {
  const { pino } = createRequire(join(process.cwd(), "tools", "package.json"))(
    "pino",
  ) as typeof import("pino");
  const transport = pino.transport({ target: "pino/file", options: { destination: file } });
  await new Promise((resolve) => transport.once("ready", resolve));
  const logger = pino({ base: null, timestamp: false }, transport);
  return {
    info: (record) => logger.info(record),
    flush: () => new Promise((resolve) => transport.flush(() => resolve())),
  };
}

/** Garbage collections that recording causes, in a process of its own. */
function collections(): void {
  const child = spawnSync(
    process.execPath,
    ["tools/run-ts.mjs", "--built", "tools/bench/pipeline/count-collections.ts"],
    { encoding: "utf8" },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  const { steps, nothing, recorded } = JSON.parse(child.stdout) as {
    steps: number;
    nothing: { collections: number };
    recorded: { collections: number; milliseconds: number };
  };
  console.log(`${steps} steps: ${recorded.collections} collections, ${recorded.milliseconds.toFixed(1)} ms`);
  bars.push(bar(`collections in ${steps} steps`, recorded.collections - nothing.collections, "", 0, 0));
}

/** Encoding and writing of records, as the journal does it. */
function encoding(): void {
  const records = [1, 2, 3, 4].map((seed) => recordsOf(walk(arc, 1000, seed)));
  const times: number[] = [];
  const json: number[] = [];
  for (let round = 0; round < 15; round++) {
    const { start, steps } = records[round & 3]!;
    const writer = new JournalWriter(join(scratch, `encode${round}.epi`), { fs, episode: 1 });
    writer.append(start);
    times.push(
      timeOf(() => {
        for (let step = 0; step < steps.length; step++) {
          writer.append(steps[step]!);
          if (step % 10 === 9) writer.flush();
        }
        writer.flush();
      }) / steps.length,
    );
    writer.close();
    let last = start.initial;
    json.push(
      timeOf(() => {
        for (const record of steps) {
          const before = record.before ?? last;
          last = record.after;
          JSON.stringify({ ...record, before: gridToRows(before), after: gridToRows(record.after) });
        }
      }) / steps.length,
    );
  }
  // The first rounds are the warm-up.
  const [own, other] = [times.slice(4), json.slice(4)];
  console.log(`JSON of the same steps, without writing: ${micros(other)} a step`);
  bars.push(
    bar("encode and write a step of true size", median(own) / 1000, "us", 6, 8),
    bar(
      "encode and write / JSON of the full step",
      median(own.map((time, at) => time / other[at]!)),
      "x",
      1 / 6,
      1.3 / 6,
    ),
  );
}

/** Bytes of sealed episodes. */
async function onDisk(): Promise<void> {
  let bytes = 0;
  let steps = 0;
  for (const seed of [1, 2, 3, 4]) {
    const path = sealedEpisode(seed);
    bytes += statSync(path).size;
    steps += 1000;
  }
  bars.push(bar(`sealed episodes of ${steps / 4} steps, true sizes`, bytes / steps, "B/step", 28, 32));
}

/** Opening an episode and reading a step at random. */
async function access(): Promise<void> {
  const path = sealedEpisode(1);
  const random = randomNumbers(9);
  const buffer = new Uint8Array(4096);
  using open = new JournalReader(path, { fs });
  const measurement = await measure({
    floor: (count) => {
      for (let index = 0; index < count; index++) {
        const fd = openSync(path, "r");
        readSync(fd, buffer, 0, 512, fstatSync(fd).size - 512);
        readSync(fd, buffer, 0, 1024, Math.floor(random() * 1024));
        closeSync(fd);
      }
    },
    "open and read": (count) => {
      for (let index = 0; index < count; index++) {
        using reader = new JournalReader(path, { fs });
        expectStep(reader, Math.floor(random() * 1000));
      }
    },
    read: (count) => {
      for (let index = 0; index < count; index++) expectStep(open, Math.floor(random() * 1000));
    },
  });
  console.log(
    `step k of 1,000: open and two reads ${micros(measurement["floor"]!)}, found and decoded ` +
      `${micros(measurement["open and read"]!)}, in an open file ${micros(measurement["read"]!)}`,
  );
  bars.push(
    bar(
      "open and read step k of 1,000 / open and two reads",
      ratio(measurement, "open and read", "floor"),
      "x",
      6,
      10,
    ),
  );
}

/** What a run of many files takes up, without looking at them. */
async function accounting(): Promise<void> {
  const [episodes, perEpisode] = [100, 1000];
  const base = join(scratch, "files");
  const dot = definePlugin({
    kind: "renderer",
    name: "dot",
    create: (): Renderer => ({
      mediaType: "text/plain",
      extension: "txt",
      kinds: ["step"],
      render: () => new Uint8Array(16),
    }),
  });
  const run = await openBenchRun(
    base,
    [
      "visualization.debug_level=verbose",
      "visualization.output_formats=[dot]",
      "visualization.step_pictures=all",
      "visualization.state_dumps=false",
      "+visualization.renderers.dot={_target_: dot}",
      "storage.max_episodes_per_run=1000000",
      "logging.async_logger.queue_size=2000",
      "logging.async_logger.batch_size=1000",
      "logging.performance_monitor.target_overhead=null",
    ],
    { plugins: [dot] },
  );
  const [input] = walk(arc, 1, 1).steps;
  const { after } = input!;
  for (let number = 0; number < episodes; number++) {
    const episode = run.startEpisode({ taskId: "t", initial: after, target: after });
    for (let step = 0; step < perEpisode; step++) episode.step(input!);
    await run.flush();
    await episode.end();
  }
  await run.close();
  const drawn = run.stats().accounting["visualization.renderers.dot"];
  if (drawn?.written !== episodes * perEpisode)
    throw new Error(`the pictures were not all drawn: ${JSON.stringify(drawn)}`);
  let listed = 0;
  const counting = new Proxy(fs, {
    get(inner, name: string) {
      const member: unknown = Reflect.get(inner, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (/^(readdir|opendir|glob)/.test(name) && String(args[0]).startsWith(run.dir)) listed += 1;
        return Reflect.apply(member, inner, args);
      };
    },
  }) as FileSystem;
  const policy: CleanupPolicy = {
    plan: ({ episodes: all }) =>
      all.map(({ run, number, pictureBytes }) => ({
        ...{ run, episode: number, what: "pictures", bytes: pictureBytes, reason: "" },
      })),
  };
  let planned = 0;
  const account = (): void => {
    const clock = { now: () => Date.now() / 1000, monotonic: () => performance.now() };
    const storage = { ...STORAGE, base_output_dir: base };
    const manager = new EpisodeManager(storage, { fs: counting, clock, cwd: base });
    planned = manager.planCleanup({ policy, maxBytes: 0 }).length;
  };
  let [files, bytes] = [0, 0];
  const measurement = await measure(
    {
      account: (count) => {
        for (let index = 0; index < count; index++) account();
      },
      walk: (count) => {
        for (let index = 0; index < count; index++) {
          [files, bytes] = [0, 0];
          for (const entry of readdirSync(run.dir, { recursive: true, withFileTypes: true })) {
            if (!entry.isFile()) continue;
            files += 1;
            bytes += statSync(join(entry.parentPath, entry.name)).size;
          }
        }
      },
    },
    { rounds: 3, milliseconds: 20 },
  );
  console.log(
    `${files} files, ${bytes} bytes: planned a cleanup of ${planned} parts in ${micros(measurement["account"]!)}, ` +
      `a walk takes ${micros(measurement["walk"]!)}`,
  );
  bars.push(
    bar(`directories listed in a run of ${files} files`, listed, "", 0, 0),
    bar("accounting / directory walk", ratio(measurement, "account", "walk"), "x", 1 / 100, 1.3 / 100),
  );
}

function recordsOf({ initial, target, steps }: ArcEpisode) {
  const random = randomNumbers(3);
  const place = { task_id: "t", pair_index: 0, mode: "train" } as const;
  const start: EpisodeStartRecord = {
    ...{ type: "episode-start", seq: 0, episode: "1", time: 1_700_000_000 },
    ...{ ...place, initial, target, meta: {} },
  };
  let milliseconds = 1_700_000_000_000;
  const records = steps.map((input, step): StepRecord => {
    // An environment of about 100 steps/s, by a clock of milliseconds.
    milliseconds += 5 + Math.floor(random() * 10);
    const rest = { terminated: false, truncated: false, info: {} };
    return { type: "step", seq: step + 1, episode: "1", step, time: milliseconds / 1000, ...rest, ...input };
  });
  return { start, steps: records };
}

/** Path of a sealed episode of 1,000 steps. */
function sealedEpisode(seed: number): string {
  const path = join(scratch, `sealed${seed}.epi`);
  if (fs.existsSync(path)) return path;
  const { start, steps } = recordsOf(walk(arc, 1000, seed));
  const writer = new JournalWriter(path, { fs, episode: 1 });
  writer.append(start);
  for (const record of steps) writer.append(record);
  writer.close();
  sealJournal(path, { fs });
  return path;
}

function expectStep(reader: JournalReader, step: number): void {
  if (reader.step(step)?.record.step !== step) throw new Error(`step ${step} is not there`);
}

/** Nanoseconds. */
function timeOf(action: () => void): number {
  const start = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - start);
}

function bar(
  what: string,
  value: number,
  unit: string,
  goal: number,
  gate: number,
  good: Bar["good"] = "below",
): Bar {
  return { what, value, unit, goal, gate, good };
}

function quietMicros(values: readonly number[]): string {
  return `${(quartile(values) / 1000).toPrecision(3)} us`;
}

function micros(values: readonly number[]): string {
  return `${(median(values) / 1000).toPrecision(3)} us`;
}
