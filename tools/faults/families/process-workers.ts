import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openFaultRun } from "../open-recorder.js";
import { readBack } from "../read-back.js";
import { atMost, type Figure, none, type Outcome, type Row, type RowContext, startSeconds } from "../row.js";
import { stepStream } from "../steps.js";

const stream = stepStream(10);

interface Drawn {
  readonly steps: number;
  readonly pictures: number;
  readonly starts: number;
  readonly seconds: number;
  readonly lost: number;
  readonly unsettled: number;
  readonly files: readonly string[];
}

/** Draws every step with a renderer that misbehaves, in one worker. */
async function draw(
  context: RowContext,
  options: {
    readonly how: string;
    readonly every?: number;
    readonly steps: number;
    readonly timeout: number;
  },
): Promise<Drawn> {
  const base = context.scratch();
  const starts = join(base, "starts");
  const { how, every, steps, timeout } = options;
  const node = `{_target_: ./faulty-renderer.mjs, starts: ${JSON.stringify(starts)}, how: ${how}${every === undefined ? "" : `, every: ${every}`}}`;
  const started = performance.now();
  const folder = dirname(context.child("faulty-renderer"));
  const { run } = await openFaultRun(
    base,
    [
      "visualization.debug_level=full",
      "visualization.output_formats=[faulty]",
      "visualization.step_pictures=all",
      "visualization.state_dumps=false",
      `+visualization.renderers.faulty=${node}`,
      "logging.async_logger.worker_threads=1",
      `logging.async_logger.worker_timeout=${timeout}`,
      "logging.async_logger.shutdown_timeout=60",
    ],
    { cwd: folder, allowPlugins: ["."] },
  );
  const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
  for (let step = 0; step < steps; step++) episode.step(stream.step(step));
  await run.flush().catch(() => {});
  await episode.end();
  await run.close();
  const seconds = (performance.now() - started) / 1000;
  const { accepted, written, dropped } = run.stats().accounting["visualization.renderers.faulty"]!;
  const files = readdirSync(run.dir, { recursive: true }).map(String);
  return {
    steps,
    pictures: files.filter((name) => name.endsWith(".txt")).length,
    starts: existsSync(starts) ? readFileSync(starts, "utf8").trim().split("\n").length : 0,
    seconds,
    lost: steps - readBack(run.dir, stream).right,
    unsettled: accepted - written - dropped,
    files,
  };
}

/** P6: workers that die. */
async function dying(context: RowContext): Promise<Outcome> {
  const figures: Figure[] = [];
  for (const how of context.short ? ["exit"] : ["exit", "throw", "abort"]) {
    const every = 10;
    const deaths = context.short ? 10 : 50;
    const some = await draw(context, { how, every, steps: every * deaths, timeout: 60 });
    figures.push(
      none(`${how} at ${deaths} of ${some.steps} pictures: steps lost`, some.lost),
      none(`${how}: pictures lost beyond those`, some.steps - deaths - some.pictures),
      none(`${how}: entries neither written nor dropped`, some.unsettled),
    );
    const always = await draw(context, { how, steps: 50, timeout: 60 });
    figures.push(none(`${how} at every picture: steps lost`, always.lost));
    if (how !== "throw") figures.push(atMost(`${how} at every picture: restarts`, always.starts - 1, 3, ""));
  }
  return { figures };
}

/** P7: a worker that hangs. */
async function hanging(context: RowContext): Promise<Outcome> {
  const timeout = 1;
  const plain = await draw(context, { how: "never", steps: 20, timeout });
  const hung = await draw(context, { how: "hang", every: 10, steps: 19, timeout });
  const hangs = 1;
  // Each picture is tried again before it is given up.
  const attempts = Math.max(1, hung.starts - plain.starts);
  return {
    figures: [
      atMost(
        "detected over the limit, per hang",
        (hung.seconds - plain.seconds) / attempts - timeout,
        2 + 20 * startSeconds(),
        "s",
      ),
      none("other pictures lost", hung.steps - hangs - hung.pictures),
      none("entries neither written nor dropped", hung.unsettled),
      none("steps lost", hung.lost),
    ],
  };
}

export const WORKER_ROWS: readonly Row[] = [
  { id: "P6", fault: "worker thread dies", run: dying },
  { id: "P7", fault: "worker thread hangs", run: hanging },
];
