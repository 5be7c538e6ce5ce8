import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createWorld, runDirOf, type World } from "./fixtures/world.js";

// Many runs, one after another.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const GRAPH = { nodes: [{ id: "a", name: "A" }], edges: [] };
const HISTOGRAM = { values: [1, 2], bins: [0, 1, 2] };

/** Cells that are painted after each step: most change nothing and are no key steps. */
const PAINTED = [0, 0, 2, 2, 2, 5, 5, 5, 5, 5, 5, 12];

/** As a producer in Python would send it: two episodes, twelve steps each, and what a training says of itself. */
function stream(): string {
  const lines: object[] = [
    { type: "hello", version: 1, producer: "trainer.py" },
    { type: "run-start", run: "mine", config_hash: "", meta: { lr: 0.1, model_topology: GRAPH } },
  ];
  for (const episode of ["e1", "e2"]) {
    const grid = (painted: number) => ({
      shape: [3, 4],
      data: Array.from({ length: 12 }, (_, at) => (at < painted ? 3 : 0)),
    });
    lines.push({
      ...{ type: "episode-start", episode, task_id: `task-${episode}`, pair_index: 0, mode: "train" },
      ...{ initial: grid(0), target: grid(12), meta: {} },
    });
    for (let step = 0; step < 12; step++) {
      lines.push({
        ...{ type: "step", episode, step, after: grid(PAINTED[step]!), reward: step - 3 },
        action: { operation: 3, name: "paint", selection: { kind: "point", point: [step >> 2, step & 3] } },
        ...{ terminated: step === 11, truncated: false, info: { metrics: { loss: 1 / (step + 1) } } },
        state: { memory: `state-of-${step}` },
      });
      const metrics = { type: "metrics", step, values: { kl: step / 7 }, histograms: { w1: HISTOGRAM } };
      if (step % 6 === 5) lines.push(metrics);
    }
    const totals = { steps: 12, reward: 30, final_similarity: 1, best_similarity: 1 };
    lines.push({ type: "episode-end", episode, outcome: "success", totals });
  }
  lines.push({ type: "run-end", outcome: "finished", accounting: {} });
  return lines
    .map((line, at) => JSON.stringify(at === 0 ? line : { ...line, seq: at - 1, time: 1000 + at }))
    .join("\n");
}

interface Recorded {
  readonly dir: string;
  readonly files: readonly string[];
  readonly messages: string;
  /** The files whose paths match, one behind the other. */
  bytes(path: RegExp): Buffer;
}

let world: World;
let standard: Recorded;
let withWandb: Recorded;
let count = 0;

async function record(...words: string[]): Promise<Recorded> {
  const name = words.some((word) => word.startsWith("storage.run_name="))
    ? []
    : [`storage.run_name=r${count++}`];
  const run = await world.run("record", "input=in.ndjson", ...name, ...words);
  expect([words, run.status, run.messages]).toEqual([words, 0, run.messages]);
  const dir = runDirOf(run);
  const files = world.files(dir).filter((file) => !/^\.(hydra|episcope)/.test(file));
  const bytes = (path: RegExp) =>
    Buffer.concat(
      files.filter((file) => path.test(file)).map((file) => world.fs.readFileSync(join(dir, file)) as Buffer),
    );
  return { dir, files, messages: run.messages, bytes };
}

beforeAll(async () => {
  world = createWorld({ files: { "in.ndjson": stream() } });
  standard = await record();
  withWandb = await record(ENABLED);
});

const ENABLED = "logging.wandb.enabled=true";
const STEP = /step_\d+\.svg$/;
const SUMMARY = /summary\.svg$/;
const WANDB = /\.wandb$/;

const count_ = (run: Recorded, path: RegExp) => run.files.filter((file) => path.test(file)).length;
/** The pictures of the same names have other bytes. */
const drawnOtherwise = (path: RegExp) => (run: Recorded) =>
  count_(run, path) > 0 && !run.bytes(path).equals(standard.bytes(path));
const has = (path: RegExp, text: string) => (run: Recorded) => run.bytes(path).includes(text);

type Effect = readonly [words: readonly string[], effect: (run: Recorded) => boolean];

