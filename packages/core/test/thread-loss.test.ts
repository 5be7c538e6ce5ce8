import fs from "node:fs";
import { join } from "node:path";
import { isRunLocked, RunReader, readManifest, verifyRun } from "@episcope/records/store";
import { collectLines } from "@episcope/testing/collect-lines";
import { blank, target } from "@episcope/testing/small-run";
import { describe, expect, it, vi } from "vitest";
import { type Run, resumeRun } from "../src/index.js";
import { plain, type RingRunChanges, recordsOf, ringRuns, stepsOf } from "./fixtures/ring-runs.js";

const { folder, open } = ringRuns("loss");
const START = { taskId: "t", initial: blank, target };
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const codesOf = (run: Run) => run.stats().problems.map(({ error }) => (error as { code?: string }).code);

let mortals = 0;

/** A run whose thread ends when it is told to, and an episode comes to its end. */
async function openMortal(changes: RingRunChanges = {}) {
  mortals += 1;
  const base = join(folder, `mortal-${mortals}`);
  const told = join(folder, `told-${mortals}`);
  const run = await open({
    ...changes,
    storage: {
      base_output_dir: base,
      cleanup_policy: "fatal",
      policies: { fatal: { _target_: "./plugins/fatal-policy.mjs#exitsWhenTold", told } },
      max_storage_gb: 1e-9,
      ...changes.storage,
    },
  });
  const end = async (): Promise<void> => {
    fs.writeFileSync(told, "");
    await run.startEpisode(START).end();
  };
  return { base, run, end };
}

