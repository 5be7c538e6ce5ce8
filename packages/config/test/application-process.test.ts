import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

let dir: string;

beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "program-")));
  const built = await rolldown({
    input: fileURLToPath(new URL("fixtures/program.ts", import.meta.url)),
    platform: "node",
    resolve: { conditionNames: ["@episcope/source", "node", "import"] },
    logLevel: "silent",
  });
  await built.write({ format: "esm", file: join(dir, "program.mjs"), codeSplitting: false });
  await built.close();
  mkdirSync(join(dir, "conf"));
  writeFileSync(join(dir, "conf/config.yaml"), "seed: 0\nfail: null\nwait: 0\n");
});
beforeEach(() => {
  for (const name of ["ran.txt", "outputs", "multirun"])
    rmSync(join(dir, name), { recursive: true, force: true });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function start(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [join(dir, "program.mjs"), ...argv], {
    cwd: dir,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function outcomeOf(child: ChildProcess): Promise<{ status: number | null; out: string; err: string }> {
  const [out, err, [status]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { status, out, err };
}

/** What the jobs have written of themselves: seed, process, directory. */
function ran(): { seed: number; pid: string; dir: string }[] {
  if (!existsSync(join(dir, "ran.txt"))) return [];
  const lines = readFileSync(join(dir, "ran.txt"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [seed, pid, place] = line.split(" ");
    return { seed: Number(seed), pid: pid!, dir: place! };
  });
}

function alive(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

describe("a program with main()", () => {
  it("runs its task", async () => {
    const { status, out, err } = await outcomeOf(start(["seed=4"]));
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(/\[program\]\[INFO\] - seed 4\n$/);
    expect(readFileSync(join(ran()[0]!.dir, ".hydra/overrides.yaml"), "utf8")).toBe("- seed=4\n");
  });

  it("started 16 times at the same moment has 16 directories", async () => {
    const env = { FIXED_TIME: "2024-03-09T12:34:56.000" };
    const outcomes = await Promise.all(Array.from({ length: 16 }, () => outcomeOf(start([], env))));
    expect(outcomes.map(({ status }) => status)).toEqual(new Array(16).fill(0));
    expect(new Set(ran().map((job) => job.dir)).size).toBe(16);
  });
});

it("completes in a real bash", { timeout: 300_000 }, async () => {
  const typed = (line: string) =>
    `COMP_LINE="${line}"; COMP_POINT=\${#COMP_LINE}; _program_mjs_completion; echo "\${COMPREPLY[*]}"`;
  const script = [
    `eval "$(${process.execPath} ${join(dir, "program.mjs")} -sc install=bash)"`,
    typed("program.mjs s"),
    typed("program.mjs seed=1 hydra/job_logging=st"),
    "complete -p program.mjs",
  ].join("\n");
  const shell = spawn("bash", ["-c", script], { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
  const { out, err } = await outcomeOf(shell);
  expect(err).toBe("");
  expect(out).toMatch(/^seed=\nstdout\ncomplete .*_program_mjs_completion program\.mjs\n$/);
  expect(ran()).toEqual([]);
});

describe("the pool of processes", () => {
  const POOL = ["-m", "hydra/launcher=pool", "hydra.launcher.n_jobs=2"];

  it("runs every job once, in as many processes as it may", async () => {
    const { status, err } = await outcomeOf(start([...POOL, "seed=range(12)", "wait=20"]));
    expect([status, err]).toEqual([0, ""]);
    const jobs = ran();
    expect(jobs.map(({ seed }) => seed).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, seed) => seed),
    );
    expect(new Set(jobs.map(({ pid }) => pid)).size).toBe(2);
    for (const job of jobs) expect(job.dir).toMatch(new RegExp(`multirun/[^/]+/[^/]+/${job.seed}$`));
  });

  it("names the jobs that failed, and those whose process ended", async () => {
    const thrown = await outcomeOf(start([...POOL, "seed=range(4)", "fail=2"]));
    expect(thrown.status).toBe(1);
    expect(thrown.err).toContain("Error: seed 2 is bad\n");
    expect(thrown.err).toContain("4 jobs: 3 done, 1 failed\n");
    const ended = await outcomeOf(start([...POOL, "seed=range(4)", "fail=-3"]));
    expect(ended.status).toBe(1);
    expect(ended.err).toContain("ended before the job did: exit status 7.");
    expect(ended.err).toContain("JOB_PROCESS_ENDED");
    expect(ended.err).toContain("4 jobs: 3 done, 1 failed\n");
  });

  it("ends with all its processes after Ctrl-C", async () => {
    const child = start([...POOL, "seed=range(50)", "wait=5000"]);
    const outcome = outcomeOf(child);
    while (ran().length < 2) await sleep(20);
    child.kill("SIGINT");
    const { status, err } = await outcome;
    expect(status).toBe(130);
    expect(err).toContain("50 jobs: 0 done, 50 not finished\n");
    expect(ran().length).toBe(2);
    expect(ran().filter(({ pid }) => alive(pid))).toEqual([]);
  });

  it("refuses a size that is none", async () => {
    const { status, err } = await outcomeOf(
      start(["-m", "hydra/launcher=pool", "hydra.launcher.n_jobs=0", "seed=1,2"]),
    );
    expect([status, err]).toEqual([1, expect.stringContaining("POOL_SIZE")]);
  });
});