/** What a key changes in the finished files, by the key. */
const IN_FILES: Readonly<Record<string, Effect>> = {
  "visualization.debug_level": [["visualization.debug_level=verbose"], (run) => count_(run, STEP) === 24],
  "visualization.output_formats": [
    ["visualization.output_formats=[png]"],
    (run) => count_(run, /\.png$/) > 2,
  ],
  "visualization.image_quality": [["visualization.image_quality=low"], drawnOtherwise(STEP)],
  "visualization.show_coordinates": [["visualization.show_coordinates=true"], drawnOtherwise(STEP)],
  "visualization.show_operation_names": [["visualization.show_operation_names=false"], drawnOtherwise(STEP)],
  "visualization.highlight_changes": [["visualization.highlight_changes=false"], drawnOtherwise(STEP)],
  "visualization.include_metrics": [["visualization.include_metrics=false"], drawnOtherwise(STEP)],
  "visualization.color_scheme": [["visualization.color_scheme=colorblind"], drawnOtherwise(STEP)],
  "visualization.step_pictures": [["visualization.step_pictures=all"], (run) => count_(run, STEP) === 24],
  "visualization.summary_picture": [
    ["visualization.summary_picture=false"],
    (run) => count_(run, SUMMARY) === 0,
  ],
  "visualization.state_dumps": [
    ["visualization.state_dumps=true"],
    (run) => count_(run, /step_\d+\.json$/) > 0,
  ],
  "logging.structured_logging": [
    ["logging.structured_logging=false"],
    (run) => count_(run, /journal\.epi$/) === 0,
  ],
  "logging.log_format": [["logging.log_format=pickle"], (run) => count_(run, /episode\.(pkl|pickle)/) === 2],
  "logging.compression": [["logging.compression=false"], (run) => count_(run, /episode\.json$/) === 2],
  "logging.include_full_states": [
    ["logging.include_full_states=true", "logging.compression=false"],
    has(/episode\.json$/, "state-of-7"),
  ],
  "logging.log_level": [["logging.log_level=DEBUG"], (run) => /\[DEBUG\]/.test(run.messages)],
  "logging.sinks": [
    ["+logging.sinks.board={_target_: tensorboard}"],
    (run) => count_(run, /events\.out\.tfevents/) > 0,
  ],
  "logging.async_logger.enable_compression": [
    ["logging.async_logger.enable_compression=false"],
    (run) => run.bytes(/journal\.epi$/).length > standard.bytes(/journal\.epi$/).length,
  ],
  "logging.wandb.enabled": [["logging.wandb.enabled=true"], (run) => count_(run, WANDB) === 1],
  "logging.wandb.project_name": wandb("project_name=p-of-mine", has(WANDB, "p-of-mine")),
  "logging.wandb.entity": wandb("entity=e-of-mine", has(WANDB, "e-of-mine")),
  "logging.wandb.tags": wandb("tags=[t-of-mine]", has(WANDB, "t-of-mine")),
  "logging.wandb.group": wandb("group=g-of-mine", has(WANDB, "g-of-mine")),
  "logging.wandb.job_type": wandb("job_type=j-of-mine", has(WANDB, "j-of-mine")),
  "logging.wandb.notes": wandb("notes=n-of-mine", has(WANDB, "n-of-mine")),
  "logging.wandb.log_frequency": wandb(
    "log_frequency=1",
    (run) => run.bytes(WANDB).length > withWandb.bytes(WANDB).length + 500,
  ),
  "logging.wandb.image_format": wandb("image_format=svg", (run) => count_(run, /wandb\/.*\.html$/) > 0),
  "logging.wandb.max_image_size": wandb(
    "max_image_size=[60,40]",
    (run) => run.bytes(/wandb\/.*\.png$/).length < withWandb.bytes(/wandb\/.*\.png$/).length / 2,
  ),
  "logging.wandb.log_gradients": wandb("log_gradients=true", has(WANDB, "gradients/w1")),
  "logging.wandb.log_model_topology": wandb("log_model_topology=true", has(WANDB, "graph_0")),
  "logging.wandb.save_code": wandb(
    "save_code=true",
    (run) => !run.bytes(WANDB).equals(withWandb.bytes(WANDB)),
  ),
  "storage.base_output_dir": [
    ["storage.base_output_dir=else"],
    (run) => dirname(run.dir) === "/project/else",
  ],
  "storage.run_name": [["storage.run_name=named"], (run) => run.dir.endsWith("/named")],
  "storage.episode_dir_format": [
    ["storage.episode_dir_format='e{episode:02d}'"],
    (run) => run.files.includes("e02/journal.epi"),
  ],
  "storage.step_file_format": [
    ["storage.step_file_format='s{step:02d}'"],
    (run) => count_(run, /\/s11\.svg$/) === 2,
  ],
  "storage.max_episodes_per_run": [
    ["storage.max_episodes_per_run=1"],
    (run) => count_(run, /episode_0001\/.*svg$/) > 0 && count_(run, /episode_0002\/.*svg$/) === 0,
  ],
  "storage.max_storage_gb": [["storage.max_storage_gb=0.00002"], (run) => /has deleted/.test(run.messages)],
  "storage.cleanup_policy": [
    ["storage.cleanup_policy=manual", "storage.max_storage_gb=0.00002"],
    (run) => /cleanup_policy=manual frees nothing/.test(run.messages),
  ],
};

/** The run without the override is what they are measured by, or has the effect as well. */
const WITHOUT_MEASURE: ReadonlySet<string> = new Set(["logging.wandb.enabled"]);

