import { crc32, deflateSync } from "node:zlib";
import type { Artifact, PluginContext, RecordItem } from "@episcope/core";
import { createPluginContext } from "@episcope/core/testing";
import type { StreamRecord } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { createManualClock, type ManualClock } from "@episcope/records/testing";
import { memoryDisk } from "@episcope/testing/memory-disk";
// Inside: reads back what the sink writes; the package itself reads a log only to repair it.
import { readFields } from "../src/format/protobuf-reader.js";
import { readAtFrom, readRecords } from "../src/format/transaction-log.js";
import type { WandbConfig } from "../src/index.js";

export const START = 1_795_168_800.5;

export const OPTIONS: WandbConfig = {
  project_name: "demo",
  entity: null,
  tags: ["arc"],
  log_frequency: 10,
  image_format: "png",
  max_image_size: [800, 600],
  log_gradients: false,
  log_model_topology: false,
  offline_mode: false,
  group: null,
  job_type: null,
  notes: null,
  resume: "auto",
  // They differ from run to run.
  log_system_metrics: false,
  save_code: false,
  log_animation: false,
  retry_attempts: 3,
  retry_delay: 1,
  finish_timeout: 30,
};

export interface World {
  readonly context: PluginContext;
  readonly fs: FileSystem;
  readonly messages: string[];
  /** Begins at START. */
  readonly clock: ManualClock;
}

export interface WorldOptions {
  /** Default: an empty disk in memory. */
  readonly fs?: FileSystem;
  readonly runDir?: string;
}

export function createWorld({ fs = memoryDisk().fs, runDir = "/run" }: WorldOptions = {}): World {
  const messages: string[] = [];
  const note =
    (level: string) =>
    (message: string, fields?: Record<string, unknown>): void => {
      messages.push(`${level}: ${fields?.["code"] ?? ""} ${message}`);
    };
  const clock = createManualClock(START);
  const context = createPluginContext({
    name: "wandb",
    configKey: "logging.wandb",
    run: {
      name: "run_demo",
      startTime: START,
      configHash: "c0ffee",
      config: { seed: 7, agent: { name: "search", api_key: "sk-123", rates: [0.1, Number.NaN] } },
    },
    paths: { runDir, episodeDir: (number) => `${runDir}/episode_${number}` },
    fs,
    logger: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
    clock,
  });
  return { context, fs, messages, clock };
}

const GRID = { shape: [1, 1] as const, data: Uint8Array.of(0) };

interface StepOptions {
  readonly episode?: number;
  readonly step?: number;
  readonly key?: boolean;
  readonly operation?: number;
  readonly reward?: number;
  readonly metrics?: { readonly [name: string]: number };
  readonly terminated?: boolean;
  readonly similarity?: number | null;
}

export function step(globalStep: number, options: StepOptions = {}): RecordItem {
  const { episode = 1, step: number = globalStep, key = false, reward = 0.5, similarity = 0.25 } = options;
  return item(
    {
      type: "step",
      seq: globalStep,
      episode: `e${episode}`,
      step: number,
      time: START + globalStep,
      action: { operation: options.operation ?? 3 },
      after: GRID,
      reward,
      terminated: options.terminated ?? false,
      truncated: false,
      info: options.metrics === undefined ? {} : { metrics: options.metrics },
    },
    { episode, globalStep, key, similarity },
  );
}

export function episodeStart(episode: number, globalStep: number): RecordItem {
  return item(
    {
      type: "episode-start",
      seq: 0,
      episode: `e${episode}`,
      time: START + globalStep,
      task_id: "007bbfb7",
      pair_index: 0,
      mode: "train",
      initial: GRID,
      target: GRID,
      meta: {},
    },
    { episode, globalStep },
  );
}

