import { isDeepStrictEqual } from "node:util";
import {
  type FileSystem,
  JournalMaker,
  JournalReader,
  LogWriter,
  type OutputState,
  OutputsFile,
  outputAccount,
  type RunItem,
  RunStream,
  removeLog,
  type SealedEpisode,
  tallyRun,
} from "@episcope/records/store";
import { largeEpisode } from "@episcope/records/testing";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk } from "@episcope/testing/memory-disk";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Entry, entries, numbered } from "./log-entries.js";

// Properties run many cases; machines that run other tests beside them are slow.
vi.setConfig({ testTimeout: 60_000 });

const RUN = "/run";
const LOG = `${RUN}/log`;

function maker(fs: FileSystem, onSealed?: (episode: SealedEpisode) => void): JournalMaker {
  return new JournalMaker({
    fs,
    logDir: LOG,
    runJournal: `${RUN}/run.epi`,
    journalPath: (number) => `${RUN}/episode_000${number}/journal.epi`,
    ...(onSealed === undefined ? {} : { onSealed }),
  });
}

function read(fs: FileSystem, from = 0): RunItem[] {
  using stream = new RunStream(RUN, { fs, from });
  return take(stream);
}

function take(stream: RunStream, head?: number): RunItem[] {
  const items: RunItem[] = [];
  for (let item = stream.next(head); item !== null; item = stream.next(head)) {
    const { position, record, episode, decisions, lost } = item;
    items.push({ position, record, episode, decisions, lost });
  }
  return items;
}

/** As `toStrictEqual`, but fast enough for properties: NaN equals NaN, -0 is not 0. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

/** Records a list; the journals are made on the way, by makers that begin anew where `chances` says so. */
function record(list: readonly Entry[], chances: Iterator<number>): { fs: FileSystem; writer: LogWriter } {
  const { fs } = memoryDisk();
  const writer = new LogWriter(LOG, { fs, segmentBytes: 600 });
  let journals: JournalMaker | null = null;
  for (const { record: item, decisions } of list) {
    writer.append(item, decisions);
    const chance = chances.next().value as number;
    if (chance > 4) writer.write();
    if (chance < 7) continue;
    journals ??= maker(fs);
    journals.run(writer.head, 5);
    if (chance === 8) {
      journals.checkpoint();
      writer.release(journals.released);
    }
    if (chance === 9) {
      journals.close();
      journals = null;
    }
  }
  journals?.close();
  writer.close();
  return { fs, writer };
}

