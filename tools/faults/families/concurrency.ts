import { spawnSync } from "node:child_process";
import fs, { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "@episcope/core";
import { JournalReader, RunReader, readManifest } from "@episcope/records/store";
import { ChildProgram, startNode } from "../child-program.js";
import { openFaultRun } from "../open-recorder.js";
import { readBack, stepsOf } from "../read-back.js";
import { all, atLeast, none, type Outcome, type Row, type RowContext } from "../row.js";
import { stepStream } from "../steps.js";

const stream = stepStream(10);
const START = { taskId: "t", initial: stream.initial, target: stream.target };

async function startAll(
  context: RowContext,
  count: number,
  args: readonly string[],
): Promise<ChildProgram[]> {
  const children = Array.from({ length: count }, () => startNode(context.child("contend"), args));
  for (const child of children) await child.until(({ stdout }) => stdout.includes("ready"));
  return children;
}

/** Sends all the same line at once and gives their answers. */
async function together(children: readonly ChildProgram[], name: string): Promise<string[]> {
  for (const child of children) child.send(`go ${name}`);
  const answers: string[] = [];
  for (const child of children) {
    await child.until(({ stdout }) => stdout.includes(`\n${name} `) && stdout.endsWith("\n"));
    const line = child.stdout.split("\n").find((text) => text.startsWith(`${name} `));
    answers.push(line!.slice(name.length + 1));
  }
  return answers;
}

async function stopAll(children: readonly ChildProgram[]): Promise<void> {
  for (const child of children) child.process.stdin?.end();
  await Promise.all(children.map((child) => child.ended));
}

/** C1: many processes, one run root, one moment. */
async function sameMoment(context: RowContext): Promise<Outcome> {
  const processes = context.short ? 4 : 16;
  const rounds = context.short ? 10 : 50;
  const base = context.scratch();
  const children = await startAll(context, processes, ["open", base]);
  const dirs = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (const answer of await together(children, `round${round}`))
      if (answer.startsWith("opened ")) dirs.add(answer.slice(7));
  }
  await stopAll(children);
  let whole = 0;
  for (const dir of dirs) if (stepsOf(dir).length === 20 && stepsOf(dir).every(stream.matches)) whole += 1;
  const wanted = processes * rounds;
  return {
    figures: [all("distinct directories", dirs.size, wanted), all("runs that are whole", whole, wanted)],
  };
}

/** C2: two cleaners and one writer. */
async function twoCleaners(context: RowContext): Promise<Outcome> {
  const rounds = context.short ? 10 : 100;
  const base = context.scratch();
  const children = await startAll(context, 2, ["clean", base]);
  const { run } = await openFaultRun(base, ["storage.run_name=live"]);
  let shown = 0;
  let left = 0;
  let steps = 0;
  const live = run.startEpisode(START);
  for (let round = 0; round < rounds; round++) {
    const old = await openFaultRun(base, [`storage.run_name=old${round}`]);
    for (let number = 0; number < 5; number++) await recordEpisode(old.run, 5);
    await old.run.close();
    const cleaning = together(children, `round${round}`);
    for (let step = 0; step < 20; step++) live.step(stream.step(steps++));
    for (const answer of await cleaning) shown += Number(answer.slice("cleaned ".length));
    left += readdirSync(old.run.dir).filter((name) => name.startsWith("episode_")).length;
    // What is listed and gone would be a lie to every reader.
    const listed = readManifest(fs, old.run.dir)?.episodes ?? [];
    left += listed.filter(({ dir }) => !existsSync(join(old.run.dir, dir))).length;
  }
  await stopAll(children);
  await live.end();
  await run.close();
  return {
    figures: [
      none("steps of the live run lost", steps - readBack(run.dir, stream).right),
      none("ENOENT errors shown", shown),
      none(`of ${rounds * 5} episodes: not deleted, or listed though deleted`, left),
      none("trash left behind", readdirSync(base).filter((name) => name.startsWith(".trash")).length),
    ],
  };
}

/** C3: two writers, one name. */
async function sameName(context: RowContext): Promise<Outcome> {
  const rounds = context.short ? 20 : 100;
  const base = context.scratch();
  const children = await startAll(context, 2, ["same", base]);
  let both = 0;
  let neither = 0;
  let mixed = 0;
  let untyped = 0;
  for (let round = 0; round < rounds; round++) {
    const answers = await together(children, `round${round}`);
    const opened = answers.filter((answer) => answer.startsWith("opened ")).map((answer) => answer.slice(7));
    if (opened.length === 0) neither += 1;
    if (new Set(opened).size < opened.length) both += 1;
    untyped += answers.filter((answer) => /^refused (E[A-Z]+|undefined)$/.test(answer)).length;
    for (const dir of new Set(opened)) {
      const back = readBack(dir, stream);
      if (back.right !== 20 || back.wrong > 0) mixed += 1;
    }
  }
  await stopAll(children);
  // A lock of a process that is dead is taken over.
  const { run } = await openFaultRun(base, ["storage.run_name=stale"]);
  await run.close();
  const stale = join(base, "stale2");
  mkdirSync(join(stale, ".episcope"), { recursive: true });
  writeFileSync(join(stale, ".episcope", "lock"), JSON.stringify({ pid: 2 ** 22 + 1, started: "1" }));
  const taken = await openFaultRun(base, ["storage.run_name=stale2"]).then(
    async (opened) => {
      await opened.run.close();
      return 1;
    },
    () => 0,
  );
  return {
    figures: [
      none(`of ${rounds} races: both recorded into one directory`, both),
      none("races that nobody won", neither),
      none("runs with other steps than one writer's", mixed),
      none("refusals by the system's code alone", untyped),
      all("a stale lock is taken over", taken, 1),
    ],
  };
}

