// Reading back: the index of a run's steps, queries over it, lists of runs and episodes.
//   npm run bench -- logs
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analysisHtml, analyzeRuns, openStepTable, readRunRow, search, TABLE_FILE } from "@episcope/analysis";
import { EpisodeTracker, encodeNdjson } from "@episcope/records";
import { type Manifest, Replayer, RunReader, writeManifest } from "@episcope/records/store";
import { type Bar, median, report } from "./harness.js";
import { freshProcessBars } from "./logs/fresh-process.js";
import { loadPairs, walk } from "./pipeline/arc-steps.js";
import { openBenchRun } from "./pipeline/recording-run.js";

const EPISODES = 200;
const STEPS = 1000;
const QUERY = "reward < -0.5 or dsim < -0.02";

const arc = loadPairs();
const base = fs.mkdtempSync(join(tmpdir(), "episcope-logs-"));
const bars: Bar[] = [];
try {
  const dir = await recordRun();
  await measureIndex(dir);
  measureQueries(dir);
  bars.push(...freshProcessBars(new RunReader(dir, { fs }), base, EPISODES / 2, STEPS / 2));
  await measureLists(dir);
} finally {
  fs.rmSync(base, { recursive: true });
}
if (!report(bars)) process.exit(1);

async function recordRun(): Promise<string> {
  const run = await openBenchRun(base, [
    "storage.max_episodes_per_run=100000",
    "logging.async_logger.worker_threads=0",
  ]);
  for (let seed = 1; seed <= EPISODES; seed++) {
    const { initial, target, steps } = walk(arc, STEPS, seed);
    const episode = run.startEpisode({ taskId: `task ${seed % 40}`, initial, target });
    for (const step of steps) episode.step(step);
    await episode.end({ outcome: seed % 3 === 0 ? "success" : "truncated" });
  }
  await run.close();
  console.log(`${EPISODES} episodes of ${STEPS} steps; ARC tasks from ${arc.from}`);
  return run.dir;
}

async function measureIndex(dir: string): Promise<void> {
  const run = new RunReader(dir, { fs });
  const file = join(dir, TABLE_FILE);
  const readViews = (): void => {
    for (const { number } of run.episodes) {
      let tracker: EpisodeTracker | undefined;
      for (const record of run.records(number)) {
        if (record.type === "episode-start") tracker = new EpisodeTracker(record, number);
        else if (record.type === "step") tracker?.step(record);
      }
    }
  };
  const ratios: number[] = [];
  let building = 0;
  for (let round = 0; round < 5; round++) {
    fs.rmSync(file, { force: true });
    building = processorTime(() => openStepTable(run, { fs }));
    ratios.push(building / processorTime(readViews));
  }
  const perStep = (building / (EPISODES * STEPS)) * 1e6;
  console.log(`building the index: ${perStep.toFixed(2)} us a step`);
  bars.push(
    below("building the index against reading the log, views included", median(ratios), "x", 1, 1.3),
    below("the index", fs.statSync(file).size / (EPISODES * STEPS), "bytes a step", 8, 12),
  );
}

function measureQueries(dir: string): void {
  const run = new RunReader(dir, { fs });
  const lines = run.episodes
    .slice(0, 20)
    .flatMap(({ number }) => [...run.records(number)].map((record) => encodeNdjson(record)));
  let found = 0;
  const ratios: number[] = [];
  for (let round = 0; round < 7; round++) {
    const parsing = processorTime(() => {
      for (const line of lines) if ((JSON.parse(line) as { reward?: number }).reward! < -0.5) found += 1;
    });
    const querying = processorTime(() => {
      for (const _ of search([dir], QUERY, { fs })) found += 1;
    });
    ratios.push(((parsing / lines.length) * EPISODES * STEPS) / querying);
  }
  bars.push(
    above(
      `a query over the index against parsing the JSON lines (${found} found)`,
      median(ratios),
      "x",
      50,
      20,
    ),
  );
}

async function measureLists(dir: string): Promise<void> {
  const many = new RunReader(dir, { fs });
  const { episodes } = many;
  const manifest = (count: number, from: readonly Manifest["episodes"][number][]): Manifest => ({
    ...many.manifest,
    episodes: Array.from({ length: count }, (_, at) => ({ ...from[at % from.length]!, number: at + 1 })),
  });
  writeManifest(fs, dir, manifest(10_000, episodes));
  let opened = 0;
  const counting = {
    ...fs,
    openSync(...words: Parameters<typeof fs.openSync>) {
      opened += 1;
      return fs.openSync(...words);
    },
  };
  const listing = processorTime(() => {
    let count = 0;
    for (const _ of search([dir], "success and steps > 10", { fs: counting as typeof fs, of: "episodes" }))
      count += 1;
    if (count === 0) throw new Error("nothing was listed");
  });
  // The run's own journal is opened for what the producer said.
  bars.push(
    below("journals of episodes read to list 10,000 episodes", Math.max(0, opened - 1), "files", 0, 0),
  );
  console.log(`list of 10,000 episodes: ${(listing * 1000).toFixed(0)} ms`);
  let run = many;
  const openingRun = Array.from({ length: 5 }, () =>
    processorTime(() => {
      run = new RunReader(dir, { fs });
    }),
  );
  const opening = Array.from({ length: 50 }, (_, at) =>
    processorTime(() => {
      const number = ((at * 37) % EPISODES) + 1;
      new Replayer(run).stepView(number, (at * 101) % STEPS);
    }),
  );
  console.log(`opening a run of 10,000 episodes: ${(1000 * median(openingRun)).toFixed(0)} ms`);
  bars.push(below("opening any of 10,000 episodes at a step", 1000 * median(opening), "ms", 10, 20));
  measureRuns(dir);
  measureAnalysis(dir, manifest(EPISODES, episodes));
}

function measureRuns(dir: string): void {
  const small = join(base, "many");
  const files = ["run.epi", ".episcope/config.lock.json"];
  const source = new RunReader(dir, { fs });
  const manifest = { ...source.manifest, episodes: source.episodes.slice(0, 10) };
  for (let at = 0; at < 1000; at++) {
    const copy = join(small, `run_${at}`);
    fs.mkdirSync(join(copy, ".episcope"), { recursive: true });
    for (const file of files) fs.copyFileSync(join(dir, file), join(copy, file));
    writeManifest(fs, copy, { ...manifest, run: `run_${at}` });
  }
  const seconds = processorTime(() => {
    for (let at = 0; at < 1000; at++) readRunRow(new RunReader(join(small, `run_${at}`), { fs }), fs);
  });
  bars.push(below("list of 1,000 runs", seconds, "s of CPU", 1, 2));
}

function measureAnalysis(dir: string, manifest: Manifest): void {
  writeManifest(fs, dir, manifest);
  let html = "";
  const before = process.memoryUsage().rss;
  const seconds = processorTime(() => {
    html = analysisHtml(analyzeRuns([dir], { fs }));
  });
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  console.log(
    `analyze: ${((seconds / (EPISODES * STEPS)) * 1e6).toFixed(2)} us a step, ${grown.toFixed(0)} MiB more`,
  );
  bars.push(below("report without pictures", html.length / 2 ** 20, "MiB", 1, 5));
}

/** Seconds on all cores. */
function processorTime(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function below(what: string, value: number, unit: string, goal: number, gate: number): Bar {
  return { what, value, unit, goal, gate, good: "below" };
}

function above(what: string, value: number, unit: string, goal: number, gate: number): Bar {
  return { what, value, unit, goal, gate, good: "above" };
}
