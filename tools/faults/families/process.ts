import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { RunReader, recoverRun } from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { lastNumber, startNode } from "../child-program.js";
import { LossyDisk } from "../lossy-disk.js";
import { openFaultRun } from "../open-recorder.js";
import { readBack } from "../read-back.js";
import {
  all,
  atLeast,
  atMost,
  type Figure,
  none,
  type Outcome,
  type Row,
  type RowContext,
  startSeconds,
} from "../row.js";
import { stepStream } from "../steps.js";
import { OUTPUT_ROWS } from "./process-outputs.js";
import { WORKER_ROWS } from "./process-workers.js";

const stream = stepStream(10);

/** P1: killed at a random moment, by durability. */
async function killAtRandom(context: RowContext): Promise<Outcome> {
  const kills = context.short ? 4 : 100;
  const wanted = context.short ? 1_200 * kills : 100_000;
  const figures: Figure[] = [];
  for (const durability of ["process", "group", "step"]) {
    const random = randomNumbers(7);
    let acked = 0;
    let lost = 0;
    let wrong = 0;
    let torn = 0;
    for (let kill = 0; kill < kills; kill++) {
      const base = context.scratch();
      const child = startNode(context.child("record-steps"), [base, durability, 1e9, 700]);
      const least = wanted / kills + Math.floor(random() * 400);
      await child.until(({ stdout }) => lastNumber(stdout, "ack") >= least);
      await new Promise((resolve) => setTimeout(resolve, random() * 20));
      child.kill("SIGKILL");
      const { stdout } = await child.ended;
      const back = readBack(join(base, "run"), stream);
      const last = lastNumber(stdout, "ack");
      acked += last + 1;
      lost += Math.max(0, last - back.completeUpTo);
      wrong += back.wrong + back.damaged;
      torn += back.torn;
    }
    figures.push(
      atLeast(`${durability}: acknowledged over ${kills} kills`, acked, wanted),
      none(`${durability}: acknowledged records lost`, lost),
      none(`${durability}: wrong or damaged steps`, wrong),
      { what: `${durability}: torn tails`, value: torn, limit: kills },
    );
  }
  return { figures };
}

/** P2: killed while it repairs or draws again, then done again. */
async function killRepairs(context: RowContext): Promise<Outcome> {
  const rounds = context.short ? 5 : 50;
  const base = context.scratch();
  const child = startNode(context.child("record-steps"), [base, "process", 1e9, 2_000]);
  await child.until(({ stdout }) => lastNumber(stdout, "ack") >= 21_000);
  child.kill("SIGKILL");
  await child.ended;
  const crashed = join(base, "run");
  const program = join(context.root, "packages", "cli", "bin", "episcope.js");
  const random = randomNumbers(11);
  const figures: Figure[] = [];
  // What one episode is drawn from must be whole, or the drawing itself repairs nothing.
  const recovered = join(base, "recovered");
  cpSync(crashed, recovered, { recursive: true });
  recoverRun(recovered, { fs: await import("node:fs") });
  const jobs = {
    recover: (place: string) => ["recover", place],
    prune: (place: string) => [
      ...["clean", `storage.base_output_dir=${place}`, "storage.cleanup_policy=oldest_first"],
      `storage.max_storage_gb=${sizeOf(recovered) / 2 / 1e9}`,
    ],
    export: (place: string) => [
      ...["replay", recovered, "--episode", "1", "--format", "svg", "--output", place],
      "visualization.debug_level=verbose",
    ],
  };
  for (const [name, words] of Object.entries(jobs)) {
    const prepare = (place: string): void => {
      if (name === "recover") cpSync(crashed, place, { recursive: true });
      if (name === "prune") cpSync(recovered, join(place, "run"), { recursive: true });
    };
    const run = (place: string) => startNode(program, words(place));
    const whole = join(base, `${name}-whole`);
    prepare(whole);
    const { seconds, code, stderr } = await run(whole).ended;
    if (code !== 0) throw new Error(`${name} failed: ${stderr}`);
    const expected = treeHash(whole);
    let equal = 0;
    for (let round = 0; round < rounds; round++) {
      const place = join(base, `${name}-${round}`);
      prepare(place);
      const victim = run(place);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (0.3 + 0.7 * random())));
      victim.kill("SIGKILL");
      await victim.ended;
      const again = await run(place).ended;
      if (again.code === 0 && treeHash(place) === expected) equal += 1;
    }
    figures.push(all(`${name}: equal results after a kill and again, of ${rounds}`, equal, rounds));
  }
  return { figures };
}