export function episodeEnd(episode: number, globalStep: number): RecordItem {
  return item(
    {
      type: "episode-end",
      seq: 0,
      episode: `e${episode}`,
      time: START + globalStep + 0.25,
      outcome: "success",
      totals: { steps: 4, reward: 2, final_similarity: 1, best_similarity: 1 },
    },
    { episode, globalStep },
  );
}

export function runEnd(outcome: "finished" | "interrupted" | "crashed"): RecordItem {
  return item({ type: "run-end", seq: 0, time: START, outcome, accounting: {} }, {});
}

export function item(
  record: StreamRecord,
  about: { episode?: number; globalStep?: number; key?: boolean; similarity?: number | null },
): RecordItem {
  return {
    position: 0,
    type: record.type,
    record,
    episode: about.episode ?? null,
    global_step: about.globalStep ?? null,
    key: about.key ?? false,
    similarity: about.similarity ?? null,
  };
}

export function picture(bytes: Uint8Array, more: Partial<Artifact> = {}): Artifact {
  return {
    position: 0,
    type: "picture/png",
    view: "step",
    episode: 1,
    task_id: "007bbfb7",
    step: 0,
    global_step: 0,
    key: true,
    bytes,
    path: null,
    ...more,
  };
}

/** A grey picture. */
export function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const pixels = deflateSync(Buffer.alloc((width + 1) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    pngChunk("IHDR", header),
    pngChunk("IDAT", pixels),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

export interface ReadRecord {
  readonly num: number;
  readonly kind: string;
  readonly body: Uint8Array;
  /** Of a history or summary record: keys (nested ones joined by dots) and values as written. */
  readonly values: { readonly [key: string]: string };
}

const KINDS: { readonly [field: number]: string } = {
  2: "history",
  3: "summary",
  5: "config",
  6: "files",
  7: "stats",
  8: "artifact",
  11: "telemetry",
  12: "metric",
  13: "output",
  17: "run",
  18: "exit",
  20: "final",
  21: "header",
  26: "environment",
};

export function readLog(fs: FileSystem, path: string): ReadRecord[] {
  const records: ReadRecord[] = [];
  const reader = readRecords(readAtFrom(fs.readFileSync(path)));
  for (;;) {
    const next = reader.next();
    if (next.done) {
      if (next.value.problem !== null) throw new Error(next.value.problem);
      return records;
    }
    const fields = readFields(next.value);
    const body = fields.find(({ field }) => KINDS[field] !== undefined)!;
    const kind = KINDS[body.field]!;
    const bytes = body.value as Uint8Array;
    records.push({
      num: fields.find(({ field }) => field === 1)!.value as number,
      kind,
      body: Uint8Array.from(bytes),
      values:
        kind === "run"
          ? configOf(bytes)
          : ["history", "summary", "config", "stats"].includes(kind)
            ? itemsOf(bytes, kind === "stats" ? 3 : 1)
            : {},
    });
  }
}

export function rowsOf(records: readonly ReadRecord[]): ReadRecord["values"][] {
  return records.filter(({ kind }) => kind === "history").map(({ values }) => values);
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function configOf(run: Uint8Array): ReadRecord["values"] {
  const config = readFields(run).find(({ field }) => field === 4);
  return config === undefined ? {} : itemsOf(config.value as Uint8Array);
}

function itemsOf(body: Uint8Array, of: number = 1): ReadRecord["values"] {
  const values: [string, string][] = [];
  for (const { field, value } of readFields(body)) {
    if (field !== of || typeof value === "number") continue;
    const parts = readFields(value);
    const key = parts
      .filter((part) => part.field === 1 || part.field === 2)
      .map((part) => text(part.value as Uint8Array));
    const json = parts.find((part) => part.field === 16);
    if (json !== undefined) values.push([key.join("."), text(json.value as Uint8Array)]);
  }
  return Object.fromEntries(values);
}

export function logPathOf(fs: FileSystem, directory: string): string {
  const name = fs.readdirSync(directory).find((entry) => entry.endsWith(".wandb"))!;
  return `${directory}/${name}`;
}
