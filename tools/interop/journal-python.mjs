// Writes journals of every kind of value with the built core, has the Python reader print them, and compares.
//
//   node tools/interop/journal-python.mjs --python PATH
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { JournalMaker, JournalWriter, LogWriter, sealJournal } from "@episcope/records/store";
import { sampleEpisodes } from "@episcope/records/testing";

const { values } = parseArgs({ options: { python: { type: "string" } } });
if (values.python === undefined) {
  process.stderr.write("usage: journal-python.mjs --python PATH\n");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const reader = join(here, "journal_python.py");
const directory = fs.mkdtempSync(join(tmpdir(), "episcope-journal-"));
let failures = 0;
try {
  for (const { name, records } of [
    ...sampleEpisodes(),
    { name: "odd", records: oddRecords() },
    manySteps(),
  ]) {
    const path = join(directory, `${name}.epi`);
    const writer = new JournalWriter(path, { fs, episode: 1 });
    for (const record of records) writer.append(record);
    writer.close();
    compare(`${name}, open`, path, records);
    sealJournal(path, { fs, compression: name !== "resizing" });
    compare(`${name}, sealed`, path, records);
    compareLogged(name, records);
  }
  compareRuns();
  const torn = join(directory, "torn.epi");
  const whole = fs.readFileSync(join(directory, "painting.epi"));
  fs.writeFileSync(torn, whole.subarray(0, whole.length >> 1));
  const { status, stderr } = run(torn);
  check("torn, refused", status !== 0 && stderr.includes("no whole record at byte"), stderr);
} finally {
  fs.rmSync(directory, { recursive: true });
}
process.exitCode = failures > 0 ? 1 : 0;

/** Journals of version 2, which are made from a log. */
function compareLogged(name, records) {
  const logDir = join(directory, `${name}-log`);
  const path = join(directory, `${name}-2.epi`);
  const runJournal = join(directory, `${name}-run.epi`);
  const log = new LogWriter(logDir, { fs });
  const { episode: key } = records.find(({ type }) => type === "episode-start") ?? {};
  const known = records.filter((record) => !("episode" in record) || record.episode === key);
  for (const record of known) log.append(record);
  log.close();
  const maker = new JournalMaker({ fs, logDir, runJournal, journalPath: () => path });
  while (maker.run());
  maker.finish();
  maker.close();
  const belongs = known.filter((record) => "episode" in record);
  if (belongs.length > 0) compare(`${name}, version 2`, path, belongs);
  compare(
    `${name}, run, version 2`,
    runJournal,
    known.filter((record) => !("episode" in record)),
  );
}

/** Runs that go on, or whose recorder died: a log, and the journals that were made of it so far. */
function compareRuns() {
  const runDir = join(directory, "run");
  const logDir = join(runDir, "log");
  const lists = [...sampleEpisodes(), manySteps()].map(({ name, records }) => ownRecords(name, records));
  const expected = new Map([[0, runRecords()], ...lists.map((records, at) => [at + 1, records])]);
  const log = new LogWriter(logDir, { fs, segmentBytes: 64 * 1024 });
  for (const record of expected.get(0)) log.append(record);
  // By turns, as many environments give them.
  for (let at = 0; at < Math.max(...lists.map(({ length }) => length)); at++)
    for (const records of lists) if (records[at] !== undefined) log.append(records[at]);
  log.close();
  compareRun("a log alone", runDir, expected);

  const torn = join(directory, "torn-run");
  fs.cpSync(runDir, torn, { recursive: true });
  const last = join(torn, "log", fs.readdirSync(join(torn, "log")).sort().at(-1));
  fs.truncateSync(last, fs.statSync(last).size - 5);
  const shortest = readRun(torn);
  const lost = [...expected].reduce(
    (sum, [number, records]) => sum + records.length - (shortest.get(number)?.length ?? 0),
    0,
  );
  check("a log with a torn tail: one record less", lost === 1, `${lost} records are missing`);

  const damaged = join(directory, "damaged-run");
  fs.cpSync(runDir, damaged, { recursive: true });
  const first = join(damaged, "log", fs.readdirSync(join(damaged, "log")).sort()[0]);
  const bytes = fs.readFileSync(first);
  bytes[bytes.length >> 1] ^= 0xff;
  fs.writeFileSync(first, bytes);
  const left = [...readRun(damaged)];
  const isRecorded = ([number, records]) => {
    const known = expected.get(number).map(plain);
    return records.every((record) => known.some((one) => isDeepStrictEqual(one, record)));
  };
  check("a damaged log: what is read is what was recorded", left.every(isRecorded), "");

  const maker = new JournalMaker({
    fs,
    logDir,
    runJournal: join(runDir, "run.epi"),
    journalPath: (number) => join(runDir, `episode_${number}`, "journal.epi"),
  });
  while (maker.run());
  maker.close();
  compareRun("a log, and the journals of episodes that have ended", runDir, expected);
  maker.finish();
  fs.rmSync(logDir, { recursive: true });
  compareRun("journals alone", runDir, expected);
}

function compareRun(name, runDir, expected) {
  const found = readRun(runDir);
  for (const [number, records] of expected) {
    const wrong = records.findIndex(
      (record, at) => !isDeepStrictEqual(found.get(number)?.[at], plain(record)),
    );
    check(
      `${name}, ${number}: ${records.length} records`,
      wrong < 0 && found.get(number)?.length === records.length,
      `${found.get(number)?.length} found, record ${wrong} differs`,
    );
  }
}

function readRun(runDir) {
  const { status, stdout, stderr } = spawnSync(values.python, [join(here, "run_python.py"), runDir], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return new Map(Object.entries(parsePython(stdout)).map(([number, records]) => [Number(number), records]));
}

/** Of a sample that knows one episode, under a name of its own. */
function ownRecords(name, records) {
  const { episode: key } = records.find(({ type }) => type === "episode-start");
  return records
    .filter(({ episode }) => episode === key)
    .map((record) => ({ ...record, episode: `${name}-${key}` }));
}

function runRecords() {
  return [
    { type: "run-start", seq: 0, time: 1, run: "r", config_hash: "h", meta: { a: 1 } },
    ...Array.from({ length: 100 }, (_, step) => ({
      ...{ type: "metrics", seq: step + 1, time: step, step },
      values: { loss: step / 7 },
    })),
  ];
}

function run(path) {
  return spawnSync(values.python, [reader, path], { encoding: "utf8", maxBuffer: 2 ** 28 });
}

function compare(name, path, records) {
  const { status, stdout, stderr } = run(path);
  if (status !== 0) {
    check(name, false, stderr);
    return;
  }
  const lines = stdout.trimEnd().split("\n").filter(Boolean).map(parsePython);
  const wrong = records.findIndex((record, at) => !isDeepStrictEqual(lines[at], plain(record)));
  check(
    `${name}: ${lines.length} records`,
    lines.length === records.length && wrong < 0,
    wrong < 0
      ? `expected ${records.length}`
      : `record ${wrong} differs:\n${show(lines[wrong])}\n${show(plain(records[wrong]))}`,
  );
}

function check(name, ok, detail) {
  process.stdout.write(`${ok ? "ok" : "NOT OK"}  ${name}\n`);
  if (ok) return;
  failures += 1;
  process.stdout.write(`${detail}\n`);
}

/** Python writes NaN and Infinity without quotes, and 1.0 where JavaScript writes 1. */
function parsePython(line) {
  const quoted = line.replace(/"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g, (token) =>
    token.startsWith('"') ? token : `{"$number":"${token}"}`,
  );
  return JSON.parse(quoted, (_key, value) => {
    const word = value?.$number;
    return typeof word === "string" ? Number(word) : value;
  });
}

/** Byte arrays as lists, as Python prints them. */
function plain(value) {
  if (value instanceof Uint8Array) return Array.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function show(value) {
  return JSON.stringify(value)?.slice(0, 2000);
}

function manySteps() {
  const { records } = sampleEpisodes().find(({ name }) => name === "large");
  const [start, first] = records;
  const steps = Array.from({ length: 300 }, (_, step) => ({
    ...records[1 + (step % 40)],
    seq: step + 1,
    step,
    time: first.time + step * 0.0137,
    reward: Math.fround(Math.sin(step)),
    info: {
      similarity: step / 900,
      loss: Math.fround(step / 900),
      label: `label ${step % 7}`,
      big: step * 1e9,
    },
  }));
  return { name: "many", records: [start, ...steps] };
}

function oddRecords() {
  const numbers = [
    0,
    127,
    128,
    -1,
    2 ** 40,
    -(2 ** 53),
    0.1,
    -0.25,
    1 / 3,
    5e-324,
    1.5e300,
    Math.fround(0.1),
  ];
  const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
  const meta = {
    numbers: [...numbers, ...special],
    bytes: Array.from({ length: 20 }, (_, at) => at * 12),
    singles: Array.from({ length: 9 }, (_, at) => Math.fround(at / 7)),
    doubles: Array.from({ length: 9 }, (_, at) => at / 7),
    texts: ["", "ä", "😀", "\ud800 alone", "x".repeat(400), "ä"],
    nested: [[], {}, [{ a: { b: [null, true, false] } }, { a: 1 }, { a: 2 }]],
  };
  const grid = {
    shape: [2, 3],
    data: Uint8Array.from([1, 2, 3, 4, 5, 15]),
    mask: Uint8Array.from([1, 1, 0, 1, 1, 0]),
  };
  const step = {
    type: "step",
    episode: "å",
    time: 1,
    after: grid,
    reward: 0,
    terminated: false,
    truncated: false,
  };
  return [
    { type: "run-start", seq: 0, run: "r", time: 1.7e9, config_hash: "h", meta },
    {
      type: "episode-start",
      seq: 7,
      episode: "å",
      time: -5,
      task_id: "t",
      pair_index: 2,
      mode: "test",
      initial: grid,
      input: grid,
      target: grid,
      meta,
    },
    { ...step, seq: 8, step: 0, action: { operation: -1 }, info: { similarity: 0.25 } },
    {
      ...step,
      seq: 9,
      step: 1,
      before: grid,
      action: { operation: 40, name: "Own", selection: { kind: "bbox", bbox: [-1, 0, 70, 3] } },
      info: {},
      state: meta,
    },
    {
      ...step,
      seq: 10,
      step: 5,
      time: Number.NaN,
      action: { operation: 2, selection: { kind: "mask", mask: Uint8Array.from([0, 9, 0, 1, 1, 0]) } },
      info: {},
    },
    {
      type: "metrics",
      seq: 11,
      time: 3,
      step: 4,
      values: { loss: 0.5 },
      histograms: { w: { values: [1, 2], bins: [0, 0.5, 1] } },
    },
    { type: "batch", seq: 12, time: 4, step: 5, arrays: { returns: special, lengths: [1, 2, 3] } },
    {
      type: "episode-end",
      seq: 13,
      episode: "å",
      time: 6,
      outcome: "aborted",
      totals: { steps: 3, reward: 0, final_similarity: null, best_similarity: 0.5 },
    },
    {
      type: "run-end",
      seq: 14,
      time: 7,
      outcome: "finished",
      accounting: { journal: { accepted: 1, written: 1, dropped: 0, reasons: {} } },
    },
  ];
}
