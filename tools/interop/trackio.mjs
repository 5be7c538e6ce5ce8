// Sends runs to the real Trackio server, which is away for a while, and reads back what it has:
//   node tools/interop/trackio.mjs --python VENV_PYTHON
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createAgent, loadTasks, playEpisodes, sampleTaskDirectory } from "@episcope/arc-env";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { openRun } from "@episcope/core";
import { createPluginContext } from "@episcope/core/testing";
import png from "@episcope/plugin-png";
import svg from "@episcope/plugin-svg";
import trackio from "@episcope/plugin-trackio";

const { values: args } = parseArgs({ options: { python: { type: "string" } } });
const here = dirname(fileURLToPath(import.meta.url));
const scratch = fs.mkdtempSync(join(tmpdir(), "episcope-trackio-"));
const store = join(scratch, "store");
const TOKEN = "t".repeat(32);
const ROWS = 100_000;
const failures = [];
let checks = 0;

const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
Object.assign(process.env, { TRACKIO_SERVER_URL: origin, TRACKIO_WRITE_TOKEN: TOKEN });
let server = await startServer();
try {
  await checkPlayedRun();
  await checkManyRows();
  for (const failure of failures) process.stderr.write(`differs: ${failure}\n`);
  process.stdout.write(`${checks - failures.length} of ${checks} checks agree\n`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  server.kill("SIGKILL");
  fs.rmSync(scratch, { recursive: true, force: true });
}

/** A run as a user has it, with pictures. */
async function checkPlayedRun() {
  const { config } = await compose({
    source: fileSource(join(here, "..", "..", "conf")),
    name: "config",
    overrides: [
      ...[
        "visualization=debug_verbose",
        "visualization.image_quality=low",
        "visualization.output_formats=[png]",
      ],
      ...["logging=trackio", "logging.sinks.trackio.log_frequency=1", "logging.sinks.trackio.project=played"],
      ...[
        "logging.log_level=ERROR",
        "logging.async_logger.worker_threads=2",
        "+logging.sinks.spy._target_=spy",
      ],
    ],
  });
  const steps = [];
  const spy = {
    kind: "hooks",
    name: "spy",
    create: (_options, { hooks }) => hooks.step.tap("spy", (record) => void steps.push(record)),
  };
  const sink = { kind: "sink", name: "trackio", module: "@episcope/plugin-trackio" };
  const runDir = join(scratch, "mine");
  const run = await openRun(config, { plugins: [svg, png, sink, spy], runDir, cwd: scratch });
  const tasks = loadTasks(sampleTaskDirectory(), fs).slice(0, 2);
  await playEpisodes({ recorder: run, tasks, agent: createAgent("search"), seed: 1 });
  run.metrics(7, { loss: Number.NaN }, { grad: { values: [1, 2], bins: [0, 1, 2] } });
  await run.close();

  const rows = read("played");
  const rewards = rows.filter(({ metrics }) => metrics.reward !== undefined);
  same(
    "steps",
    rewards.map(({ step, metrics }) => [step, metrics.reward]),
    steps.map(({ reward }, at) => [at, reward]),
  );
  same(
    "episodes",
    rows.filter(({ metrics }) => metrics["episode/success"] !== undefined).map(({ step }) => step),
    [1, 2],
  );
  const update = rows.find(({ step, metrics }) => step === 7 && metrics.loss !== undefined);
  same("NaN and a histogram", [update?.metrics.loss, update?.metrics.grad?.values], ["NaN", [1, 2]]);
  const pictures = rows
    .flatMap(({ metrics }) => [metrics["pictures/step"], metrics["pictures/summary"]])
    .filter(Boolean);
  const hashes = (files) =>
    files.map((file) => createHash("sha256").update(fs.readFileSync(file)).digest("hex")).sort();
  const loose = fs.readdirSync(runDir, { recursive: true }).map(String);
  const drawn = loose.filter((name) => name.endsWith(".png") && !name.startsWith("trackio"));
  same("there are pictures", pictures.length > 5, true);
  same(
    "pictures",
    hashes(pictures.map(({ file_path }) => join(store, "media", file_path))),
    hashes(drawn.map((name) => join(runDir, name))),
  );
  const listed = await ask("get_logs", { project: "played", run: "mine" });
  same("the server's own answer", listed.filter(({ reward }) => reward !== undefined).length, steps.length);
  const configs = await ask("get_run_configs", { project: "played" });
  same("config", JSON.stringify(configs).includes('"debug_level"'), true);
}

/** A hundred thousand rows while the server is killed and started three times: each is there once. */
async function checkManyRows() {
  const runDir = join(scratch, "many");
  const context = createPluginContext({
    fs,
    paths: { runDir, episodeDir: String },
    run: { name: "many", startTime: 1_796_000_000, configHash: "hash", config: {} },
  });
  const options = { project: "many", server: null, group: null, log_frequency: 1, pictures: false };
  const sink = await trackio.create({ ...options, retry_delay: 0.2, finish_timeout: 240 }, context);
  const about = { position: 0, episode: 1, key: false, similarity: null };
  const grid = { shape: [1, 1], data: new Uint8Array(1) };
  const step = (index) => ({
    ...{ ...about, type: "step", global_step: index },
    record: {
      ...{
        type: "step",
        seq: index,
        episode: "e",
        step: index,
        time: index,
        action: { operation: 1 },
        after: grid,
      },
      ...{ reward: index, terminated: false, truncated: false, info: {} },
    },
  });
  const PART = ROWS / 4;
  for (let part = 0; part < 4; part += 1) {
    const items = Array.from({ length: PART }, (_, index) => step(part * PART + index));
    for (let at = 0; at < PART; at += 1_000) await sink.write(items.slice(at, at + 1_000), context.signal);
    if (part === 3) break;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    server.kill("SIGKILL");
    server = await startServer();
  }
  await sink.close();
  const counts = query("many", "SELECT COUNT(*), COUNT(DISTINCT step), MAX(step) FROM metrics");
  same("rows, different steps, last step", counts, [[ROWS, ROWS, ROWS - 1]]);
}

/** Rows of a project as the server keeps them. */
function read(project) {
  return query(project, "SELECT step, metrics FROM metrics ORDER BY id").map(([step, metrics]) => ({
    step,
    metrics: JSON.parse(metrics),
  }));
}

function query(project, sql) {
  const code =
    "import glob, json, sqlite3, sys\n" +
    "path = [p for p in glob.glob(sys.argv[1] + '/**/*.db', recursive=True) if sys.argv[2] in p][0]\n" +
    "text = lambda value: value.decode() if isinstance(value, bytes) else value\n" +
    "print(json.dumps([[text(v) for v in row] for row in sqlite3.connect(path).execute(sys.argv[3])]))";
  const { status, stdout, stderr } = spawnSync(args.python, ["-c", code, store, project, sql], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function ask(api, kwargs) {
  const headers = { "content-type": "application/json", "x-trackio-write-token": TOKEN };
  const answer = await fetch(`${origin}/api/${api}`, {
    method: "POST",
    headers,
    body: JSON.stringify({ args: [], kwargs }),
  });
  return (await answer.json()).data;
}

async function startServer() {
  const env = { ...process.env, TRACKIO_DIR: store, HF_HUB_OFFLINE: "1", HOME: scratch };
  const child = spawn(args.python, [join(here, "trackio_server.py"), String(port), TOKEN], {
    env,
    stdio: "ignore",
  });
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (
      await fetch(`${origin}/api/get_all_projects`, { method: "POST", body: "{}" }).then(
        () => true,
        () => false,
      )
    )
      return child;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("trackio did not start");
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function same(what, actual, expected) {
  checks += 1;
  if (isDeepStrictEqual(actual, expected)) return;
  failures.push(
    `${what}: ${JSON.stringify(actual)?.slice(0, 300)}, expected ${JSON.stringify(expected)?.slice(0, 300)}`,
  );
}
