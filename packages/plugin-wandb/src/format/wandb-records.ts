import { ProtobufWriter } from "./protobuf-writer.js";

/**
 * The records of W&B's log that a run of ours holds. Field numbers are facts of the official message definitions
 * (`wandb_internal.proto`, `wandb_telemetry.proto`), which their vendor declares stable on disk.
 */

/** Fields of the envelope `Record`. A reader dies of a body that it does not know: never write others. */
export const RECORD_FIELDS = {
  num: 1,
  history: 2,
  summary: 3,
  config: 5,
  files: 6,
  stats: 7,
  artifact: 8,
  telemetry: 11,
  metric: 12,
  output: 13,
  run: 17,
  exit: 18,
  final: 20,
  header: 21,
  environment: 26,
} as const;

/** A key, or a path of keys into nested objects, and its value as extended JSON. */
export interface WandbItem {
  readonly key: string | readonly string[];
  readonly json: string;
}

/** Seconds since 1970 and the nanoseconds above them. */
export interface WandbTimestamp {
  readonly seconds: number;
  readonly nanos: number;
}

interface RunRecord {
  readonly kind: "run";
  readonly runId: string;
  readonly entity: string | null;
  readonly project: string;
  readonly group: string | null;
  readonly jobType: string | null;
  readonly displayName: string;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly config: readonly WandbItem[];
  readonly startTime: WandbTimestamp;
}

interface EnvironmentRecord {
  readonly kind: "environment";
  readonly os: string;
  readonly startedAt: WandbTimestamp;
  readonly logicalCpus: number;
  readonly memoryBytes: number;
  readonly writerId: string;
  readonly git: { readonly commit: string; readonly remote: string | null } | null;
  /** Of the program, below `files/code`; null where it is not kept. */
  readonly codePath: string | null;
}

interface TelemetryRecord {
  readonly kind: "telemetry";
  /** The release of the official client whose format this is. */
  readonly formatVersion: string;
  readonly producer: string;
  readonly platform: string;
  readonly hasTags: boolean;
  /** Whether the run is only kept on disk. */
  readonly isOffline: boolean;
}

/** Which x axis a metric is drawn against. One of `name` and `glob` is given. */
export interface MetricRecord {
  readonly kind: "metric";
  readonly name?: string;
  readonly glob?: string;
  readonly stepMetric?: string;
  readonly expandedFromGlob?: boolean;
}

/** A file of an artifact. */
export interface ArtifactEntry {
  /** In the artifact, with slashes. */
  readonly path: string;
  /** Base64 of the MD5 of its bytes. */
  readonly digest: string;
  readonly size: number;
  /** Absolute, on this machine. */
  readonly localPath: string;
}

/** One version of a named set of files. */
export interface ArtifactRecord {
  readonly kind: "artifact";
  readonly runId: string;
  readonly entity: string | null;
  readonly project: string;
  readonly type: string;
  readonly name: string;
  /** Of its manifest: paths and digests. */
  readonly digest: string;
  /** 128 characters that name this version, and all versions of the name, before a server has numbered them. */
  readonly clientId: string;
  readonly sequenceClientId: string;
  readonly entries: readonly ArtifactEntry[];
}

export type WandbRecord =
  | { readonly kind: "header"; readonly producer: string; readonly minConsumer: string }
  | RunRecord
  | EnvironmentRecord
  | TelemetryRecord
  | MetricRecord
  | ArtifactRecord
  | { readonly kind: "files"; readonly paths: readonly string[]; readonly type?: FileType }
  | {
      readonly kind: "output";
      readonly isError: boolean;
      readonly time: WandbTimestamp;
      readonly text: string;
    }
  | { readonly kind: "history"; readonly step: number; readonly items: readonly WandbItem[] }
  | { readonly kind: "summary" | "config"; readonly items: readonly WandbItem[] }
  | { readonly kind: "stats"; readonly time: WandbTimestamp; readonly items: readonly WandbItem[] }
  | { readonly kind: "exit"; readonly exitCode: number; readonly runtime: number }
  | { readonly kind: "final" };

const FILE_POLICY_NOW = 0;
/** As the official client numbers them: the run's own files, and what rows refer to. */
const FILE_TYPES = { wandb: 1, media: 2 } as const;
type FileType = keyof typeof FILE_TYPES;
const STDOUT = 1;
export const STORAGE_POLICY = "wandb-storage-policy-v1";

/** The bytes of a record; `number` counts the records of a log from 1. */
export function encodeRecord(writer: ProtobufWriter, number: number, record: WandbRecord): Uint8Array {
  return writer
    .int(RECORD_FIELDS.num, number)
    .message(RECORD_FIELDS[record.kind], (body) => writeBody(body, record))
    .finish();
}

/** A record of another log, with a number of this one: it begins with its own. */
export function renumbered(record: Uint8Array, number: number): Uint8Array {
  let end = 1;
  while (record[end]! >= 0x80) end += 1;
  const head = new ProtobufWriter(16).int(RECORD_FIELDS.num, number).finish();
  return Buffer.concat([head, record.subarray(end + 1)]);
}

