import { isDeepStrictEqual } from "node:util";
import { type EpisodeRecord, EpisodeTracker } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import {
  JournalReader,
  JournalWriter,
  ManifestWriter,
  manifestEpisode,
  Replayer,
  RunReader,
  readManifest,
  recoverRun,
  sealJournal,
  verifyRun,
} from "@episcope/records/store";
import { largeEpisode, paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { beforeEach, describe, expect, it, vi } from "vitest";

// Properties run many cases; machines that run other tests beside them are slow.
vi.setConfig({ testTimeout: 60_000 });

const RUN = "/out/run_1";
const EPISODES: readonly (readonly EpisodeRecord[])[] = [
  paintingEpisode(),
  resizingEpisode(),
  largeEpisode(150),
];

let fs: FileSystem;

beforeEach(() => {
  fs = memoryDisk().fs;
});

interface RecordOptions {
  /** Numbers of episodes whose producer dies before the end. */
  readonly dies?: readonly number[];
  /** The run goes on, or died. */
  readonly running?: boolean;
  readonly episodes?: readonly (readonly EpisodeRecord[])[];
}

function record({ dies = [], running = false, episodes = EPISODES }: RecordOptions = {}): void {
  fs.mkdirSync(RUN, { recursive: true });
  const manifest = new ManifestWriter(RUN, { fs, run: "run_1", created: 5 });
  const run = new JournalWriter(`${RUN}/run.epi`, { fs });
  run.append({ type: "run-start", seq: 0, run: "run_1", time: 5, config_hash: "abc", meta: {} });
  run.append({ type: "metrics", seq: 1, time: 6, step: 1, values: { loss: 0.5 } });
  run.close();
  for (const [at, records] of episodes.entries()) {
    const number = at + 1;
    const dir = `episode_000${number}`;
    fs.mkdirSync(`${RUN}/${dir}`);
    const writer = new JournalWriter(`${RUN}/${dir}/journal.epi`, { fs, episode: number });
    const kept = dies.includes(number) ? records.slice(0, -1) : records;
    for (const item of kept) writer.append(item);
    writer.close();
    if (dies.includes(number)) continue;
    sealJournal(`${RUN}/${dir}/journal.epi`, { fs });
    const start = records[0] as EpisodeRecord & { type: "episode-start" };
    const end = records.at(-1) as EpisodeRecord & { type: "episode-end" };
    manifest.add(manifestEpisode(fs, RUN, { number, dir, start, end, files: ["journal.epi"] }));
  }
  if (!running) manifest.finish({ journal: { accepted: 9, written: 9, dropped: 0, reasons: {} } });
}

function damage(path: string, at: number): void {
  const bytes = fs.readFileSync(path) as Buffer;
  bytes[at < 0 ? bytes.length + at : at]! ^= 16;
  fs.writeFileSync(path, bytes);
}

function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

function kinds(): string[] {
  return verifyRun(new RunReader(RUN, { fs }), { fs }).findings.map(({ kind }) => kind);
}

describe("a recorded run", () => {
  it("lists its episodes from the manifest, without walking the directory", () => {
    record();
    const readdirSync = () => {
      throw new Error("walked");
    };
    const run = new RunReader(RUN, { fs: Object.assign(Object.create(fs) as FileSystem, { readdirSync }) });
    expect(run.episodes.map(({ number, task_id, outcome }) => [number, task_id, outcome])).toEqual([
      [1, "sample-painting", "success"],
      [2, "sample-resizing", "truncated"],
      [3, "sample-large", "failure"],
    ]);
    expect([...run.runRecords()].map(({ type }) => type)).toEqual(["run-start", "metrics"]);
  });

  it("is listed from its journals where the manifest is lost, damaged, or not complete", () => {
    record();
    const before = new RunReader(RUN, { fs }).episodes;
    for (const text of [null, "", "{", '{"episcope": 1}']) {
      if (text === null) fs.unlinkSync(`${RUN}/manifest.json`);
      else fs.writeFileSync(`${RUN}/manifest.json`, text);
      same(new RunReader(RUN, { fs }).episodes, before);
    }
  });

  it("shows episodes that go on, or whose producer died, as crashed so far", () => {
    record({ dies: [2], running: true });
    const { episodes } = new RunReader(RUN, { fs });
    expect(episodes.map(({ outcome, ended }) => [outcome, ended !== null])).toEqual([
      ["success", true],
      ["crashed", false],
      ["failure", true],
    ]);
    expect(episodes[1]!.totals.steps).toBe(4);
  });

  it("says what is not there", () => {
    record();
    const run = new RunReader(RUN, { fs });
    expect(() => run.records(9)[Symbol.iterator]().next()).toThrow(
      expect.objectContaining({ code: "EPISODE_NOT_FOUND", message: expect.stringContaining("1 to 3") }),
    );
    expect(() => new Replayer(run).step(1, 99)).toThrow(expect.objectContaining({ code: "STEP_NOT_FOUND" }));
    fs.mkdirSync("/empty");
    for (const dir of ["/empty", "/nowhere"]) {
      expect(() => new RunReader(dir, { fs })).toThrow(expect.objectContaining({ code: "RUN_NOT_FOUND" }));
    }
  });

  it("refuses a manifest from the future", () => {
    record();
    fs.writeFileSync(`${RUN}/manifest.json`, '{"episcope": 2, "run_id": "x", "episodes": []}');
    expect(() => new RunReader(RUN, { fs })).toThrow(
      expect.objectContaining({ code: "MANIFEST_VERSION_UNSUPPORTED" }),
    );
  });

  it("never leads out of its directory by a manifest", () => {
    record();
    const manifest = readManifest(fs, RUN)!;
    for (const dir of ["..", "../x", "/etc", "a/b"]) {
      const forged = { ...manifest, episodes: [{ ...manifest.episodes[0]!, dir }] };
      fs.writeFileSync(`${RUN}/manifest.json`, JSON.stringify(forged));
      expect(readManifest(fs, RUN)).toBeNull();
    }
  });
});

describe("a replay", () => {
  it("gives the identical stream, open or sealed", () => {
    record({ dies: [3] });
    fs.unlinkSync(`${RUN}/manifest.json`);
    const replayer = new Replayer(new RunReader(RUN, { fs }));
    same([...replayer.records(1)], EPISODES[0]);
    same([...replayer.records(3)], EPISODES[2]!.slice(0, -1));
    same(replayer.step(3, 77), EPISODES[2]![78]);
  });

  it("gives every view as live tracking did, in order and at random", () => {
    record();
    const replayer = new Replayer(new RunReader(RUN, { fs }));
    for (const [at, [start, ...rest]] of EPISODES.entries()) {
      if (start?.type !== "episode-start") throw new Error("no start");
      const tracker = new EpisodeTracker(start, at + 1);
      const live = rest.flatMap((item) => (item.type === "step" ? [tracker.step(item)] : []));
      const end = rest.at(-1);
      same([...replayer.stepViews(at + 1)], live);
      same(replayer.summary(at + 1), tracker.summary(end?.type === "episode-end" ? end : undefined));
      for (const view of live) same(replayer.stepView(at + 1, view.step), view);
    }
  });
});

it("loads an episode as the log entries of the design", () => {
  record({ dies: [2] });
  const replayer = new Replayer(new RunReader(RUN, { fs }));
  const entry = replayer.loadEpisode(1);
  expect(entry).toMatchObject({ episode_num: 1, config_hash: "abc", total_steps: 6, final_similarity: 1 });
  expect(entry.steps.map(({ step_num }) => step_num)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(entry.steps[3]!.before_state).toEqual(entry.steps[2]!.after_state);
  expect(() => replayer.loadEpisode(9)).toThrow(expect.objectContaining({ code: "EPISODE_NOT_FOUND" }));
});

describe("verify", () => {
  it("finds nothing in an intact run", () => {
    record();
    const report = verifyRun(new RunReader(RUN, { fs }), { fs });
    expect(report).toMatchObject({ episodes: 3, steps: 160, findings: [], intact: true });
  });

  it("finds what contradicts itself, with its place", () => {
    const [start, first, second, ...rest] = paintingEpisode() as [
      EpisodeRecord,
      ...(EpisodeRecord & { type: "step" })[],
    ];
    const cases: [string, EpisodeRecord[]][] = [
      ["gap", [start, first!, ...rest]],
      ["duplicate", [start, first!, first!, second!, ...rest]],
      ["continuity", [start, first!, { ...second!, before: second!.after }, ...rest]],
      ["reward", [start, { ...first!, reward: 5 }, second!, ...rest]],
      ["similarity", [start, { ...first!, info: { similarity: 0.9 } }, second!, ...rest]],
      ["time", [start, { ...first!, time: 0 }, second!, ...rest]],
      [
        "selection",
        [
          start,
          { ...first!, action: { operation: 1, selection: { kind: "mask", mask: new Uint8Array(2) } } },
          second!,
          ...rest,
        ],
      ],
      ["after_end", [start, first!, second!, ...rest, { ...rest[3]!, step: 6 }]],
      ["start_missing", [first!, second!, ...rest]],
    ];
    for (const [kind, records] of cases) {
      fs = memoryDisk().fs;
      fs.mkdirSync(RUN, { recursive: true });
      record({ episodes: [paintingEpisode()] });
      fs.unlinkSync(`${RUN}/episode_0001/journal.epi`);
      const writer = new JournalWriter(`${RUN}/episode_0001/journal.epi`, { fs, episode: 1 });
      for (const item of records) writer.append(item);
      writer.close();
      expect(kinds(), kind).toContain(kind);
    }
  });

  it("notices exports and journals that are not what the manifest lists", () => {
    record();
    fs.writeFileSync(`${RUN}/episode_0001/journal.epi`, fs.readFileSync(`${RUN}/episode_0002/journal.epi`));
    expect(kinds()).toContain("checksum");
    fs.unlinkSync(`${RUN}/episode_0003/journal.epi`);
    expect(kinds()).toEqual(expect.arrayContaining(["unreadable", "file_missing"]));
  });
});

describe("recover", () => {
  it("changes nothing in an intact run", () => {
    record();
    const before = snapshot();
    expect(recoverRun(RUN, { fs })).toMatchObject({
      repaired: 0,
      loss: false,
      manifestWritten: false,
      sealed: 1,
    });
    const after = snapshot();
    for (const path of Object.keys(before))
      if (!path.endsWith("run.epi")) expect(after[path]).toBe(before[path]);
  });

  it("seals what a crash left open and makes the manifest", () => {
    record({ dies: [2], running: true });
    fs.appendFileSync(`${RUN}/episode_0002/journal.epi`, Buffer.from([9, 0, 0, 0, 1]));
    fs.writeFileSync(`${RUN}/episode_0003/journal.epi.tmp`, "half");
    expect(recoverRun(RUN, { fs })).toMatchObject({
      episodes: 3,
      repaired: 1,
      bytesLost: 5,
      temporariesRemoved: 1,
      manifestWritten: true,
      loss: false,
    });
    same([...new RunReader(RUN, { fs }).records(2)], EPISODES[1]!.slice(0, -1));
    expect(kinds()).toEqual(["end_missing"]);
  });

  it("takes damage out, keeps the original, and comes to the same result again", () => {
    record();
    const path = `${RUN}/episode_0003/journal.epi`;
    const whole = fs.readFileSync(path) as Buffer;
    damage(path, whole.length >> 1);
    const damaged = Buffer.from(fs.readFileSync(path) as Buffer);
    const report = recoverRun(RUN, { fs });
    expect(report).toMatchObject({ repaired: 1, loss: true, manifestWritten: true });
    expect(fs.readFileSync(`${path}.damaged`)).toEqual(damaged);
    const kept = [...new RunReader(RUN, { fs }).records(3)];
    expect(kept.length).toBeGreaterThan(80);
    for (const item of kept)
      same(
        item,
        EPISODES[2]!.find(({ seq }) => seq === item.seq),
      );
    const once = snapshot();
    expect(recoverRun(RUN, { fs })).toMatchObject({
      repaired: 0,
      sealed: 0,
      loss: false,
      manifestWritten: false,
    });
    expect(snapshot()).toEqual(once);
  });

  it("comes to the same result when it is interrupted at any write", () => {
    const prepare = () => {
      fs = memoryDisk().fs;
      record({ dies: [2], running: true });
      damage(`${RUN}/episode_0003/journal.epi`, 500);
    };
    prepare();
    recoverRun(RUN, { fs });
    const expected = snapshot();
    let failed = true;
    for (let call = 1; failed; call++) {
      prepare();
      failed = false;
      try {
        recoverRun(RUN, { fs: failingAt(call) });
      } catch {
        failed = true;
      }
      recoverRun(RUN, { fs });
      expect(Object.keys(snapshot())).toEqual(Object.keys(expected));
      for (const [path, bytes] of Object.entries(snapshot())) {
        if (!path.endsWith("manifest.json")) expect(bytes, `${path} after call ${call}`).toBe(expected[path]);
      }
      if (call > 200) throw new Error("it never passes");
    }
  });
});

function snapshot(): { [path: string]: string } {
  const files: { [path: string]: string } = {};
  const walk = (dir: string) => {
    for (const name of (fs.readdirSync(dir) as string[]).sort()) {
      const path = `${dir}/${name}`;
      if (fs.statSync(path).isDirectory()) walk(path);
      else files[path] = (fs.readFileSync(path) as Buffer).toString("base64");
    }
  };
  walk(RUN);
  return files;
}

/** The n-th call that changes something fails. */
function failingAt(n: number): FileSystem {
  const changes = /^(?:write|rename|unlink|copyFile|fsync|open)Sync$/;
  let calls = 0;
  return faultyFs(fs, (call) => (changes.test(call) && ++calls === n ? "EIO" : undefined)).fs;
}

it("keeps a damaged head readable", () => {
  record();
  const path = `${RUN}/episode_0001/journal.epi`;
  damage(path, 20);
  using journal = new JournalReader(path, { fs });
  same([...journal.records()], EPISODES[0]);
  expect(journal.problems.map(({ kind }) => kind)).toEqual(["header"]);
});
