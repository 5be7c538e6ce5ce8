import { type ProtobufField, readFields } from "./protobuf-reader.js";
import { type ArtifactRecord, RECORD_FIELDS, type WandbItem } from "./wandb-records.js";

/** A record of a log as the uploader needs it. */
export type LoggedRecord =
  | { readonly kind: "run"; readonly run: LoggedRun }
  | { readonly kind: "history" | "summary" | "config"; readonly items: readonly WandbItem[] }
  | { readonly kind: "files"; readonly paths: readonly string[] }
  | { readonly kind: "metric"; readonly metric: LoggedMetric }
  | { readonly kind: "artifact"; readonly artifact: LoggedArtifact }
  /** Its value in the run's config, `_wandb.t`. */
  | { readonly kind: "telemetry"; readonly value: { readonly [field: string]: unknown } }
  /** Its value in the run's config, `_wandb.e`, and in `wandb-metadata.json`. */
  | { readonly kind: "environment"; readonly value: { readonly [field: string]: unknown } }
  | { readonly kind: "stats"; readonly time: number; readonly items: readonly WandbItem[] }
  | { readonly kind: "output"; readonly isError: boolean; readonly time: number; readonly text: string }
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "other" };

export interface LoggedRun {
  readonly runId: string;
  readonly entity: string | null;
  readonly project: string;
  readonly config: readonly WandbItem[];
  readonly group: string | null;
  readonly jobType: string | null;
  readonly displayName: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
  /** Unix seconds. */
  readonly startTime: number;
}

export type LoggedArtifact = Pick<
  ArtifactRecord,
  "type" | "name" | "digest" | "clientId" | "sequenceClientId" | "entries"
>;

export interface LoggedMetric {
  readonly name: string | null;
  readonly glob: string | null;
  readonly stepMetric: string | null;
  /** Numbers of the options that are set: 1 step_sync, 2 hidden, 3 defined. */
  readonly options: readonly number[];
  readonly isExpanded: boolean;
}

export function decodeRecord(bytes: Uint8Array): LoggedRecord {
  for (const { field, value } of readFields(bytes)) {
    if (typeof value === "number") continue;
    switch (field) {
      case RECORD_FIELDS.run:
        return { kind: "run", run: decodeRun(value) };
      case RECORD_FIELDS.history:
        return { kind: "history", items: decodeItems(value, 1) };
      case RECORD_FIELDS.summary:
        return { kind: "summary", items: decodeItems(value, 1) };
      case RECORD_FIELDS.config:
        return { kind: "config", items: decodeItems(value, 1) };
      case RECORD_FIELDS.files:
        return { kind: "files", paths: messages(value, 1).map((file) => string(readFields(file), 1) ?? "") };
      case RECORD_FIELDS.artifact:
        return { kind: "artifact", artifact: decodeArtifact(value) };
      case RECORD_FIELDS.metric:
        return { kind: "metric", metric: decodeMetric(value) };
      case RECORD_FIELDS.telemetry:
        return { kind: "telemetry", value: decodeTelemetry(value) };
      case RECORD_FIELDS.environment:
        return { kind: "environment", value: decodeEnvironment(value) };
      case RECORD_FIELDS.stats:
        return { kind: "stats", time: time(readFields(value), 2) ?? 0, items: decodeItems(value, 3) };
      case RECORD_FIELDS.output:
        return decodeOutput(value);
      case RECORD_FIELDS.exit:
        return { kind: "exit", exitCode: number(readFields(value), 1) ?? 0 };
    }
  }
  return { kind: "other" };
}

function decodeRun(body: Uint8Array): LoggedRun {
  const fields = readFields(body);
  const config = fields.find(({ field }) => field === 4)?.value;
  return {
    runId: string(fields, 1) ?? "",
    entity: string(fields, 2),
    project: string(fields, 3) ?? "",
    config: config instanceof Uint8Array ? decodeItems(config, 1) : [],
    group: string(fields, 6),
    jobType: string(fields, 7),
    displayName: string(fields, 8),
    notes: string(fields, 9),
    tags: fields.filter(({ field }) => field === 10).map(({ value }) => text(value)),
    startTime: time(fields, 17) ?? 0,
  };
}

function decodeArtifact(body: Uint8Array): LoggedArtifact {
  const fields = readFields(body);
  const manifest = messages(body, 12)[0] ?? NOTHING;
  return {
    type: string(fields, 4) ?? "",
    name: string(fields, 5) ?? "",
    digest: string(fields, 6) ?? "",
    clientId: string(fields, 15) ?? "",
    sequenceClientId: string(fields, 16) ?? "",
    entries: messages(manifest, 4).map((entry) => {
      const parts = readFields(entry);
      return {
        path: string(parts, 1) ?? "",
        digest: string(parts, 2) ?? "",
        size: number(parts, 4) ?? 0,
        localPath: string(parts, 6) ?? "",
      };
    }),
  };
}