function writeBody(out: ProtobufWriter, record: WandbRecord): void {
  switch (record.kind) {
    case "header":
      out.message(1, (version) => version.string(1, record.producer).string(2, record.minConsumer));
      return;
    case "run":
      writeRun(out, record);
      return;
    case "environment":
      writeEnvironment(out, record);
      return;
    case "telemetry":
      writeTelemetry(out, record);
      return;
    case "metric":
      writeMetric(out, record);
      return;
    case "files": {
      const type = FILE_TYPES[record.type ?? "media"];
      for (const path of record.paths) {
        out.message(1, (file) => file.string(1, path).int(2, FILE_POLICY_NOW).int(3, type));
      }
      return;
    }
    case "artifact":
      writeArtifact(out, record);
      return;
    case "output":
      out.int(1, record.isError ? 0 : STDOUT);
      writeTimestamp(out, 2, record.time);
      out.string(3, record.text);
      return;
    case "history":
      writeItems(out, record.items);
      out.message(2, (step) => step.int(1, record.step));
      return;
    case "summary":
    case "config":
      writeItems(out, record.items);
      return;
    case "stats":
      writeTimestamp(out, 2, record.time);
      writeItems(out, record.items, 3);
      return;
    case "exit":
      out.int(1, record.exitCode).int(2, record.runtime);
      return;
    case "final":
      return;
  }
}

function writeRun(out: ProtobufWriter, run: RunRecord): void {
  out
    .string(1, run.runId)
    .string(2, run.entity ?? "")
    .string(3, run.project);
  if (run.config.length > 0) out.message(4, (config) => writeItems(config, run.config));
  out
    .string(6, run.group ?? "")
    .string(7, run.jobType ?? "")
    .string(8, run.displayName)
    .string(9, run.notes ?? "");
  for (const tag of run.tags) out.repeatedString(10, tag);
  writeTimestamp(out, 17, run.startTime);
}

function writeEnvironment(out: ProtobufWriter, environment: EnvironmentRecord): void {
  out.string(1, environment.os);
  writeTimestamp(out, 3, environment.startedAt);
  const { git } = environment;
  out.string(7, environment.codePath ?? "");
  if (git !== null) out.message(9, (about) => about.string(1, git.remote ?? "").string(2, git.commit));
  out.int(17, environment.logicalCpus);
  out.message(21, (memory) => memory.int(1, environment.memoryBytes));
  out.message(22, (cpu) => cpu.int(2, environment.logicalCpus));
  out.string(199, environment.writerId);
}

function writeTelemetry(out: ProtobufWriter, telemetry: TelemetryRecord): void {
  out.message(3, (feature) =>
    feature
      .bool(4, telemetry.isOffline)
      .bool(7, true)
      .bool(13, true)
      .bool(15, telemetry.hasTags)
      .bool(16, true),
  );
  out.string(5, telemetry.formatVersion);
  out.message(9, (label) => label.string(1, telemetry.producer));
  out.string(13, telemetry.platform);
}

function writeMetric(out: ProtobufWriter, metric: MetricRecord): void {
  out
    .string(1, metric.name ?? "")
    .string(2, metric.glob ?? "")
    .string(4, metric.stepMetric ?? "");
  out.message(6, (options) => options.bool(1, metric.stepMetric !== undefined).bool(3, true));
  if (metric.expandedFromGlob === true) {
    out.message(9, (control) => control.bool(1, true)).bool(10, true);
  }
}

/** The storage policy is the only one that servers of today know. */
function writeArtifact(out: ProtobufWriter, artifact: ArtifactRecord): void {
  out
    .string(1, artifact.runId)
    .string(2, artifact.project)
    .string(3, artifact.entity ?? "")
    .string(4, artifact.type)
    .string(5, artifact.name)
    .string(6, artifact.digest)
    .repeatedString(11, "latest");
  out.message(12, (manifest) => {
    manifest.int(1, 1).string(2, STORAGE_POLICY);
    manifest.message(3, (item) => item.string(1, "storageLayout").string(2, '"V2"'));
    for (const { path, digest, size, localPath } of artifact.entries) {
      manifest.message(4, (entry) =>
        entry.string(1, path).string(2, digest).int(4, size).string(6, localPath),
      );
    }
  });
  out
    .bool(14, true)
    .string(15, artifact.clientId)
    .string(16, artifact.sequenceClientId)
    .string(20, "MANIFEST_MD5");
}

function writeItems(out: ProtobufWriter, items: readonly WandbItem[], field: number = 1): void {
  for (const { key, json } of items) {
    if (typeof key === "string") out.stringPair(field, [1, key], [16, json]);
    else {
      out.message(field, (item) => {
        for (const part of key) item.repeatedString(2, part);
        item.string(16, json);
      });
    }
  }
}

function writeTimestamp(out: ProtobufWriter, field: number, time: WandbTimestamp): void {
  out.message(field, (timestamp) => timestamp.int(1, time.seconds).int(2, time.nanos));
}
