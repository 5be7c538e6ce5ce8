import { isDeepStrictEqual } from "node:util";
import type { EpisodeRecord, StreamRecord } from "@episcope/records";
import {
  type Decisions,
  type FileSystem,
  JournalMaker,
  LogWriter,
  ManifestWriter,
  manifestEpisode,
  Replayer,
  type RunItem,
  RunReader,
  RunStream,
  recoverRun,
  tallyRun,
  verifyRun,
} from "@episcope/records/store";
import { largeEpisode, paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk } from "@episcope/testing/memory-disk";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";

// Properties run many cases; machines that run other tests beside them are slow.
vi.setConfig({ testTimeout: 60_000 });

const RUN = "/out/run_1";
const EPISODES: readonly (readonly EpisodeRecord[])[] = [
  paintingEpisode("a"),
  largeEpisode(150, "b"),
  resizingEpisode("c"),
];

let fs: FileSystem;

beforeEach(() => {
  fs = memoryDisk().fs;
});

/** What the producer sent: all episodes at once, metrics between them. */
const STREAM: readonly StreamRecord[] = interleaved();

function interleaved(): StreamRecord[] {
  const records: StreamRecord[] = [
    { type: "run-start", seq: 0, run: "run_1", time: 5, config_hash: "abc", meta: {} },
  ];
  for (let at = 0; at < 152; at++) {
    for (const list of EPISODES) if (at < list.length) records.push(list[at]!);
    if (at % 40 === 7) records.push({ type: "metrics", seq: 0, time: 6, step: at, values: { loss: 1 / at } });
  }
  return records.map((record, seq) => ({ ...record, seq }));
}

const recorded = (key: string): StreamRecord[] =>
  STREAM.filter((record) => "episode" in record && record.episode === key);

interface RecordOptions {
  /** Records that came before the recorder died. */
  readonly count?: number;
  /** Records of which the journals were made. */
  readonly journals?: number;
}

/** A run whose recorder died: its log, the journals that were sealed, and a manifest that was never completed. */
function record({ count = STREAM.length, journals = 0 }: RecordOptions = {}): void {
  fs.mkdirSync(RUN, { recursive: true });
  const manifest = new ManifestWriter(RUN, { fs, run: "run_1", created: 5 });
  manifest.write();
  const writer = new LogWriter(`${RUN}/log`, { fs, segmentBytes: 2000 });
  let steps = 0;
  for (const item of STREAM.slice(0, count)) {
    const isStep = item.type === "step";
    const decisions: Decisions = {
      global_step: steps,
      priority: 0,
      key: [],
      draw: isStep ? steps % 5 === 0 : null,
    };
    if (isStep) steps += 1;
    writer.append(item, decisions);
  }
  writer.close();
  using maker = new JournalMaker({
    fs,
    logDir: `${RUN}/log`,
    runJournal: `${RUN}/run.epi`,
    journalPath: (number) => `${RUN}/episode_000${number}/journal.epi`,
    onSealed: ({ number, start, end, first, last }) => {
      if (start === null) return;
      const dir = `episode_000${number}`;
      const positions = { first, last };
      const files = ["journal.epi"];
      manifest.add(manifestEpisode(fs, RUN, { number, dir, start, end: end ?? undefined, files, positions }));
    },
  });
  maker.run(journals, journals);
  maker.checkpoint();
  writer.release(maker.released);
}

function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

function items(): RunItem[] {
  using stream = new RunStream(RUN, { fs });
  const list: RunItem[] = [];
  for (let item = stream.next(); item !== null; item = stream.next()) list.push(item);
  return list;
}

function plain(list: readonly RunItem[]): unknown {
  return list.map(({ position, record: item, episode, decisions }) => ({
    position,
    item,
    episode,
    decisions,
  }));
}

function snapshot(): { [path: string]: string } {
  const files: { [path: string]: string } = {};
  const walk = (dir: string): void => {
    for (const name of (fs.readdirSync(dir) as string[]).sort()) {
      const path = `${dir}/${name}`;
      if (fs.statSync(path).isDirectory()) walk(path);
      else files[path] = (fs.readFileSync(path) as Buffer).toString("base64");
    }
  };
  walk(RUN);
  return files;
}