const NOTHING = new Uint8Array();

function decodeMetric(body: Uint8Array): LoggedMetric {
  const fields = readFields(body);
  const options = messages(body, 6)[0];
  return {
    name: string(fields, 1),
    glob: string(fields, 2),
    stepMetric: string(fields, 4),
    options: options === undefined ? [] : setFlags(options),
    isExpanded: number(fields, 10) === 1,
  };
}

/** Messages of flags become the list of those that are set; other messages an object of their strings. */
function decodeTelemetry(body: Uint8Array): { [field: string]: unknown } {
  const value: { [field: string]: unknown } = {};
  for (const { field, value: content } of readFields(body)) {
    if (typeof content === "number") value[field] = content;
    else if (field === 3) value[field] = setFlags(content);
    else if (field === 9)
      value[field] = Object.fromEntries(readFields(content).map((label) => [label.field, text(label.value)]));
    else value[field] = text(content);
  }
  return value;
}

const ENVIRONMENT_STRINGS: { readonly [field: number]: string } = {
  1: "os",
  2: "python",
  6: "program",
  7: "codePath",
  8: "codePathLocal",
  11: "root",
  12: "host",
  14: "executable",
  199: "writerId",
};

/** Under the names that the official client gives; numbers of 64 bits become strings, as there. */
function decodeEnvironment(body: Uint8Array): { [field: string]: unknown } {
  const fields = readFields(body);
  const value: { [field: string]: unknown } = {};
  const started = time(fields, 3);
  if (started !== null) value["startedAt"] = new Date(started * 1000).toISOString();
  for (const { field, value: content } of fields) {
    const name = ENVIRONMENT_STRINGS[field];
    if (name !== undefined) value[name] = text(content);
    else if (field === 5) value["args"] = [...((value["args"] as string[] | undefined) ?? []), text(content)];
    else if (field === 16) value["cpu_count"] = content;
    else if (field === 17) value["cpu_count_logical"] = content;
    else if (typeof content === "number") continue;
    else if (field === 9)
      value["git"] = present({
        remote: string(readFields(content), 1),
        commit: string(readFields(content), 2),
      });
    else if (field === 21) value["memory"] = { total: String(number(readFields(content), 1) ?? 0) };
    else if (field === 22) {
      const cpu = readFields(content);
      value["cpu"] = present({ count: number(cpu, 1), countLogical: number(cpu, 2) });
    }
  }
  return value;
}

function decodeOutput(body: Uint8Array): LoggedRecord {
  const fields = readFields(body);
  return {
    kind: "output",
    isError: (number(fields, 1) ?? 0) === 0,
    time: time(fields, 2) ?? 0,
    text: string(fields, 3) ?? "",
  };
}

function decodeItems(body: Uint8Array, field: number): WandbItem[] {
  return messages(body, field).map((item) => {
    const fields = readFields(item);
    const nested = fields.filter((part) => part.field === 2).map((part) => text(part.value));
    return {
      key: nested.length > 0 ? nested : (string(fields, 1) ?? ""),
      json: string(fields, 16) ?? "null",
    };
  });
}

function messages(body: Uint8Array, field: number): Uint8Array[] {
  return readFields(body).flatMap((part) =>
    part.field === field && part.value instanceof Uint8Array ? [part.value] : [],
  );
}

function setFlags(body: Uint8Array): number[] {
  return readFields(body).flatMap(({ field, value }) => (value === 1 ? [field] : []));
}

/** Null where the field is absent, which is also how an empty string is written. */
function string(fields: readonly ProtobufField[], field: number): string | null {
  const found = fields.find((part) => part.field === field);
  return found === undefined ? null : text(found.value);
}

function number(fields: readonly ProtobufField[], field: number): number | null {
  const value = fields.find((part) => part.field === field)?.value;
  return typeof value === "number" ? value : null;
}

/** Unix seconds. */
function time(fields: readonly ProtobufField[], field: number): number | null {
  const value = fields.find((part) => part.field === field)?.value;
  if (!(value instanceof Uint8Array)) return null;
  const parts = readFields(value);
  return (number(parts, 1) ?? 0) + (number(parts, 2) ?? 0) / 1e9;
}

function text(value: number | Uint8Array): string {
  return typeof value === "number"
    ? String(value)
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8");
}

function present(fields: { readonly [name: string]: unknown }): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
