// Many jobs at once, in real processes: directories of jobs that begin in the same millisecond, and a sweep of 200 jobs on a
// pool of two.
//
//   node tools/interop/sweeps.mjs [--whole]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const APPLICATION = join(dirname(fileURLToPath(import.meta.url)), "sweep-application.mjs");
/** All checks of a change have forty minutes on two processors: they try less of the same. */
const WHOLE = process.argv.includes("--whole");
const [AT_ONCE, TIMES] = [16, WHOLE ? 50 : 10];
const ROUNDS = WHOLE ? 3 : 2;
const [JOBS, LANES] = [200, 2];
/** How long a job works by itself, about, in milliseconds. */
const JOB_MS = 100;
const GOAL = 1.2;
/** A machine with two processors that does something else too has been seen at 1.3. */
const GATE = 1.5;
const BAD = [3, 77, 150];
const POOL = ["-m", "hydra/launcher=pool", `hydra.launcher.n_jobs=${LANES}`];

let wrong = 0;
function check(holds, what, more = "") {
  process.stdout.write(`${holds ? "ok   " : "WRONG"} ${what}\n`);
  if (holds) return;
  process.stdout.write(more);
  wrong += 1;
}

await sameMillisecond();
await wholeSweep();
await interrupted();
process.exitCode = wrong === 0 ? 0 : 1;

async function sameMillisecond() {
  const dir = world();
  const second = Date.UTC(2024, 2, 9, 12, 34, 56);
  const statuses = [];
  for (let round = 0; round < TIMES; round++) {
    // All in the same second: the names of all rounds are the same.
    const env = { FIXED_TIME: String(second + round) };
    const seeds = Array.from({ length: AT_ONCE }, (_, at) => round * AT_ONCE + at);
    statuses.push(...(await Promise.all(seeds.map((seed) => run(dir, [`seed=${seed}`], env)))));
  }
  const bad = statuses.filter(({ status }) => status !== 0);
  check(bad.length === 0, `${AT_ONCE * TIMES} processes end well`, bad[0]?.err);
  const jobs = ran(dir);
  const places = new Set(jobs.map((job) => job.place));
  check(
    places.size === AT_ONCE * TIMES,
    `${AT_ONCE} processes in the same millisecond, ${TIMES} times: ${places.size} directories`,
  );
  const mixed = jobs.filter(
    ({ seed, place }) => readFileSync(join(place, ".hydra", "overrides.yaml"), "utf8") !== `- seed=${seed}\n`,
  );
  check(mixed.length === 0, "each directory has the overrides of its own job");
  rmSync(dir, { recursive: true });
}

async function wholeSweep() {
  const passes = await passesFor(JOB_MS);
  const ratios = [];
  for (let round = 0; round < ROUNDS; round++) {
    const dir = world();
    const before = await alone(dir, passes);
    const bad = round === 0 ? BAD : [];
    const sweep = await timed(() =>
      run(dir, [...POOL, `seed=range(${JOBS})`, `passes=${passes}`, `bad=[${bad}]`]),
    );
    const after = await alone(dir, passes);
    const { status, err } = sweep.result;
    const seeds = ran(dir).map(({ seed }) => seed);
    check(seeds.length === JOBS && new Set(seeds).size === JOBS, `each of ${JOBS} jobs runs once`, err);
    check(status === (bad.length === 0 ? 0 : 1), `the status is ${status}`, err);
    if (bad.length > 0) {
      const named = BAD.every((seed) => err.includes(`Error: seed ${seed} is bad`));
      const counted = err.includes(`${JOBS} jobs: ${JOBS - BAD.length} done, ${BAD.length} failed`);
      check(named && counted, "those that failed are named and counted", err);
    }
    ratios.push(sweep.milliseconds / ((before + after) / 2));
    rmSync(dir, { recursive: true });
  }
  // What else the machine does only ever adds to a sweep.
  const best = Math.min(...ratios);
  const shown = ratios.map((ratio) => ratio.toFixed(2)).join(", ");
  check(
    best <= GATE,
    `${JOBS} jobs of ${JOB_MS} ms on a pool of ${LANES}: ${best.toFixed(2)} times the jobs alone (goal ${GOAL}, gate ${GATE}; rounds ${shown})`,
  );
}

async function interrupted() {
  const dir = world();
  const passes = await passesFor(JOB_MS);
  const child = start(dir, [...POOL, `seed=range(${JOBS})`, `passes=${passes}`]);
  const outcome = outcomeOf(child);
  while (ran(dir).length < 10 && child.exitCode === null) await new Promise((done) => setTimeout(done, 20));
  child.kill("SIGINT");
  const { status, err } = await outcome;
  const jobs = ran(dir);
  check(status === 130, `after Ctrl-C the status is ${status}`, err);
  check(new Set(jobs.map(({ seed }) => seed)).size === jobs.length, "no job ran twice");
  const [, done, left] = /200 jobs: (\d+) done, (\d+) not finished/.exec(err) ?? [];
  const unfinished = jobs.length - Number(done);
  check(
    Number(done) + Number(left) === JOBS && unfinished >= 0 && unfinished <= LANES,
    `it tells what was done (${done}) and what was not (${left})`,
    err,
  );
  check(!jobs.some(({ pid }) => alive(pid)), "no process is left");
  rmSync(dir, { recursive: true });
}

function world() {
  const dir = mkdtempSync(join(tmpdir(), "sweeps-"));
  mkdirSync(join(dir, "conf"));
  writeFileSync(join(dir, "conf", "config.yaml"), "seed: 0\npasses: 0\nbad: []\n");
  return dir;
}

/** How much work takes so long here. */
async function passesFor(milliseconds) {
  const few = 200;
  const [, whole] = [await alone(tmpdir(), few), await alone(tmpdir(), few)];
  const empty = (await timed(() => run(tmpdir(), ["alone", "0", "0"]))).milliseconds;
  const each = (whole - empty) / (JOBS / LANES) / few;
  return Math.max(1, Math.round(milliseconds / each));
}

/** The jobs without a sweep: as many processes, each with its share of the work. */
async function alone(dir, passes) {
  const words = ["alone", String(JOBS / LANES), String(passes)];
  const all = () => Promise.all(Array.from({ length: LANES }, () => run(dir, words)));
  return (await timed(all)).milliseconds;
}

async function timed(task) {
  const begun = performance.now();
  const result = await task();
  return { result, milliseconds: performance.now() - begun };
}

function start(dir, words, env = {}) {
  return spawn(process.execPath, [APPLICATION, ...words], {
    cwd: dir,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function run(dir, words, env) {
  return outcomeOf(start(dir, words, env));
}

async function outcomeOf(child) {
  const [err, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return { status, err };
}

/** What the jobs have written of themselves. */
function ran(dir) {
  const file = join(dir, "ran.txt");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [seed, pid, place] = line.split(" ");
    return { seed: Number(seed), pid: Number(pid), place };
  });
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