describe("the records of a run", () => {
  it("are read from log and journals in the order in which they came, at every time of its life", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(9)), fc.nat(), (list, chances, seed) => {
        const expected = numbered(list);
        const from = seed % (list.length + 1);
        const { fs, writer } = record(list, chances);
        same(read(fs), expected);
        same(read(fs, from), expected.slice(from));
        const journals = maker(fs);
        while (journals.run());
        journals.checkpoint();
        writer.release(journals.released);
        same(read(fs, from), expected.slice(from));
        journals.finish();
        journals.close();
        expect(journals.problems).toEqual([]);
        removeLog(fs, LOG);
        expect(fs.existsSync(LOG)).toBe(false);
        same(read(fs), expected);
        same(read(fs, from), expected.slice(from));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it("are followed by a reader whose segments go while it reads", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(9)), (list, chances) => {
        const { fs } = memoryDisk();
        const writer = new LogWriter(LOG, { fs, segmentBytes: 400 });
        const journals = maker(fs);
        using stream = new RunStream(RUN, { fs });
        const items: RunItem[] = [];
        for (const { record: item, decisions } of list) {
          writer.append(item, decisions);
          writer.write();
          const chance = chances.next().value as number;
          if (chance > 5) journals.run(writer.head);
          if (chance > 6) journals.checkpoint();
          writer.release(journals.released);
          if (chance === 9) items.push(...take(stream, writer.head - 1));
        }
        writer.close();
        while (journals.run());
        journals.finish();
        journals.close();
        removeLog(fs, LOG);
        items.push(...take(stream));
        same(items, numbered(list));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});

describe("outputs.json", () => {
  it("says how far each output has come, and with the log what waits for it, to the unit", () => {
    const { fs } = memoryDisk();
    const writer = new LogWriter(LOG, { fs });
    for (const [at, item] of largeEpisode(20).entries()) {
      writer.append(item, { global_step: at, priority: 0, key: [], draw: at % 3 === 1 });
    }
    writer.close();
    const outputs = OutputsFile.open(fs, RUN);
    const state: OutputState = {
      cursor: 9,
      accepts: ["step", "episode-end"],
      written: 5,
      dropped: { sample: 3 },
      state: { row: 7 },
    };
    outputs.set("logging.sinks.mine", state);
    outputs.set("visualization.renderers.svg", {
      ...state,
      cursor: 4,
      accepts: ["picture"],
      written: 2,
      dropped: {},
    });
    expect(outputs.lowestCursor).toBe(4);
    outputs.write();
    const again = OutputsFile.open(fs, RUN);
    expect(again.get("logging.sinks.mine")).toEqual(state);
    const tally = tallyRun(fs, RUN);
    expect(tally).toEqual({
      records: { "episode-start": 1, step: 20, "episode-end": 1 },
      drawn: 7,
      next: 22,
    });
    expect(again.names.map((name) => outputAccount(again.get(name)!, tally))).toEqual([
      { accepted: 21, written: 5, waiting: 13, dropped: 3 },
      { accepted: 7, written: 2, waiting: 5, dropped: 0 },
    ]);
    using journals = maker(fs);
    while (journals.run());
    journals.finish();
    removeLog(fs, LOG);
    expect(tallyRun(fs, RUN)).toEqual(tally);
  });

  it("is empty where it is missing or damaged, and refused where it is from the future", () => {
    const { fs } = memoryDisk({ "/run/outputs.json": "{" });
    expect(OutputsFile.open(fs, RUN).names).toEqual([]);
    fs.writeFileSync("/run/outputs.json", '{"episcope": 9, "outputs": {}}');
    expect(() => OutputsFile.open(fs, RUN)).toThrow(
      expect.objectContaining({ code: "OUTPUTS_VERSION_UNSUPPORTED" }),
    );
  });
});

describe("journals made from a log", () => {
  it("are the same bytes however often their maker died", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(9)), (list, chances) => {
        const files = [null, chances].map((deaths) => {
          const { fs } = record(list, always(5));
          let journals = maker(fs);
          while (journals.run(undefined, 5)) {
            if (((deaths?.next().value as number | undefined) ?? 0) < 7) continue;
            journals.close();
            journals = maker(fs);
          }
          journals.finish();
          journals.close();
          return snapshot(fs);
        });
        same(files[0], files[1]);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it("hold the episode's records, as its totals and its index say", () => {
    const { fs } = memoryDisk();
    const writer = new LogWriter(LOG, { fs });
    const lists = [largeEpisode(200, "a"), largeEpisode(150, "b")];
    for (let at = 0; at < 202; at++) {
      for (const list of lists) {
        const item = list[at];
        if (item !== undefined) {
          writer.append(item, {
            global_step: at,
            priority: 0,
            key: at % 50 === 1 ? ["new_best"] : [],
            draw: null,
          });
        }
      }
    }
    writer.close();
    const sealed: SealedEpisode[] = [];
    using journals = maker(fs, (episode) => sealed.push(episode));
    while (journals.run());
    expect(sealed.map(({ number, first, last, end }) => [number, first, last, end?.type])).toEqual([
      [2, 1, 303, "episode-end"],
      [1, 0, 353, "episode-end"],
    ]);
    using reader = new JournalReader(`${RUN}/episode_0001/journal.epi`, { fs });
    expect([reader.sealed, reader.version, reader.episode]).toEqual([true, 2, 1]);
    same([...reader.records()], lists[0]);
    expect(reader.problems).toEqual([]);
    expect(reader.index).toMatchObject({ records: 202, steps: 200, positions: { first: 0, last: 353 } });
    expect(reader.index.keySteps.map(({ step }) => step)).toEqual([0, 50, 100, 150]);
    for (const step of [0, 63, 64, 127, 199]) same(reader.step(step)!.record, lists[0]![step + 1]);
    expect(reader.step(200)).toBeUndefined();
    const bytes = fs.statSync(`${RUN}/episode_0001/journal.epi`).size;
    // No more than what the same journal takes without positions and decisions, and a byte a step.
    expect(bytes / 200).toBeLessThan(29);
  });

  it("are made in the end, whatever call failed", () => {
    const list = [...largeEpisode(70, "a"), ...largeEpisode(3, "b")];
    const make = (failing: number): { files: [string, string][]; calls: number } => {
      const { fs } = memoryDisk();
      const writer = new LogWriter(LOG, { fs });
      for (const item of list) writer.append(item);
      writer.close();
      let calls = 0;
      const disk = faultyFs(fs, (call) =>
        /^(?:write|rename|fsync|open|mkdir)Sync$/.test(call) && ++calls === failing ? "EIO" : undefined,
      );
      for (let tries = 0; tries < 2; tries++) {
        try {
          const journals = maker(disk.fs);
          while (journals.run());
          journals.finish();
          journals.close();
          break;
        } catch (error) {
          expect(error).toMatchObject({ code: "EIO" });
        }
      }
      return { files: snapshot(fs), calls };
    };
    const whole = make(0);
    for (let failing = 1; failing <= whole.calls; failing++) same(make(failing).files, whole.files);
  });
});

function* always(value: number): Generator<number> {
  for (;;) yield value;
}

function snapshot(fs: FileSystem): [string, string][] {
  const files: [string, string][] = [];
  const walk = (dir: string): void => {
    for (const name of (fs.readdirSync(dir) as string[]).sort()) {
      const path = `${dir}/${name}`;
      if (path === LOG) continue;
      if (fs.statSync(path).isDirectory()) walk(path);
      else files.push([path, (fs.readFileSync(path) as Buffer).toString("base64")]);
    }
  };
  walk(RUN);
  return files;
}
