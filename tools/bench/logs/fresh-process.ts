// A fresh process that reads one thing of a recorded run, against SQLite with a row a step: what `bench -- logs` asks of both.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { encodeNdjson } from "@episcope/records";
import type { RunReader } from "@episcope/records/store";
import { type Bar, median } from "../harness.js";

const ROUNDS = 7;

const LOAD = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table steps (episode integer, step integer, reward real, record text, primary key (episode, step))")
for line in open(sys.argv[2]):
    episode, record = line.split("\\t", 1)
    value = json.loads(record)
    if value["type"] == "step":
        db.execute("insert into steps values (?, ?, ?, ?)", (int(episode), value["step"], value["reward"], record))
db.execute("create index rewards on steps (reward)")
db.commit()
`;

// The gates hold what there is: nearly all of the time goes into loading modules one by one.
/** Empty where Python is not there: then nothing is compared, and that is said. */
export function freshProcessBars(run: RunReader, dir: string, episode: number, step: number): Bar[] {
  if (spawnSync("python3", ["-c", "import sqlite3"]).status !== 0) {
    console.log("fresh process: skipped, Python with sqlite3 is not here");
    return [];
  }
  const database = join(dir, "steps.db");
  const lines = join(dir, "steps.ndjson");
  const out = fs.openSync(lines, "w");
  for (const { number } of run.episodes) {
    for (const record of run.records(number)) fs.writeSync(out, `${number}\t${encodeNdjson(record)}\n`);
  }
  fs.closeSync(out);
  start("python3", ["-c", LOAD, database, lines]);
  const read = `import fs from "node:fs"; import { Replayer, RunReader } from "@episcope/records/store";
    new Replayer(new RunReader(${JSON.stringify(run.dir)}, { fs })).step(${episode}, ${step});`;
  const find = `import fs from "node:fs"; import { search } from "@episcope/analysis";
    for (const _ of search([${JSON.stringify(run.dir)}], "reward < -0.5", { fs }));`;
  const connect = `import json, sqlite3; db = sqlite3.connect(${JSON.stringify(database)})\n`;
  const rows = "select episode, step, reward from steps where reward < -0.5";
  const one = `json.loads(db.execute("select record from steps where episode = ${episode} and step = ${step}").fetchone()[0])`;
  return [
    bar("fresh process: one step, against SQLite", read, `${connect}${one}`, 3, 20),
    bar(
      "fresh process: steps with a reward below, against SQLite",
      find,
      `${connect}db.execute("${rows}").fetchall()`,
      1,
      12,
    ),
  ];
}

/** Medians of wall time, both interpreters taken off. */
function bar(what: string, ours: string, theirs: string, goal: number, gate: number): Bar {
  const times = {
    ours: [] as number[],
    node: [] as number[],
    theirs: [] as number[],
    python: [] as number[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(start(process.execPath, ["--input-type=module", "-e", ours]));
    times.node.push(start(process.execPath, ["--input-type=module", "-e", ""]));
    times.theirs.push(start("python3", ["-c", theirs]));
    times.python.push(start("python3", ["-c", ""]));
  }
  const own = median(times.ours) - median(times.node);
  const peer = median(times.theirs) - median(times.python);
  console.log(`${what}: ${own.toFixed(1)} ms, SQLite ${peer.toFixed(1)} ms`);
  return { what, value: own / peer, unit: "x", goal, gate, good: "below" };
}

/** Milliseconds. */
function start(program: string, words: readonly string[]): number {
  const before = performance.now();
  const { status, stderr } = spawnSync(program, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return performance.now() - before;
}
