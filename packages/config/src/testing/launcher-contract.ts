import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { JOB_VARIABLE, type LauncherEvent } from "./launcher-program.js";

/** The two functions of a test runner that the suite needs; vitest, node:test and jest have them. */
export interface TestRunner {
  describe(name: string, define: () => void): void;
  it(name: string, run: () => void | Promise<void>): void;
}

export interface LauncherUnderTest {
  /** Absolute path of a JavaScript file that calls `launcherProgram` with the launcher. */
  readonly program: string;
  /** What chooses the launcher: `["hydra.launcher._target_=lab.QueueLauncher"]`. Flags may stand here too. */
  readonly overrides: readonly string[];
}

/**
 * What every launcher keeps to: each job runs exactly once and is told of, results come in the order of the jobs, a failure is
 * the sweep's to judge, and Ctrl-C ends everything. Sweeps run in a program of its own, as users start it:
 *
 *     describeLauncher({ describe, it }, "queue", { program, overrides: ["hydra.launcher._target_=lab.QueueLauncher"] });
 */
export function describeLauncher(
  { describe, it }: TestRunner,
  name: string,
  { program, overrides }: LauncherUnderTest,
): void {
  const sweep = (...words: readonly string[]): Promise<Sweep> => runSweep(program, [...overrides, ...words]);

  describe(`${name}, as a launcher`, () => {
    it("runs every job exactly once, between telling that it begins and that it ended", async () => {
      const { status, err, events, of } = await sweep("+contract.seed=range(12)", "+contract.wait=5");
      strictEqual(status, 0, err);
      const all = Array.from({ length: 12 }, (_, number) => number);
      for (const event of ["started", "ran", "ended"] as const)
        deepStrictEqual(
          of(event)
            .map(({ number }) => number)
            .sort(ascending),
          all,
          `${event}: ${err}`,
        );
      for (const number of all) {
        const order = events.filter((event) => "number" in event && event.number === number);
        deepStrictEqual(
          order.map(({ event }) => event),
          ["started", "ran", "ended"],
          `job ${number}`,
        );
      }
    });

    it("gives the results in the order of the jobs, with what the tasks returned", async () => {
      const { of, err } = await sweep("+contract.seed=3,1,2,0");
      const [returned] = of("returned");
      deepStrictEqual(
        returned!.results.map(({ number, status, value }) => [number, status, value]),
        [30, 10, 20, 0].map((value, number) => [number, "completed", value]),
        err,
      );
      for (const [at, seed] of [3, 1, 2, 0].entries())
        ok(returned!.results[at]!.overrides.includes(`+contract.seed=${seed}`), `the overrides of job ${at}`);
    });

    it("tells what a job threw, and runs the others", async () => {
      const { status, err, of } = await sweep("+contract.seed=range(6)", "+contract.fail=[3]");
      strictEqual(status, 1, err);
      ok(err.includes("seed 3 fails"), err);
      const [returned] = of("returned");
      deepStrictEqual(
        returned!.results.map(({ status: how, error }) => [how, error]),
        [0, 1, 2, 3, 4, 5].map((seed) =>
          seed === 3 ? ["failed", "seed 3 fails"] : ["completed", undefined],
        ),
      );
    });

    it("begins no further job once the sweep is to stop, and leaves out those that never began", async () => {
      const { status, err, events, of } = await sweep(
        "--on-error=stop",
        "+contract.seed=range(40)",
        "+contract.fail=[0]",
        "+contract.wait=20",
      );
      strictEqual(status, 1, err);
      const stop = events.findIndex((event) => event.event === "ended" && !event.goesOn);
      ok(stop >= 0, "it was not told to stop");
      deepStrictEqual(
        events.slice(stop).filter(({ event }) => event === "started"),
        [],
      );
      const begun = of("started").map(({ number }) => number);
      ok(begun.length < 40, "every job began");
      deepStrictEqual(
        of("returned")[0]!.results.map(({ number }) => number),
        begun.sort(ascending),
      );
    });

    it("is done with a batch when all its jobs have ended", async () => {
      const { events, err } = await sweep("hydra.sweeper.max_batch_size=2", "+contract.seed=range(5)");
      const batches = events.filter(({ event }) => event === "launch");
      deepStrictEqual(
        batches.map((event) => (event as { jobs: readonly number[] }).jobs),
        [[0, 1], [2, 3], [4]],
        err,
      );
      let open = 0;
      for (const { event } of events) {
        if (event === "started") open += 1;
        if (event === "ended") open -= 1;
        if (event === "returned") strictEqual(open, 0, "a job was still running");
      }
    });

    it("gives each job its own directory and variables, and all of them the time of the sweep", async () => {
      const { dir, of, err } = await sweep(
        "+contract.seed=range(4)",
        `+hydra.job.env_set.${JOB_VARIABLE}='seed \${contract.seed}'`,
      );
      const jobs = of("ran").sort((a, b) => a.number - b.number);
      deepStrictEqual(
        jobs.map(({ sees }) => [sees.outputDir, sees.variable]),
        [0, 1, 2, 3].map((seed) => [join(dir, "sweep", String(seed)), `seed ${seed}`]),
        err,
      );
      strictEqual(new Set(jobs.map(({ sees }) => sees.time)).size, 1, "the jobs see different times");
    });

    it("ends with all its processes after Ctrl-C, and begins nothing more", async () => {
      const { status, err, events, of } = await sweep(
        "+contract.seed=range(30)",
        "+contract.wait=400",
        INTERRUPT,
      );
      strictEqual(status, 130, err);
      const aborted = events.findIndex(({ event }) => event === "aborted");
      ok(aborted >= 0, "it was not told");
      deepStrictEqual(
        events.slice(aborted).filter(({ event }) => event === "started"),
        [],
      );
      deepStrictEqual(
        of("ran").filter(({ pid }) => isAlive(pid)),
        [],
        "a process is left",
      );
    });
  });
}

/** Among the words of a sweep: it is ended by Ctrl-C when its first job runs. */
const INTERRUPT = "<interrupt>";

interface Sweep {
  readonly status: number | null;
  readonly err: string;
  readonly dir: string;
  readonly events: readonly LauncherEvent[];
  of<K extends LauncherEvent["event"]>(kind: K): Extract<LauncherEvent, { event: K }>[];
}

async function runSweep(program: string, words: readonly string[]): Promise<Sweep> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "launcher-")));
  const log = join(dir, "events.ndjson");
  try {
    const given = words.filter((word) => word !== INTERRUPT);
    const keys = new Set(given.map((word) => word.replace(/^\+/, "").split("=")[0]));
    const fill = Object.entries({
      "contract.log": `'${log}'`,
      "contract.wait": "0",
      "contract.fail": "[]",
      "contract.time": "'${now:%Y-%m-%d %H:%M:%S.%f}'",
    }).filter(([key]) => !keys.has(key));
    const own = ["hydra.sweep.dir=sweep", ...fill.map(([key, value]) => `+${key}=${value}`)];
    const child = spawn(process.execPath, [program, "-m", ...own, ...given], {
      cwd: dir,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const outcome = Promise.all([text(child.stderr), once(child, "close") as Promise<[number | null]>]);
    if (words.includes(INTERRUPT)) {
      while (child.exitCode === null && !read(log).some(({ event }) => event === "ran")) await sleep(20);
      child.kill("SIGINT");
    }
    const [err, [status]] = await outcome;
    const events = read(log);
    return { status, err, dir, events, of: (kind) => events.filter(({ event }) => event === kind) as never };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function read(log: string): LauncherEvent[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LauncherEvent);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
