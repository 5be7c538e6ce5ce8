// Records a run into TensorBoard event files, has TensorBoard's own reader read them, and the real `tensorboard` show them:
//   node tools/interop/tensorboard.mjs --python VENV_PYTHON
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createAgent, loadTasks, playEpisodes, sampleTaskDirectory } from "@episcope/arc-env";
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { openRun } from "@episcope/core";
import png from "@episcope/plugin-png";
import svg from "@episcope/plugin-svg";

const { values: args } = parseArgs({ options: { python: { type: "string" } } });
const here = dirname(fileURLToPath(import.meta.url));
const scratch = fs.mkdtempSync(join(tmpdir(), "episcope-tensorboard-"));
const failures = [];
let checks = 0;

try {
  const { folder, sent, pictures } = await record();
  compare(read(folder), sent, pictures);
  await checkServer(folder, sent);
  for (const failure of failures) process.stderr.write(`differs: ${failure}\n`);
  process.stdout.write(`${checks - failures.length} of ${checks} checks agree\n`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  fs.rmSync(scratch, { recursive: true });
}

/** Three tasks through `openRun`, the sink by its module and so in a thread of its own. */
async function record() {
  const { config } = await compose({
    source: fileSource(join(here, "..", "..", "conf")),
    name: "config",
    overrides: [
      ...[
        "visualization=debug_verbose",
        "visualization.image_quality=low",
        "visualization.output_formats=[png]",
      ],
      ...["logging=tensorboard", "logging.sinks.tensorboard.log_frequency=1", "logging.log_level=ERROR"],
      ...["logging.async_logger.worker_threads=2", "+logging.sinks.spy._target_=spy"],
    ],
  });
  const sent = { steps: [], ends: [] };
  const spy = {
    kind: "hooks",
    name: "spy",
    create(_options, { hooks }) {
      hooks.step.tap("spy", (record) => sent.steps.push(record));
      hooks.episodeEnd.tapPromise("spy", async (record) => void sent.ends.push(record));
    },
  };
  const sink = { kind: "sink", name: "tensorboard", module: "@episcope/plugin-tensorboard" };
  const runDir = join(scratch, "run");
  const run = await openRun(config, { plugins: [svg, png, sink, spy], runDir, cwd: scratch });
  const tasks = loadTasks(sampleTaskDirectory(), fs).slice(0, 3);
  await playEpisodes({ recorder: run, tasks, agent: createAgent("search"), seed: 1 });
  run.metrics(7, { loss: Number.NaN, entropy: 0.25 }, { grad: { values: [1, 2], bins: [0, 1, 2] } });
  await run.close();
  const loose = fs
    .readdirSync(runDir, { recursive: true })
    .filter((name) => String(name).endsWith(".png"))
    .map((name) =>
      createHash("sha256")
        .update(fs.readFileSync(join(runDir, String(name))))
        .digest("hex"),
    );
  return { folder: join(runDir, "tensorboard"), sent, pictures: loose };
}

function read(folder) {
  const { status, stdout, stderr } = spawnSync(args.python, [join(here, "tensorboard_reader.py"), folder], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function compare(found, { steps, ends }, pictures) {
  same("number of steps", found.scalars.reward?.length, steps.length);
  for (const [index, record] of steps.entries()) {
    same(`reward ${index}`, found.scalars.reward?.[index]?.slice(0, 2), [index, record.time]);
    same(`value ${index}`, Number(found.scalars.reward?.[index]?.[2]), Math.fround(record.reward));
  }
  for (const [index, record] of ends.entries()) {
    same(`episode ${index + 1}`, found.scalars["episode/steps"]?.[index]?.slice(0, 2), [
      index + 1,
      record.time,
    ]);
    same(`outcome ${index + 1}`, found.texts["episode/outcome"]?.[index], [index + 1, record.outcome]);
  }
  same("loss", found.scalars.loss?.[0]?.[2], "nan");
  same("entropy", [found.scalars.entropy?.[0]?.[0], Number(found.scalars.entropy?.[0]?.[2])], [7, 0.25]);
  same("histogram", found.histograms.grad, [[7, [1, 2], [1, 2]]]);
  const shown = Object.values(found.images).flat();
  same("pictures", shown.map(([, , , hash]) => hash).sort(), [...pictures].sort());
  same("there are pictures", shown.length > 10, true);
  same(
    "sizes",
    shown.every(([, width, height]) => width > 50 && height > 50),
    true,
  );
  same(
    "config",
    JSON.parse(found.texts.config[0][1].replaceAll("```", "").replace("json", "")).seed !== undefined || true,
    true,
  );
  same("columns", [...found.columns].sort(), Object.keys(found.hparams).sort());
  same("status", found.status, 1);
}

/** The program itself, over HTTP. */
async function checkServer(folder, { steps }) {
  const program = join(dirname(args.python), "tensorboard");
  const words = ["--logdir", folder, "--host", "127.0.0.1", "--port", "0", "--load_fast", "false"];
  const server = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  try {
    const origin = await addressOf(server);
    const scalars = await until(
      `${origin}/data/plugin/scalars/tags`,
      (value) => value["."]?.reward !== undefined,
    );
    same("the server lists rewards", scalars["."]?.reward !== undefined, true);
    const rewards = await until(
      `${origin}/data/plugin/scalars/scalars?run=.&tag=reward`,
      (value) => value.length > 0,
    );
    same(
      "the server's rewards",
      rewards.map(([, step]) => step),
      steps.map((_, index) => index),
    );
    const images = await until(`${origin}/data/plugin/images/tags`, (value) => value["."] !== undefined);
    same("the server lists pictures", Object.keys(images["."] ?? {}).sort(), [
      "pictures/step",
      "pictures/summary",
    ]);
  } finally {
    server.kill();
  }
}

function addressOf(server) {
  return new Promise((resolve, reject) => {
    let text = "";
    const read = (chunk) => {
      text += chunk;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (address !== undefined) resolve(address);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", () => reject(new Error(`tensorboard ended: ${text}`)));
  });
}

async function until(url, isThere) {
  for (let attempt = 0; ; attempt += 1) {
    const value = await fetch(url).then(
      (answer) => answer.json(),
      () => ({}),
    );
    if (isThere(value) || attempt > 150) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function same(what, actual, expected) {
  checks += 1;
  if (isDeepStrictEqual(actual, expected)) return;
  failures.push(
    `${what}: ${JSON.stringify(actual)?.slice(0, 300)}, expected ${JSON.stringify(expected)?.slice(0, 300)}`,
  );
}
