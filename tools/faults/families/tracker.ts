import fs from "node:fs";
import { join } from "node:path";
import { resumeRun } from "@episcope/core";
import { createPluginContext } from "@episcope/core/testing";
import wandb, { syncWandbDirectory, wandbDirectories } from "@episcope/plugin-wandb";
import { RunStream } from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { childEnvironment } from "@episcope/testing/child-environment";
import { presetConfig } from "@episcope/testing/preset-config";
import { startWandbServer, WANDB_TEST_KEY, type WandbServer } from "@episcope/testing/wandb-server";
import { type Fault, immediateWaiting } from "@episcope/tracker/testing";
import { lastNumber, startNode } from "../child-program.js";
import { openFaultRun } from "../open-recorder.js";
import { all, atLeast, atMost, none, type Outcome, type Row, type RowContext } from "../row.js";
import { stepStream } from "../steps.js";

const stream = stepStream(10);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const FAULTS: readonly Fault[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) => ({ kind: "status", status }) as const),
  { kind: "status", status: 429, headers: { "retry-after": "3" } },
  ...([
    { kind: "reset" },
    { kind: "reset-after" },
    { kind: "torn-after" },
    { kind: "slow-after", ms: 1 },
  ] as const),
];

function environmentFor({ origin }: { readonly origin: string }): { [name: string]: string } {
  return { WANDB_BASE_URL: origin, WANDB_API_KEY: WANDB_TEST_KEY, WANDB_MODE: "online" };
}

/** A W&B run of so many rows on disk, written by the sink itself. */
async function offlineRun(runDir: string, rows: number): Promise<string> {
  const logging = presetConfig().logging as unknown as { readonly wandb: Record<string, unknown> };
  const { _target_, enabled, ...options } = logging.wandb;
  const context = createPluginContext({ fs, logger: silent, paths: { runDir, episodeDir: String } });
  const sink = await wandb.create({ ...options, log_frequency: 1, offline_mode: true } as never, context);
  const about = { position: 0, episode: 1, key: false, similarity: null };
  for (let index = 0; index < rows; index += 1) {
    const record = {
      ...stream.step(index % 100),
      type: "step",
      seq: index,
      episode: "e",
      step: index,
      time: index,
    };
    const whole = { terminated: false, truncated: false, info: {}, ...record };
    await sink.write(
      [{ ...about, type: "step", global_step: index, record: whole } as never],
      context.signal,
    );
  }
  await sink.close?.();
  return wandbDirectories(runDir, fs)[0]!;
}

function stepsAt(server: WandbServer): number[] {
  return server.rows([...server.runs.keys()][0]!).map(({ _step }) => Number(_step));
}

/** Rows that are there again, or out of order. */
function doubled(steps: readonly number[]): number {
  return steps.filter((step, index) => index > 0 && step <= steps[index - 1]!).length;
}

/** T1: a server in trouble. */
async function mixedFaults(context: RowContext): Promise<Outcome> {
  const faults = 200;
  const rows = context.short ? 30_000 : 100_000;
  const random = randomNumbers(5);
  let met = 0;
  const server = await startWandbServer({
    fault: () => {
      if (met === faults) return null;
      met += 1;
      // A slow answer is an answer: it comes seldom, so that a request fails often before it gets through.
      const kinds = random() < 0.02 ? FAULTS.length : FAULTS.length - 1;
      return FAULTS[Math.floor(random() * kinds)]!;
    },
  });
  try {
    const directory = await offlineRun(join(context.scratch(), "run"), rows);
    const env = environmentFor(server);
    const report = await syncWandbDirectory(directory, {
      fs,
      env,
      logger: silent,
      waiting: immediateWaiting(),
    });
    const steps = stepsAt(server);
    return {
      figures: [
        all("faults that requests met", met, faults),
        none("rows lost", rows - new Set(steps).size),
        none("rows doubled", doubled(steps)),
        none("gaps, changed rows, stray keys", server.offences.length),
        all("complete", report.isComplete ? 1 : 0, 1),
      ],
    };
  } finally {
    await server.close();
  }
}

/** T2: no server at all. */
async function deadServer(context: RowContext): Promise<Outcome> {
  const dead = await startWandbServer();
  await dead.close();
  const seconds = context.short ? 5 : 30;
  const before = { ...process.env };
  Object.assign(process.env, environmentFor(dead));
  try {
    const plugins = [{ kind: "sink", name: "wandb", module: "@episcope/plugin-wandb" } as const];
    const overrides = [
      ...["logging=wandb_basic", `logging.wandb.finish_timeout=${seconds}`],
      ...["logging.async_logger.worker_timeout=60", "~visualization.renderers.png"],
    ];
    const opening = performance.now();
    const { run } = await openFaultRun(context.scratch(), overrides, { plugins });
    const opened = (performance.now() - opening) / 1000;
    const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
    for (let step = 0; step < 1_000; step += 1) episode.step(stream.step(step));
    await episode.end();
    const closing = performance.now();
    await run.close();
    const { accepted, written } = run.stats().accounting["logging.wandb"]!;
    return {
      figures: [
        atMost("opening", opened, 10, "s"),
        atMost(
          `closing, of ${seconds} s for the upload`,
          (performance.now() - closing) / 1000,
          seconds + 1,
          "s",
        ),
        none("records that the sink lost", accepted - written),
      ],
    };
  } finally {
    process.env = before;
  }
}