function wandb(word: string, effect: Effect[1]): Effect {
  return [[ENABLED, `logging.wandb.${word}`], effect];
}

/** What shows in time, in memory or when something fails: the test that shows it, by the key. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, title: string]>> = {
  "logging.async_logger.queue_size": ["core/test/sink-queue.test.ts", "drops the oldest with drop_oldest"],
  "logging.async_logger.queue_bytes": [
    "core/test/sink-queue.test.ts",
    "is bounded in bytes over all queues that share a budget",
  ],
  "logging.async_logger.batch_size": [
    "core/test/sink-lane.test.ts",
    "writes a batch when it is full, and a smaller one after the flush interval",
  ],
  "logging.async_logger.flush_interval": [
    "core/test/sink-lane.test.ts",
    "writes a batch when it is full, and a smaller one after the flush interval",
  ],
  "logging.async_logger.worker_threads": [
    "core/test/render-workers.test.ts",
    "gives the pictures that drawing in process gives, TypeScript plugin and whole episodes too",
  ],
  "logging.async_logger.shutdown_timeout": [
    "core/test/open-run.test.ts",
    "leaves what it has not got after shutdown_timeout to be resumed, also when it is interrupted in the middle",
  ],
  "logging.async_logger.worker_timeout": [
    "core/test/sink-workers.test.ts",
    "hangs once: its thread is replaced, and the batch retried",
  ],
  "logging.performance_monitor.target_overhead": [
    "core/test/performance-monitor.test.ts",
    "keeps every record and every key step's picture",
  ],
  "logging.wandb.offline_mode": [
    "plugin-wandb/test/upload.test.ts",
    "opens no connection where offline_mode or WANDB_MODE says so",
  ],
  "logging.wandb.resume": ["plugin-wandb/test/resume.test.ts", 'resume: "never"'],
  "logging.wandb.log_system_metrics": ["plugin-wandb/test/resume.test.ts", "log_system_metrics: true"],
  "logging.wandb.log_animation": ["plugin-wandb/test/episodes-and-artifacts.test.ts", "log_animation: true"],
  "logging.wandb.retry_attempts": [
    "plugin-wandb/test/upload.test.ts",
    "is asked again after retry_delay, and what is wrong is said at the retry_attempts-th time",
  ],
  "logging.wandb.retry_delay": [
    "plugin-wandb/test/upload.test.ts",
    "is asked again after retry_delay, and what is wrong is said at the retry_attempts-th time",
  ],
  "logging.wandb.finish_timeout": [
    "plugin-wandb/test/upload.test.ts",
    "holds up neither the recording nor, beyond finish_timeout, its end",
  ],
  "storage.durability": [
    "core/test/ring.test.ts",
    "has a step on the disk when it returns, with durability 'step'",
  ],
  "storage.on_unwritable": ["cli/test/secrets.test.ts", "on_unwritable=fail does not begin"],
  "storage.fallback_dir": ["cli/test/run-elsewhere.test.ts", "goes on in fallback_dir"],
  "storage.min_free_gb": [
    "core/test/cleanup.test.ts",
    "stops drawing while the disk has less, and goes on when there is room again",
  ],
};

describe("every key of the config", () => {
  it("has its effect shown: here, or by another test", async () => {
    const { out } = await world.run("config", "--resolve");
    const keys = leaves(out);
    expect(keys.filter((key) => !(key in IN_FILES) && !(key in ELSEWHERE))).toEqual([]);
    for (const [key, [file, title]] of Object.entries(ELSEWHERE)) {
      const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
      expect([key, file, text.includes(title)]).toEqual([key, file, true]);
    }
  });

  for (const [key, [words, effect]] of Object.entries(IN_FILES)) {
    it(`${key} is seen in the finished files`, async () => {
      const run = await record(...words);
      expect(effect(run)).toBe(true);
      // Without it there is nothing of the kind.
      if (!WITHOUT_MEASURE.has(key)) expect(effect(words[0] === ENABLED ? withWandb : standard)).toBe(false);
    });
  }
});

/** Keys of a printed config that hold a value, or a mapping without keys; not those of named plugins. */
function leaves(yaml: string): string[] {
  const path: string[] = [];
  const keys: string[] = [];
  const lines = yaml.split("\n").filter((line) => /^ *[a-z_]+:/.test(line));
  for (const [at, line] of lines.entries()) {
    const depth = line.search(/\S/) / 2;
    path.length = depth;
    path.push(line.trim().split(":")[0]!);
    const isMapping = /:$/.test(line) && (lines[at + 1]?.search(/\S/) ?? 0) > depth * 2;
    const key = path.join(".");
    const isPlugin = /\.(renderers|formats|policies)\.|_target_|^hydra/.test(key);
    if (!isMapping && !isPlugin) keys.push(key);
  }
  return keys.filter((key) => !/\.(renderers|formats|policies)$/.test(key));
}