describe("a run of which the log is still there", () => {
  it("is listed and replayed from log and journals together", () => {
    for (const journals of [0, 40, 120]) {
      fs = memoryDisk().fs;
      record({ journals, count: STREAM.length - 3 });
      const run = new RunReader(RUN, { fs });
      expect(
        run.episodes.map(({ number, key, outcome, totals }) => [number, key, outcome, totals.steps]),
      ).toEqual([
        [1, "a", "success", 6],
        [2, "b", "crashed", 148],
        [3, "c", "truncated", 4],
      ]);
      const replayer = new Replayer(run);
      same([...replayer.records(1)], recorded("a"));
      same([...replayer.records(2)], recorded("b").slice(0, -3));
      same(replayer.step(2, 100), recorded("b")[101]);
      expect(replayer.stepView(2, 100).step).toBe(100);
      const others = STREAM.filter((item) => !("episode" in item));
      same([...run.runRecords()], others);
      expect(run.configHash).toBe("abc");
      expect(verifyRun(run, { fs }).findings.map(({ kind }) => kind)).toEqual(["manifest", "end_missing"]);
    }
  });

  it("becomes journals by recovery, which invents nothing and keeps order, places and decisions", () => {
    for (const journals of [0, 40, 120]) {
      fs = memoryDisk().fs;
      record({ journals, count: STREAM.length - 3 });
      const before = plain(items());
      const tally = tallyRun(fs, RUN);
      expect(recoverRun(RUN, { fs })).toMatchObject({
        episodes: 3,
        loss: false,
        bytesLost: 0,
        manifestWritten: true,
      });
      expect(fs.existsSync(`${RUN}/log`)).toBe(false);
      same(plain(items()), before);
      expect(tallyRun(fs, RUN)).toEqual(tally);
      const run = new RunReader(RUN, { fs });
      same([...run.records(2)], recorded("b").slice(0, -3));
      expect(run.manifest.complete).toBe(true);
      expect(verifyRun(run, { fs })).toMatchObject({ intact: true, findings: [{ kind: "end_missing" }] });
      const once = snapshot();
      expect(recoverRun(RUN, { fs })).toMatchObject({
        repaired: 0,
        sealed: 0,
        loss: false,
        manifestWritten: false,
      });
      expect(snapshot()).toEqual(once);
    }
  });

  it("comes to the same journals when recovery is interrupted at any call", () => {
    const changes = /^(?:write|rename|unlink|rm|fsync|open|mkdir|truncate)Sync$/;
    const run = (failing: number): { files: { [path: string]: string }; calls: number } => {
      fs = memoryDisk().fs;
      record({ journals: 40 });
      let calls = 0;
      const disk = faultyFs(fs, (call) => (changes.test(call) && ++calls === failing ? "EIO" : undefined));
      for (let tries = 0; tries < 2; tries++) {
        try {
          recoverRun(RUN, { fs: disk.fs });
        } catch (error) {
          expect(error).toMatchObject({ code: "EIO" });
        }
      }
      const { [`${RUN}/manifest.json`]: _manifest, ...files } = snapshot();
      return { files, calls };
    };
    const whole = run(0);
    expect(Object.keys(whole.files)).toEqual([
      `${RUN}/episode_0001/journal.epi`,
      `${RUN}/episode_0002/journal.epi`,
      `${RUN}/episode_0003/journal.epi`,
      `${RUN}/run.epi`,
    ]);
    for (let failing = 1; failing < whole.calls; failing += 3) {
      const { files } = run(failing);
      expect(Object.keys(files), `call ${failing}`).toEqual(Object.keys(whole.files));
      for (const path of Object.keys(files))
        expect(files[path], `${path}, call ${failing}`).toBe(whole.files[path]);
    }
  });

  it("is not brought back where cleanup has removed it, and stays where it is a spool", () => {
    record();
    const writer = LogWriter.resume(`${RUN}/log`, { fs })!;
    writer.removed(1);
    writer.close();
    recoverRun(RUN, { fs });
    expect(new RunReader(RUN, { fs }).episodes.map(({ number }) => number)).toEqual([2, 3]);

    fs = memoryDisk().fs;
    record();
    fs.mkdirSync(`${RUN}/.episcope`);
    const config = { logging: { structured_logging: false } };
    fs.writeFileSync(`${RUN}/.episcope/config.lock.json`, JSON.stringify({ version: 1, config }));
    const before = plain(items());
    recoverRun(RUN, { fs });
    expect(fs.existsSync(`${RUN}/episode_0001`)).toBe(false);
    same(plain(items()), before);
  });
});

describe("damage of a run", () => {
  /** Changes one file at a place: a byte, or all from there on. */
  function damage(path: string, place: number, what: string): boolean {
    const bytes = Buffer.from(fs.readFileSync(path) as Buffer);
    const at = place % bytes.length;
    if (what === "cut") {
      fs.writeFileSync(path, bytes.subarray(0, at));
      return true;
    }
    bytes[at]! ^= 1 << (place % 8);
    fs.writeFileSync(path, bytes);
    return true;
  }

  /** Files that hold records. */
  function data(): string[] {
    return Object.keys(snapshot()).filter((path) => /\.epi$|\.epl$/.test(path));
  }

  it.each(["complete", "crashed"])(
    "is named by verify, and recovery loses nothing that can be read: %s",
    (state) => {
      const place = fc.nat(1_000_000);
      const what = fc.constantFrom("flip", "flip", "cut");
      fc.assert(
        fc.property(fc.nat(20), place, what, (which, at, kind) => {
          fs = memoryDisk().fs;
          record({ journals: state === "crashed" ? 40 : 0 });
          if (state === "complete") recoverRun(RUN, { fs });
          const paths = data();
          const path = paths[which % paths.length]!;
          damage(path, at, kind);
          const isTorn =
            kind === "cut" &&
            path.endsWith(".epl") &&
            path === paths.filter((name) => name.endsWith("l")).at(-1);
          const report = verifyRun(new RunReader(RUN, { fs }), { fs });
          const named = report.findings.filter(
            ({ kind: found }) => found !== "end_missing" && found !== "seq",
          );
          // A log that ends between two records is a shorter one, as after a crash; so is `run.epi`, which grows by blocks.
          const isShorter =
            kind === "cut" && path.endsWith("run.epi") && (fs.readFileSync(path) as Buffer).length > 0;
          if (!isTorn && !isShorter) expect(named.length).toBeGreaterThan(state === "crashed" ? 1 : 0);
          const readable = items();
          for (const { position, record: item } of readable) same(item, STREAM[position]);
          recoverRun(RUN, { fs });
          const kept = new Set(items().map(({ position }) => position));
          for (const { position, record: item } of readable) {
            // What belongs to an episode whose start is lost is no episode.
            expect(kept.has(position), `${path} ${kind} ${at}: ${position} ${item.type}`).toBe(true);
          }
          for (const { position, record: item } of items()) same(item, STREAM[position]);
        }),
        // A file of no bytes is the smallest cut.
        { numRuns: 60, endOnFailure: true, examples: [[19, 0, "cut"]] },
      );
    },
  );
});
