import { spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createAgent, loadTasks, playEpisodes, sampleTaskDirectory } from "@episcope/arc-env";
import { openRun } from "@episcope/core";
import png from "@episcope/plugin-png";
import gif from "@episcope/plugin-png/gif";
import svg from "@episcope/plugin-svg";
import wandb, { syncWandbDirectory, wandbDirectories } from "@episcope/plugin-wandb";
import { presetConfig } from "@episcope/testing/preset-config";
import { type StoredRun, startWandbServer, WANDB_TEST_KEY } from "@episcope/testing/wandb-server";
import { parse } from "yaml";

const { values: args } = parseArgs({ options: { python: { type: "string" } } });
const program = join(dirname(args.python!), "wandb");
const scratch = fs.mkdtempSync(join(tmpdir(), "episcope-wandb-upload-"));
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const failures: string[] = [];
let checks = 0;

try {
  const directory = await record();
  const theirs = await upload(async (origin) => official(directory, origin));
  const ours = await upload(async (origin) => {
    const env = { WANDB_BASE_URL: origin, WANDB_API_KEY: WANDB_TEST_KEY };
    const report = await syncWandbDirectory(directory, { fs, env, logger: silent });
    same("our upload", [report.isComplete, report.error], [true, null]);
  });
  compare(ours, theirs);
  for (const failure of failures) process.stderr.write(`differs: ${failure}\n`);
  process.stdout.write(`${checks - failures.length} of ${checks} checks agree\n`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  fs.rmSync(scratch, { recursive: true });
}

/** A run with rows, pictures, animations, system metrics, axes, console, and the table of its episodes, kept on disk. */
async function record(): Promise<string> {
  const config = presetConfig([
    ...["visualization=debug_verbose", "logging=wandb_full", "logging.async_logger.worker_threads=0"],
    ...["logging.wandb.offline_mode=true", "logging.wandb.tags=[arc,two]", "logging.wandb.group=a group"],
    ...["logging.wandb.job_type=train", "logging.wandb.notes=some notes", "logging.wandb.log_frequency=1"],
    ...["logging.log_level=ERROR", "visualization.image_quality=low"],
  ]);
  const runDir = join(scratch, "run");
  const run = await openRun(config, {
    plugins: [svg, png, gif, wandb],
    runDir,
    cwd: scratch,
    logger: silent,
  });
  const tasks = loadTasks(sampleTaskDirectory(), fs).slice(0, 2);
  await playEpisodes({ recorder: run, tasks, agent: createAgent("search"), seed: 1 });
  process.stdout.write("a line of the program\n");
  process.stderr.write("10 %\r20 %\n");
  run.metrics(3, { loss: Number.NaN, "loss/aux": 0.5, huge: Number.POSITIVE_INFINITY });
  await run.close();
  return wandbDirectories(runDir, fs)[0]!;
}

async function upload(send: (origin: string) => Promise<void>): Promise<StoredRun> {
  const server = await startWandbServer();
  try {
    await send(server.origin);
    same("offences", server.offences, []);
    return [...server.runs.values()][0]!;
  } finally {
    await server.close();
  }
}

/** In a copy: both leave marks. Not waited for synchronously: the server runs in this process. */
async function official(directory: string, origin: string): Promise<void> {
  const copy = join(scratch, "copy", directory.split("/").at(-1)!);
  fs.cpSync(directory, copy, { recursive: true });
  const env = {
    ...process.env,
    ...{
      HOME: scratch,
      WANDB_ERROR_REPORTING: "false",
      WANDB_BASE_URL: origin,
      WANDB_API_KEY: WANDB_TEST_KEY,
    },
  };
  const child = spawn(program, ["sync", copy], { cwd: scratch, env, stdio: "ignore" });
  const status = await new Promise((resolve) => child.on("exit", resolve));
  same("the official upload's exit status", status, 0);
}

function compare(ours: StoredRun, theirs: StoredRun): void {
  for (const file of ["wandb-history.jsonl", "wandb-events.jsonl", "wandb-summary.json"]) {
    const lines = (run: StoredRun) => (run.lines.get(file) ?? []).map(parseExtended).map(toMicroseconds);
    same(`${file}: number of lines`, lines(ours).length, lines(theirs).length);
    for (const [index, line] of lines(theirs).entries()) same(`${file}:${index}`, lines(ours)[index], line);
  }
  // Theirs bear the time of the upload.
  const printed = (run: StoredRun) =>
    (run.lines.get("output.log") ?? []).map((line) => line.replace(/\d{4}-\S+ /, ""));
  same("console", printed(ours), printed(theirs));
  same("lines of the console", printed(ours), ["a line of the program", "ERROR 20 %"]);
  const output = (run: StoredRun) => Buffer.from(run.files.get("output.log") ?? []).toString("utf8");
  same("output.log", output(ours), output(theirs));
  same("animations", [...ours.files.keys()].filter((path) => path.startsWith("media/videos/")).length, 2);
  compareArtifacts(ours, theirs);
  same("there are rows", (theirs.lines.get("wandb-history.jsonl")?.length ?? 0) > 10, true);
  same("paths of files", [...ours.files.keys()].sort(), [...theirs.files.keys()].sort());
  same("paths that are announced", [...ours.uploaded].sort(), [...theirs.uploaded].sort());
  for (const [path, bytes] of theirs.files) {
    if (path.startsWith("media/")) same(path, Buffer.compare(bytes, ours.files.get(path) ?? Buffer.of()), 0);
  }
  const text = (run: StoredRun, path: string) => Buffer.from(run.files.get(path) ?? []).toString("utf8");
  same(
    "config.yaml",
    comparable(parse(text(ours, "config.yaml"))),
    comparable(parse(text(theirs, "config.yaml"))),
  );
  for (const path of ["wandb-summary.json", "wandb-metadata.json"]) {
    same(path, parseExtended(text(ours, path)), parseExtended(text(theirs, path)));
  }
  const config = (run: StoredRun) =>
    comparable(parseExtended(String(run.upserts.at(-1)!["config"])) as object);
  same("config", config(ours), config(theirs));
  // `program` is the path of the `wandb` executable there.
  const fields = (run: StoredRun) => ({ ...run.upserts[0], config: null, program: null });
  same("first upsert", fields(ours), fields(theirs));
  same("end", [ours.complete, ours.exitCode], [theirs.complete, theirs.exitCode]);
}

function compareArtifacts(ours: StoredRun, theirs: StoredRun): void {
  const about = ({ name, type, digest, clientId, committed, files }: StoredRun["artifacts"][number]) => ({
    ...{ name, type, digest, clientId, committed, paths: [...files.keys()].sort() },
  });
  same("artifacts", ours.artifacts.map(about), theirs.artifacts.map(about));
  same("an artifact of the table", ours.artifacts.length, 1);
  for (const [path, bytes] of theirs.artifacts[0]?.files ?? []) {
    const mine = ours.artifacts[0]?.files.get(path) ?? Buffer.of();
    if (path !== "wandb_manifest.json") same(`artifact: ${path}`, Buffer.compare(bytes, mine), 0);
    else same(`artifact: ${path}`, withoutIds(mine), withoutIds(bytes));
  }
}

/** Ours does not name paths of this machine. */
function withoutIds(manifest: Uint8Array): unknown {
  return JSON.parse(Buffer.from(manifest).toString("utf8"), (key, value: unknown) =>
    key === "local_path" || key === "birthArtifactID" ? undefined : value,
  );
}

interface OwnPart {
  readonly t: { readonly [field: string]: unknown };
  readonly m: readonly { readonly [field: string]: unknown }[];
  readonly e?: object;
}

/**
 * Without what names the client itself (its version, a flag that it sets, the key of the machine), without empty objects, which it
 * drops, and with the axes in an order of their own: the official one is random.
 */
function comparable(config: object): unknown {
  const own = (config as { _wandb: { value: OwnPart } })._wandb.value;
  const { 12: _version, 3: flags, ...telemetry } = own.t;
  const marks = (flags as number[]).filter((flag) => flag !== 76);
  const axes = own.m.map(({ 5: axis, ...metric }) => ({ ...metric, axis: own.m[Number(axis) - 1]?.["1"] }));
  const named = axes.map((axis) => JSON.stringify(axis)).sort();
  const value = { ...own, t: { ...telemetry, 3: marks }, m: named, e: Object.values(own.e ?? {}) };
  return withoutEmpty({ ...config, _wandb: value });
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, withoutEmpty(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => !isEmpty(member)));
}

function isEmpty(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

/** `_runtime` of system metrics is a difference of clocks that the official client does not round. */
function toMicroseconds(line: unknown): unknown {
  const { _runtime, ...rest } = line as { readonly _runtime?: number };
  return _runtime === undefined ? rest : { ...rest, _runtime: Math.round(_runtime * 1e6) / 1e6 };
}

function parseExtended(text: string): unknown {
  const marked = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(`bare ${token}`),
  );
  return JSON.parse(marked);
}

function same(what: string, actual: unknown, expected: unknown): void {
  checks += 1;
  if (isDeepStrictEqual(actual, expected)) return;
  const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 1200) ?? "nothing";
  failures.push(`${what}: ${shown(actual)}, expected ${shown(expected)}`);
}