/** C4: a reader follows a writer. */
async function tailing(context: RowContext): Promise<Outcome> {
  const steps = context.short ? 50_000 : 1_000_000;
  const base = context.scratch();
  const child = startNode(context.child("record-steps"), [base, "process", steps, 1_000]);
  await child.until(({ stdout }) => stdout.includes("dir "));
  const dir = join(base, "run");
  let ended = false;
  void child.ended.then(() => {
    ended = true;
  });
  let readings = 0;
  let torn = 0;
  let wrong = 0;
  while (!ended) {
    const names = readdirSync(dir).filter((name) => name.startsWith("episode_"));
    // The live one and those that are sealed at this moment.
    for (const name of names.sort().slice(-3)) {
      const path = join(dir, name, "journal.epi");
      if (!existsSync(path)) continue;
      using journal = new JournalReader(path, { fs });
      let next = 0;
      for (const record of journal.records()) {
        if (record.type !== "step") continue;
        if (record.step !== next || !stream.matches(record)) wrong += 1;
        next = record.step + 1;
      }
      readings += 1;
      torn += journal.problems.filter(({ kind }) => kind !== "torn-tail").length;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const back = readBack(dir, stream);
  return {
    figures: [
      atLeast("readings of live journals", readings, 20),
      none("damaged or undecodable places", torn),
      none("wrong steps", wrong),
      all("steps in the end", back.right, steps),
    ],
  };
}

/** C5: processes forked after the run was opened. */
async function forked(context: RowContext): Promise<Outcome> {
  const outcomes: number[] = [];
  for (const name of ["null", "fixed"]) {
    const base = context.scratch();
    const child = startNode(context.child("fork-after-open"), [base, name, 2]);
    const { stdout } = await child.ended;
    const opened = [...stdout.matchAll(/opened (.*)/g)].map((match) => match[1]!);
    const whole = opened.filter((dir) => {
      const episodes = new RunReader(dir, { fs }).episodes.length;
      return episodes === 1 && stepsOf(dir).length === 200 && stepsOf(dir).every(stream.matches);
    });
    const refused = [...stdout.matchAll(/refused/g)].length;
    outcomes.push(opened.length === new Set(opened).size && whole.length === opened.length ? 1 : 0);
    outcomes.push(opened.length + refused === 3 && whole.length >= 1 ? 1 : 0);
  }
  return {
    figures: [
      all(
        "of 4: own directory or refused, journals whole",
        outcomes.reduce((a, b) => a + b),
        4,
      ),
    ],
  };
}

/** C6: a cleaner and a second recorder that see the same volume and none of our processes. */
async function otherContainer(context: RowContext): Promise<Outcome> {
  const rounds = context.short ? 20 : 100;
  const base = context.scratch();
  const namespace = ["--pid", "--fork", "--mount-proc"];
  if (spawnSync("unshare", [...namespace, "true"]).status !== 0)
    return { notRun: "no namespace of processes can be made here" };
  const { run } = await openFaultRun(base, ["storage.run_name=live"]);
  const args = [...namespace, process.execPath, context.child("contend"), "intrude", base];
  const intruder = new ChildProgram("unshare", args);
  await intruder.until(({ stdout }) => stdout.includes("ready"));
  let opened = 0;
  let deleted = 0;
  for (let round = 0; round < rounds; round++) {
    const intruding = together([intruder], `round${round}`);
    await recordEpisode(run, 5);
    const [answer] = await intruding;
    if (!answer!.startsWith("refused RUN_")) opened += 1;
    deleted += Number(answer!.split(" ").at(-1));
  }
  await stopAll([intruder]);
  await run.close();
  const { episodes } = new RunReader(run.dir, { fs });
  const whole = episodes.filter(({ number }) => stepsOf(run.dir, number).length === 5);
  return {
    figures: [
      none(`of ${rounds} rounds: the live run's name was given to another`, opened),
      none("bytes that the cleaner counted as freed", deleted),
      all("episodes of the live run, each whole", whole.length, rounds),
    ],
  };
}

async function recordEpisode(run: Run, steps: number): Promise<void> {
  const episode = run.startEpisode(START);
  for (let step = 0; step < steps; step++) episode.step(stream.step(step));
  await episode.end();
}

export const CONCURRENCY_ROWS: readonly Row[] = [
  { id: "C1", fault: "many processes at the same moment", run: sameMoment },
  { id: "C2", fault: "two cleaners and a writer", run: twoCleaners },
  { id: "C3", fault: "two writers with one name", run: sameName },
  { id: "C4", fault: "a reader beside the writer", run: tailing },
  { id: "C5", fault: "processes forked after opening", run: forked },
  { id: "C6", fault: "a cleaner and a recorder in another container", run: otherContainer },
];