/** P3: signals with a full queue. */
async function signals(context: RowContext): Promise<Outcome> {
  const runs = context.short ? 2 : 20;
  const figures: Figure[] = [];
  for (const [signal, status] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    let lost = 0;
    let undelivered = 0;
    let otherStatus = 0;
    let longest = 0;
    for (let index = 0; index < runs; index++) {
      const base = context.scratch();
      const child = startNode(context.child("end-process"), ["wait", base, 10_000]);
      await child.until(({ stdout }) => stdout.includes("ready"));
      const sent = performance.now();
      child.kill(signal);
      const ended = await child.ended;
      longest = Math.max(longest, (performance.now() - sent) / 1000);
      // A program that leaves by the signal has the status that a shell makes of it.
      if (ended.signal !== signal && ended.code !== status) otherStatus += 1;
      const accepted = lastNumber(ended.stdout, "accepted");
      lost += accepted - readBack(join(base, "run"), stream).right;
      undelivered += accepted - lastNumber(ended.stdout, "delivered");
    }
    figures.push(
      none(`${signal}: records lost of ${runs * 10_000}`, lost),
      none(`${signal}: queued entries not delivered`, undelivered),
      none(`${signal}: exits with another status than ${status}`, otherStatus),
      atMost(`${signal}: longest way out`, longest, 5.5 + 20 * startSeconds(), "s"),
    );
  }
  let silent = 0;
  let lost = 0;
  let longest = 0;
  for (let index = 0; index < runs; index++) {
    const base = context.scratch();
    const child = startNode(context.child("end-process"), ["wait", base, 10_000]);
    await child.until(({ stdout }) => stdout.includes("ready"));
    child.kill("SIGINT");
    await child.until(({ stderr }) => stderr.includes("SIGINT"));
    const sent = performance.now();
    child.kill("SIGINT");
    const ended = await child.ended;
    longest = Math.max(longest, (performance.now() - sent) / 1000);
    if (ended.code !== 130 || !/\d+ queued/.test(ended.stderr)) silent += 1;
    lost += lastNumber(ended.stdout, "accepted") - readBack(join(base, "run"), stream).right;
  }
  figures.push(
    none(`SIGINT twice: without status 130 or without the count of what remained, of ${runs}`, silent),
    none("SIGINT twice: records lost of the journal", lost),
    atMost("SIGINT twice: longest way out", longest, 1 + 20 * startSeconds(), "s"),
  );
  return { figures };
}

/** P4, P5: the program ends by itself. */
function endings(
  hows: readonly (readonly [how: string, code: number])[],
): (context: RowContext) => Promise<Outcome> {
  return async (context) => {
    const runs = context.short ? 3 : 20;
    const figures: Figure[] = [];
    for (const [how, code] of hows) {
      let lost = 0;
      let changed = 0;
      let notCrashed = 0;
      for (let index = 0; index < runs; index++) {
        const base = context.scratch();
        const child = startNode(context.child("end-process"), [how, base, 5_000]);
        const ended = await child.ended;
        const keepsStack = how === "exit" || ended.stderr.includes("Error: of the program");
        if (ended.code !== code || !keepsStack) changed += 1;
        const dir = join(base, "run");
        lost += lastNumber(ended.stdout, "accepted") - readBack(dir, stream).right;
        const [episode] = new RunReader(dir, { fs: await import("node:fs") }).episodes;
        if (episode?.outcome !== "crashed") notCrashed += 1;
      }
      figures.push(
        none(`${how}: accepted records lost of ${runs * 5_000}`, lost),
        none(`${how}: exit status or stack changed, of ${runs}`, changed),
        none(`${how}: episodes not marked crashed`, notCrashed),
      );
    }
    return { figures };
  };
}

