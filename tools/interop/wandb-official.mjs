// Writes W&B runs with the built packages and has the official `wandb` from pip read every record of them back.
//
//   node tools/interop/wandb-official.mjs --python PATH
//
// `wandb leet inspect --json` is the official reader: framing, checksums and message definitions are its own. No network.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createAgent, loadTasks, playEpisodes, sampleTaskDirectory } from "@episcope/arc-env";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { describePlugins, openRun } from "@episcope/core";
import png from "@episcope/plugin-png";
import gif from "@episcope/plugin-png/gif";
import svg from "@episcope/plugin-svg";
import wandb, { recoverLog, wandbDirectories } from "@episcope/plugin-wandb";

const { values: args } = parseArgs({ options: { python: { type: "string" } } });
if (args.python === undefined) {
  process.stderr.write("usage: wandb-official.mjs --python PATH\n");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const program = join(dirname(args.python), "wandb");
const scratch = fs.mkdtempSync(join(tmpdir(), "episcope-wandb-"));
const environment = {
  ...process.env,
  HOME: scratch,
  WANDB_ERROR_REPORTING: "false",
  WANDB_BASE_URL: "http://127.0.0.1:9",
  WANDB_API_KEY: "0".repeat(40),
};
let checks = 0;
const failures = [];
try {
  const version = run(["--version"]).stdout.trim();
  await checkPlayedRun();
  await checkExtremes();
  for (const failure of failures) process.stderr.write(`differs: ${failure}\n`);
  process.stdout.write(`${version}: ${checks - failures.length} of ${checks} checks agree\n`);
  process.exitCode = failures.length > 0 || checks === 0 ? 1 : 0;
} finally {
  fs.rmSync(scratch, { recursive: true });
}

/** A run as a user has it: the sample agent, pictures as PNG and SVG, through `openRun`. */
async function checkPlayedRun() {
  const tasks = loadTasks(sampleTaskDirectory(), fs);
  const runDir = join(scratch, "played");
  const sent = { steps: [], ends: [] };
  const spy = {
    kind: "hooks",
    name: "spy",
    create(_options, { hooks }) {
      hooks.step.tap("spy", (record, episode) => sent.steps.push({ record, episode }));
      hooks.episodeEnd.tapPromise("spy", async (record, episode) => void sent.ends.push({ record, episode }));
    },
  };
  const config = await playedConfig();
  // By its module, as the program has it: it runs in a worker thread then.
  const sink = { kind: "sink", name: "wandb", module: "@episcope/plugin-wandb" };
  const plugins = [svg, png, gif, sink, spy];
  const { nodes } = await describePlugins(config, { plugins });
  same("the sink's thread", nodes.find(({ key }) => key === "logging.wandb")?.place, { thread: "worker" });
  const opened = await openRun(config, { plugins, runDir, cwd: scratch });
  await playEpisodes({ recorder: opened, tasks: tasks.slice(0, 3), agent: createAgent("search"), seed: 1 });
  await opened.close();

  const [directory] = wandbDirectories(runDir, fs);
  const { records, summary } = inspect(directory);
  same("order of the head", records.slice(0, 4).map(type), ["header", "run", "environment", "telemetry"]);
  same("order of the tail", records.slice(-3).map(type), ["summary", "exit", "final"]);
  same("exit code", records.at(-2).exit.exit_code, 0);
  same("state", summary.state, "finished");
  same("project", summary.project, "interop");
  same("tags", summary.tags, ["arc", "played"]);
  same("config", summary.config.episcope.storage, JSON.parse(JSON.stringify(config.storage)));
  const rows = rowsOf(records);
  same("steps and episodes were played", [sent.steps.length > 10, sent.ends.length], [true, 3]);
  same(
    "no step goes back",
    rows.map((row) => row._step),
    [...new Set(rows.map((row) => row._step))].sort(ascending),
  );
  for (const [globalStep, { record, episode }] of sent.steps.entries()) {
    if (globalStep % config.logging.wandb.log_frequency !== 0) continue;
    const row = rows.find((candidate) => candidate.global_step === globalStep);
    same(
      `step ${globalStep}`,
      [row?.reward, row?.episode, row?.episode_step],
      [record.reward, episode, record.step],
    );
  }
  const ends = rows.filter((row) => row["episode/outcome"] !== undefined);
  same("number of episodes", ends.length, sent.ends.length);
  for (const [index, { record, episode }] of sent.ends.entries()) {
    const row = ends[index];
    same(
      `episode ${episode}`,
      [row.episode, row["episode/outcome"], row["episode/steps"], row["episode/reward"]],
      [episode, record.outcome, record.totals.steps, record.totals.reward],
    );
  }
  const media = checkMedia(directory, records);
  same(
    "a summary picture per episode, twice",
    media.filter((path) => path.includes("/summary_")).length,
    2 * sent.ends.length,
  );
  for (const kind of ["media/images/pictures/step_", "media/html/pictures/step_svg_"]) {
    same(
      `some pictures below ${kind}`,
      media.some((path) => path.startsWith(kind)),
      true,
    );
  }
  const dry = run(["sync", "--dry-run", directory]);
  same(
    "'wandb sync --dry-run' finds the run",
    `${dry.stdout}${dry.stderr}`.includes(directory.split("-").at(-1)),
    true,
  );
}

/** Values and sizes that a played run does not have, through the sink's own door. */
async function checkExtremes() {
  const runDir = join(scratch, "extremes");
  const names = ["plain", "a/b", "with.dot", 'quote"d', "日本", "__proto__", "constructor", ""];
  const numbers = [0.1, -0, 5e-324, 2 ** 53, -1e300, NaN, Infinity, -Infinity];
  const wide = "x".repeat(150_000);
  const histogram = { values: [1, 2, 3], bins: [0, 0.5, 1, 1.5] };
  const graph = {
    nodes: [
      { id: 1, name: "conv" },
      { id: 2, name: "head" },
    ],
    edges: [[1, 2]],
  };
  const start = Date.now() / 1000;
  const sink = await wandb.create(
    {
      ...{ project_name: "extremes", entity: "team", tags: [], log_frequency: 1, image_format: "png" },
      ...{ max_image_size: [10, 10], log_gradients: true, log_model_topology: true, offline_mode: true },
      log_animation: true,
      ...{
        group: "g",
        job_type: "j",
        notes: "n",
        retry_attempts: 3,
        retry_delay: 1,
        finish_timeout: 30,
        resume: "auto",
        log_system_metrics: true,
      },
    },
    {
      ...{ name: "wandb", configKey: "logging.wandb", fs, paths: { runDir } },
      run: { name: "ünï", startTime: start, configHash: "hash", config: { nan: NaN, list: [1, [2]], wide } },
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      clock: { now: () => start + 3, monotonic: () => 0 },
    },
  );
  const about = { episode: null, global_step: null, key: false, similarity: null };
  const item = (record, more = {}) => ({ type: record.type, record, ...about, ...more });
  const grid = { shape: [1, 1], data: new Uint8Array(1) };
  await sink.write([item({ type: "run-start", meta: { model_topology: graph } })]);
  // 4000 rows of growing length meet every distance from a block's end; some are longer than two blocks.
  const expected = [];
  for (let index = 0; index < 4000; index += 1) {
    const name = index % 1000 === 999 ? wide : `op ${"y".repeat(index % 61)}`;
    const metrics = Object.fromEntries(names.map((key, at) => [key, numbers[(at + index) % numbers.length]]));
    expected.push({ step: index, name, metrics });
    const action = { operation: 0, name };
    const record = {
      type: "step",
      episode: "e",
      step: index,
      time: start + index,
      action,
      after: grid,
      reward: index / 7,
    };
    await sink.write([
      item(
        { ...record, terminated: false, truncated: false, info: { metrics } },
        { episode: 1, global_step: index },
      ),
    ]);
  }
  const metrics = {
    type: "metrics",
    time: start,
    step: 77,
    values: { loss: NaN },
    histograms: { dense: histogram },
  };
  await sink.write([item(metrics, { global_step: 3999 })]);
  await sink.write([item({ type: "run-end", outcome: "interrupted" })]);
  await sink.close();

  const { records, summary } = inspect(sink.directory);
  same(
    "numbers of the records",
    records.every((record, index) => record.num === index + 1),
    true,
  );
  const rows = rowsOf(records);
  same("number of rows", rows.length, expected.length);
  for (const { step, name, metrics: sent } of expected) {
    const row = rows[step] ?? {};
    const read = names.map((key) => row[`info/${key}`]);
    same(
      `row ${step}`,
      [row._step, row.operation, row.reward, ...read],
      [step, name, step / 7, ...names.map((key) => jsonNumber(sent[key]))],
    );
  }
  same("histogram", rows.at(-1)["gradients/dense"], { _type: "histogram", ...histogram });
  same("own clock", [rows.at(-1)["metrics/step"], rows.at(-1)["metrics/loss"]], [77, "NaN"]);
  same(
    "config",
    [summary.config.episcope.nan, summary.config.episcope.list, summary.config.episcope.wide],
    ["NaN", [1, [2]], wide],
  );
  same("entity and name", [summary.entity, summary.name], ["team", "ünï"]);
  same("exit code", summary.exit_code, 255);
  const graphFile = summary.summary.graph_0;
  same("graph", JSON.parse(fs.readFileSync(join(sink.directory, "files", graphFile.path), "utf8")), {
    format: "torch",
    ...graph,
  });

  // A torn tail: the official reader complains before `recoverLog`, and not after it.
  const log = logOf(sink.directory);
  fs.truncateSync(log, fs.statSync(log).size - 3);
  same(
    "the official reader sees a torn tail",
    run(["leet", "inspect", "--json", log]).stderr.includes("incomplete"),
    true,
  );
  recoverLog(fs, log, { exitCode: 1 });
  const recovered = inspect(sink.directory);
  same("rows after recovery", rowsOf(recovered.records).length, expected.length);
}

function inspect(directory) {
  const log = logOf(directory);
  const listed = run(["leet", "inspect", "--json", log]);
  same(
    `the official reader has no complaint about ${log.split("/").at(-1)}`,
    [listed.status, listed.stderr.trim()],
    [0, ""],
  );
  const records = listed.stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return { records, summary: JSON.parse(run(["leet", "inspect", "--summary", "--json", log]).stdout) };
}

function checkMedia(directory, records) {
  const announced = records
    .filter((record) => record.type === "files")
    .flatMap(({ files }) => files.files.map(({ path }) => path));
  const named = [];
  for (const row of rowsOf(records)) {
    for (const [key, value] of Object.entries(row)) {
      if (value === null || typeof value !== "object" || value.path === undefined) continue;
      named.push(value.path);
      const bytes = fs.readFileSync(join(directory, "files", value.path));
      same(
        `${key} of ${value.path}`,
        [value.size, value.sha256],
        [bytes.length, createHash("sha256").update(bytes).digest("hex")],
      );
    }
  }
  for (const { summary } of records.filter((record) => record.type === "summary")) {
    const table = summary.update["episodes"];
    if (table !== undefined) named.push(table.path);
  }
  same("files announced and files named by rows", [...announced].sort(), [...named].sort());
  return named;
}

async function playedConfig() {
  const { config } = await compose({
    source: fileSource(join(here, "..", "..", "conf")),
    name: "config",
    overrides: [
      "visualization=debug_verbose",
      "logging=wandb_full",
      "logging.wandb.project_name=interop",
      "logging.wandb.tags=[arc,played]",
      "logging.wandb.log_frequency=2",
      "logging.async_logger.shutdown_timeout=60",
      "logging.wandb.offline_mode=true",
      "logging.log_level=WARNING",
      "+logging.sinks.spy._target_=spy",
    ],
  });
  return config;
}

function same(what, actual, expected) {
  checks += 1;
  if (!isDeepStrictEqual(actual, expected))
    failures.push(
      `${what}: ${JSON.stringify(actual)?.slice(0, 300)}, expected ${JSON.stringify(expected)?.slice(0, 300)}`,
    );
}

function run(words) {
  const result = spawnSync(program, words, {
    cwd: scratch,
    env: environment,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (result.error !== undefined) throw result.error;
  return result;
}

function rowsOf(records) {
  return records.filter((record) => record.type === "history").map(({ history }) => history.item);
}

function logOf(directory) {
  return join(
    directory,
    fs.readdirSync(directory).find((name) => name.endsWith(".wandb")),
  );
}

function type(record) {
  return record.type;
}

/** As the official reader prints it: what JSON lacks as a string, minus zero as 0. */
function jsonNumber(value) {
  return Number.isFinite(value) ? value + 0 : String(value);
}

function ascending(a, b) {
  return a - b;
}