/** T3: killed while it uploads; `sync` brings the rest. */
async function killedUploads(context: RowContext): Promise<Outcome> {
  const kills = context.short ? 4 : 30;
  const random = randomNumbers(9);
  const counts = { rows: 0, doubled: 0, gaps: 0, offences: 0, complete: 0 };
  for (let kill = 0; kill < kills; kill += 1) {
    const server = await startWandbServer();
    try {
      const base = context.scratch();
      const env = childEnvironment(environmentFor(server));
      const child = startNode(context.child("record-wandb"), [base], { env });
      await child.until(({ stdout }) => lastNumber(stdout, "steps") > 0);
      await new Promise((resolve) => setTimeout(resolve, random() * 300));
      child.kill("SIGKILL");
      await child.ended;
      const [directory] = wandbDirectories(join(base, "run"), fs);
      const options = { fs, env: environmentFor(server), logger: silent, waiting: immediateWaiting() };
      const report = await syncWandbDirectory(directory!, options);
      const steps = stepsAt(server);
      counts.rows += steps.length;
      counts.doubled += doubled(steps);
      counts.gaps += steps.filter((step, index) => step !== index).length;
      counts.offences += server.offences.length;
      counts.complete += report.isComplete ? 1 : 0;
    } finally {
      await server.close();
    }
  }
  return {
    figures: [
      atLeast(`rows at the server after ${kills} kills`, counts.rows, kills),
      none("rows doubled", counts.doubled),
      none("rows missing between others", counts.gaps),
      none("gaps, changed rows, stray keys", counts.offences),
      all("runs that are complete after sync", counts.complete, kills),
    ],
  };
}

/** T4: killed while it records; `resume` brings the sink's rows up to the records. */
async function killedThenResumed(context: RowContext): Promise<Outcome> {
  const kills = context.short ? 4 : 30;
  const random = randomNumbers(13);
  const counts = { steps: 0, missing: 0, doubled: 0, runs: 0, incomplete: 0 };
  for (let kill = 0; kill < kills; kill += 1) {
    const base = context.scratch();
    const env = childEnvironment({ WANDB_MODE: "offline" });
    const child = startNode(context.child("record-wandb"), [base], { env });
    await child.until(({ stdout }) => lastNumber(stdout, "open") > 0);
    // Some before a state was ever saved beside what the opening saved.
    await new Promise((resolve) => setTimeout(resolve, random() * 2_500));
    child.kill("SIGKILL");
    await child.ended;
    const dir = join(base, "run");
    const plugins = [{ kind: "sink", name: "wandb", module: "@episcope/plugin-wandb" } as const];
    const { incomplete } = await resumeRun(dir, { plugins, logger: silent });
    counts.incomplete += incomplete.length;
    const recorded = new Set<number>();
    using stream = new RunStream(dir, { fs });
    for (let item = stream.next(); item !== null; item = stream.next())
      if (item.record.type === "step") recorded.add(item.decisions.global_step ?? 0);
    const directories = wandbDirectories(dir, fs);
    counts.runs += directories.length;
    const server = await startWandbServer();
    try {
      const options = { fs, env: environmentFor(server), logger: silent, waiting: immediateWaiting() };
      await syncWandbDirectory(directories[0]!, options);
      const rows = server.rows([...server.runs.keys()][0]!);
      const logged = rows.map((row) => row["global_step"]).filter((step) => step !== undefined);
      counts.steps += recorded.size;
      counts.missing += [...recorded].filter((step) => !logged.includes(step)).length;
      counts.doubled += logged.length - new Set(logged).size;
    } finally {
      await server.close();
    }
  }
  return {
    figures: [
      atLeast(`steps on disk after ${kills} kills`, counts.steps, kills),
      none("steps without a row", counts.missing),
      none("rows doubled", counts.doubled),
      all("W&B runs", counts.runs, kills),
      none("outputs that are incomplete after resume", counts.incomplete),
    ],
  };
}

export const TRACKER_ROWS: readonly Row[] = [
  { id: "T1", fault: "a tracker's server in trouble: 200 faults of 11 kinds", run: mixedFaults },
  { id: "T2", fault: "a tracker's server that is not there", run: deadServer },
  { id: "T3", fault: "killed while it uploads", run: killedUploads },
  { id: "T4", fault: "killed while it records, then resumed: the tracker's rows", run: killedThenResumed },
];