describe("a pipeline's thread that is lost", { timeout: 300_000 }, () => {
  it.each(["exits", "hangs"])("because a policy in it %s costs no step", async (how) => {
    // A directory of its own: the policy is asked at the start, too.
    const base_output_dir = join(folder, how);
    const policies = { fatal: { _target_: `./plugins/fatal-policy.mjs#${how}` } };
    const { lines, logger } = collectLines();
    const run = await open({
      asyncLogger: { queue_size: 64, worker_timeout: 1 },
      storage: { base_output_dir, cleanup_policy: "fatal", policies, max_storage_gb: 1e-9 },
      options: { logger },
    });
    const [one, two] = ["a", "b"].map((key) => run.startEpisode({ ...START, key }));
    for (let step = 0; step < 50; step++) two!.step(plain(step));
    for (let step = 0; step < 50; step++) one!.step(plain(step));
    // Listing the episode asks the policy.
    const ended = one!.end();
    for (let step = 50; step < 2_000; step++) two!.step(plain(step));
    await ended;
    await two!.end({ outcome: "failure" });
    expect(run.startEpisode(START).step(plain(0)).accepted).toBe(true);
    await run.close();
    expect(codesOf(run)).toContain("PIPELINE_ENDED");
    expect(lines.join("\n")).toContain("The journal is kept");
    expect(stepsOf(run.dir, 1).map(({ reward }) => reward)).toEqual(upTo(50));
    expect(stepsOf(run.dir, 2).map(({ reward }) => reward)).toEqual(upTo(2_000));
    expect(stepsOf(run.dir, 3)).toHaveLength(1);
    const { journal } = run.stats().accounting;
    expect(journal).toMatchObject({ accepted: 2_059, written: 2_059, dropped: 0 });
    expect(readManifest(fs, run.dir)?.episodes.map(({ outcome }) => outcome)).toEqual([
      "aborted",
      "failure",
      "aborted",
    ]);
    expect(verifyRun(new RunReader(run.dir, { fs }), { fs }).findings).toEqual([]);
    const { records } = recordsOf(run.dir, 0);
    expect(records.at(-1)).toMatchObject({ type: "run-end", accounting: { journal: { accepted: 2_058 } } });
  });

  it("leaves outputs to be resumed, with everything that came after it", async () => {
    const sinks = { mine: { _target_: "./plugins/unruly-sink.ts" } };
    const { run, end } = await openMortal({ logging: { sinks }, asyncLogger: { queue_size: 64 } });
    const episode = run.startEpisode(START);
    for (const step of upTo(40)) episode.step(plain(step));
    await end();
    for (const step of upTo(300)) episode.step(plain(40 + step));
    await episode.end();
    await run.close();
    expect(codesOf(run)).toContain("PIPELINE_ENDED");
    expect(run.stats().incomplete.map(({ key }) => key)).toContain("logging.sinks.mine");
    const { incomplete } = await resumeRun(run.dir, {
      cwd: join(import.meta.dirname, "fixtures"),
      allowPlugins: ["."],
    });
    expect(incomplete).toEqual([]);
    const notes = fs.readFileSync(join(run.dir, "mine.log"), "utf8").trim().split("\n");
    const written = notes.flatMap((line) => (JSON.parse(line) as { write?: number[] }).write ?? []);
    expect(new Set(written)).toEqual(new Set(upTo(340)));
  });

  it("after the run went on elsewhere is replaced where the run is, and nothing is lost", async () => {
    const spare = join(folder, "spare");
    const { base, run, end } = await openMortal({ storage: { fallback_dir: spare } });
    const second = join(spare, run.name);
    const done = run.startEpisode(START);
    done.step(plain(0));
    await done.end();
    const episode = run.startEpisode(START);
    for (const step of upTo(5)) episode.step(plain(step));
    await run.flush();
    // What is deleted while it is open can be read, and not be found.
    fs.rmSync(base, { recursive: true });
    for (const step of upTo(5)) episode.step(plain(5 + step));
    await run.flush();
    expect(codesOf(run)).toContain("RUN_MOVED");
    expect(run.loadEpisode(2).steps).toHaveLength(10);
    const { acknowledged } = run;
    await end();
    expect(codesOf(run)).toContain("PIPELINE_ENDED");
    expect(run.acknowledged).toBeGreaterThan(acknowledged);
    for (const step of upTo(5)) episode.step(plain(10 + step));
    expect(run.loadEpisode(2).steps).toHaveLength(15);
    await episode.end();
    await run.close();
    expect(stepsOf(second, 2).map(({ reward }) => reward)).toEqual(upTo(15));
    expect(fs.existsSync(base)).toBe(false);
    expect(isRunLocked(fs, second)).toBe(false);
    expect(run.stats().accounting["journal"]).toMatchObject({ dropped: 0 });
  });

  it("has acknowledged what it wrote; flush says what a full disk refuses from then on", async () => {
    const { run, end } = await openMortal();
    const episode = run.startEpisode(START);
    for (const step of upTo(3)) episode.step(plain(step));
    await end();
    expect(run.acknowledged).toBe(6);
    const full = vi.spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    });
    episode.step(plain(3));
    await expect(run.flush()).rejects.toMatchObject({ code: "DISK_SPACE" });
    expect(run.acknowledged).toBe(6);
    expect(run.stats().accounting["journal"]).toMatchObject({ accepted: 8, written: 7, dropped: 0 });
    full.mockRestore();
    await run.flush();
    expect(run.acknowledged).toBe(7);
    expect(run.stats().accounting["journal"]).toMatchObject({ accepted: 8, written: 8, dropped: 0 });
    await run.close();
    expect(stepsOf(run.dir)).toHaveLength(4);
  });

  it("keeps records whose numbers do not rise, of several producers", async () => {
    const { run, end } = await openMortal();
    const metrics = (seq: number) =>
      run.record({ type: "metrics", seq, time: 1, step: seq, values: { loss: seq } });
    for (const seq of [100, 101, 7, 102]) metrics(seq);
    await run.flush();
    const ended = end();
    for (const seq of [8, 103, 9]) metrics(seq);
    await ended;
    for (const seq of [10, 104, 11]) metrics(seq);
    await run.close();
    const { records } = recordsOf(run.dir, 0);
    const kept = records.filter(({ type }) => type === "metrics").map(({ seq }) => seq);
    expect(kept).toEqual([100, 101, 7, 102, 8, 103, 9, 10, 104, 11]);
  });

  it("while a flush and the close wait for it leaves neither waiting", async () => {
    const { run, end } = await openMortal();
    const episode = run.startEpisode(START);
    episode.step(plain(0));
    const ended = end();
    const [flushed, closed] = await Promise.allSettled([run.flush(), run.close()]);
    await ended;
    expect([flushed.status, closed.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(stepsOf(run.dir)).toHaveLength(1);
    await run.close();
  });
});
