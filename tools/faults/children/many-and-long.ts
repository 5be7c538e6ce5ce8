// Records many episodes or a long one, and says what that cost.
//   many-and-long BASE many|long COUNT
import fs, { writeSync } from "node:fs";
import { EpisodeManager, RunReader } from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { faultConfig, openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [base, what, count] = process.argv.slice(2);
const stream = stepStream(10);
const START = { taskId: "t", initial: stream.initial, target: stream.target };
const random = randomNumbers(13);
const tell = (word: string, value: number): void => void writeSync(1, `${word} ${value}\n`);
const timed = (action: () => unknown): number => {
  const start = performance.now();
  action();
  return performance.now() - start;
};
/** Milliseconds of processor time: what else a busy machine does is not counted. */
const worked = (action: () => unknown): number => {
  const start = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};

const { run } = await openFaultRun(base!);
if (what === "many") await many(Number(count));
else await long(Number(count));

async function many(episodes: number): Promise<void> {
  const times: number[] = [];
  let start = 0;
  for (let number = 0; number < episodes; number++) {
    const episode = run.startEpisode(START);
    for (let step = 0; step < 8; step++) {
      const input = stream.step(step);
      times.push(timed(() => episode.step(input)));
    }
    await episode.end();
    // The first half warms everything up.
    if (number === Math.floor(episodes / 2)) start = process.memoryUsage.rss();
  }
  tell("growth", process.memoryUsage.rss() - start);
  await run.close();
  const tenth = Math.floor(times.length / 10);
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
  tell("flat", median(times.slice(-tenth)) / median(times.slice(tenth, 2 * tenth)));
  let reader: RunReader | undefined;
  tell(
    "list",
    timed(() => {
      reader = new RunReader(run.dir, { fs });
      void reader.episodes.length;
    }),
  );
  let longest = 0;
  for (let index = 0; index < 200; index++) {
    const number = 1 + Math.floor(random() * episodes);
    longest = Math.max(
      longest,
      worked(() => {
        using journal = reader!.openJournal(number);
        if (journal.step(5)?.record.step !== 5) throw new Error(`episode ${number} has no step 5`);
      }),
    );
  }
  tell("open", longest);
  const manager = new EpisodeManager(
    faultConfig([`storage.base_output_dir=${JSON.stringify(base)}`]).storage,
    {
      fs,
      clock: { now: () => Date.now() / 1000, monotonic: () => performance.now() },
      cwd: base!,
    },
  );
  const steps = reader!.episodes
    .slice(0, 100)
    .map(
      ({ number }) => ({ run: run.name, episode: number, what: "episode", bytes: 0, reason: "" }) as const,
    );
  tell(
    "prune",
    timed(() =>
      manager.applyCleanup(steps, (error) => {
        throw error;
      }),
    ) / 100,
  );
}

async function long(steps: number): Promise<void> {
  const episode = run.startEpisode(START);
  let start = 0;
  for (let step = 0; step < steps; step++) {
    episode.step(stream.step(step));
    if (step % 1000 === 999) await new Promise<void>((resolve) => setImmediate(resolve));
    if (step === 50_000) start = process.memoryUsage.rss();
  }
  tell("growth", process.memoryUsage.rss() - start);
  await episode.end();
  await run.close();
  const times: number[] = [];
  let wrong = 0;
  using journal = new RunReader(run.dir, { fs }).openJournal(1);
  tell("steps", journal.index.steps);
  for (let index = 0; index < 500; index++) {
    const wanted = Math.floor(random() * steps);
    times.push(
      timed(() => {
        const record = journal.step(wanted)?.record;
        if (record === undefined || record.step !== wanted || !stream.matches(record)) wrong += 1;
      }),
    );
  }
  times.sort((a, b) => a - b);
  tell("seek", times[Math.floor(times.length * 0.99)]!);
  tell("wrong", wrong);
}