/** P8: little memory, a sink that takes nothing. */
async function memory(context: RowContext): Promise<Outcome> {
  const steps = context.short ? 100_000 : 1_000_000;
  const child = startNode(context.child("fill-memory"), [context.scratch(), steps], {
    nodeFlags: ["--max-old-space-size=128"],
  });
  const { code, stdout, stderr } = await child.ended;
  if (code !== 0) throw new Error(`the child ended with ${code}: ${stderr.slice(-2000)}`);
  return {
    figures: [
      atMost(`peak of memory over ${steps} steps`, lastNumber(stdout, "peak") / 2 ** 20, 256, "MiB"),
      all("steps offered to the stuck sink", lastNumber(stdout, "offered"), steps),
    ],
  };
}

/** P9: what was not synced is gone, torn or out of order. */
async function powerLoss(context: RowContext): Promise<Outcome> {
  const wanted = context.short ? 10_000 : 100_000;
  const figures: Figure[] = [];
  for (const durability of ["group", "step"]) {
    const base = context.scratch();
    const disk = new LossyDisk(base, randomNumbers(3));
    const { run } = await openFaultRun(base, [`storage.durability=${durability}`], { fs: disk.fs });
    let crashes = 0;
    let lost = 0;
    let wrong = 0;
    const crash = async (): Promise<void> => {
      const { acknowledged } = run;
      if (acknowledged < 0) return;
      const image = join(context.scratch(), "run");
      disk.writeImage(run.dir, image);
      crashes += 1;
      if (!existsSync(image)) {
        lost += acknowledged + 1;
        return;
      }
      const back = readBack(image, stream);
      lost += Math.max(0, acknowledged - back.completeUpTo);
      wrong += back.wrong;
    };
    const random = randomNumbers(5);
    const perEpisode = 2_500;
    for (let count = 0; count < wanted; count += perEpisode) {
      const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
      const crashAt = Math.floor(random() * perEpisode);
      for (let step = 0; step < perEpisode; step++) {
        episode.step(stream.step(step));
        if (step % 100 === 99) await new Promise<void>((resolve) => setImmediate(resolve));
        if (step === crashAt) await crash();
      }
      await episode.end();
      await crash();
    }
    await run.flush();
    await crash();
    const acked = run.acknowledged + 1;
    await run.close();
    figures.push(
      atLeast(`${durability}: acknowledged over ${crashes} power losses`, acked, wanted),
      none(`${durability}: acknowledged records lost`, lost),
      none(`${durability}: wrong steps`, wrong),
    );
  }
  return { figures };
}

function sizeOf(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Names and contents of all files, except what says when a repair was done. */
function treeHash(dir: string): string {
  const hash = createHash("sha256");
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const name of names) hash.update(name.slice(dir.length)).update(readFileSync(name));
  return hash.digest("hex");
}

export const PROCESS_ROWS: readonly Row[] = [
  { id: "P1", fault: "SIGKILL at a random moment", run: killAtRandom },
  { id: "P2", fault: "SIGKILL during a repair or an export", run: killRepairs },
  { id: "P3", fault: "SIGTERM, SIGINT, SIGINT twice", run: signals },
  { id: "P4", fault: "process.exit() in the program", run: endings([["exit", 7]]) },
  {
    id: "P5",
    fault: "uncaught exception, unhandled rejection",
    run: endings([
      ["throw", 1],
      ["reject", 1],
    ]),
  },
  ...WORKER_ROWS,
  { id: "P8", fault: "little memory", run: memory },
  { id: "P9", fault: "power loss", run: powerLoss },
  ...OUTPUT_ROWS,
];
