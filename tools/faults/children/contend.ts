// One of several processes that do the same at the same moment: for each line "go NAME" on standard input, does what
// the first argument says and prints one line.
//   contend open|same|clean|intrude BASE
import fs, { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { EpisodeManager, readManifest } from "@episcope/records/store";
import { faultConfig, openFaultRun } from "../open-recorder.js";
import { stepStream } from "../steps.js";

const [what, base] = process.argv.slice(2);
const stream = stepStream(10);
const START = { taskId: "t", initial: stream.initial, target: stream.target };
// Loads what the first run would.
faultConfig([]);
writeSync(1, "ready 1\n");
for await (const line of createInterface({ input: process.stdin })) {
  const name = line.split(" ")[1]!;
  const answer = what === "clean" ? clean() : what === "intrude" ? await intrude() : await record(name);
  writeSync(1, `${name} ${answer}\n`);
}

async function record(name: string): Promise<string> {
  try {
    const wanted = what === "open" ? "storage.run_name=null" : `storage.run_name=${name}`;
    const { run } = await openFaultRun(base!, [wanted]);
    const episode = run.startEpisode(START);
    for (let step = 0; step < 20; step++) episode.step(stream.step(step));
    await episode.end();
    await run.close();
    return `opened ${run.dir}`;
  } catch (error) {
    return `refused ${(error as { code?: unknown }).code}`;
  }
}

/** Wants the name of a run that goes on, and all that it has listed. */
async function intrude(): Promise<string> {
  const answer = await record("live");
  const { storage } = faultConfig([`storage.base_output_dir=${JSON.stringify(base)}`]);
  const clock = { now: () => Date.now() / 1000, monotonic: () => performance.now() };
  const manager = new EpisodeManager(storage, { fs, clock, cwd: base! });
  const steps = (readManifest(fs, `${base}/live`)?.episodes ?? []).map(
    ({ number }) => ({ run: "live", episode: number, what: "episode", bytes: 1, reason: "" }) as const,
  );
  return `${answer} ${manager.applyCleanup(steps, () => {})}`;
}

/** Deletes every episode that is listed, as two people with the same idea would. */
function clean(): string {
  const { storage } = faultConfig([`storage.base_output_dir=${JSON.stringify(base)}`]);
  const clock = { now: () => Date.now() / 1000, monotonic: () => performance.now() };
  const manager = new EpisodeManager(storage, { fs, clock, cwd: base! });
  const errors: string[] = [];
  const steps = fs
    .readdirSync(base!)
    .filter((name) => name.startsWith("old"))
    .flatMap((run) =>
      (readManifest(fs, `${base}/${run}`)?.episodes ?? []).map(
        ({ number }) => ({ run, episode: number, what: "episode", bytes: 1, reason: "" }) as const,
      ),
    );
  try {
    manager.applyCleanup(steps, (error) => errors.push(String((error as Error).message)));
  } catch (error) {
    errors.push(String((error as Error).message));
  }
  return `cleaned ${errors.filter((text) => text.includes("ENOENT")).length}`;
}
