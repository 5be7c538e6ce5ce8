import { isDeepStrictEqual } from "node:util";
import type { EpisodeRecord, StreamRecord } from "@episcope/records";
import { type FileSystem, LogReader, LogWriter, type RunItem } from "@episcope/records/store";
import { largeEpisode, paintingEpisode } from "@episcope/records/testing";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { memoryDisk } from "@episcope/testing/memory-disk";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Entry, entries, numbered, plain } from "./log-entries.js";

// Properties run many cases; machines that run other tests beside them are slow.
vi.setConfig({ testTimeout: 60_000 });

const LOG = "/run/log";

function read(fs: FileSystem, from = 0): { items: RunItem[]; problems: readonly string[] } {
  using reader = new LogReader(LOG, { fs, from });
  const items = take(reader);
  reader.checkTail();
  return { items, problems: reader.problems.map(({ kind }) => kind) };
}

function take(reader: LogReader, head?: number): RunItem[] {
  const items: RunItem[] = [];
  for (let item = reader.next(head); item !== null; item = reader.next(head)) items.push(plain(item));
  return items;
}

/** As `toStrictEqual`, but fast enough for properties: NaN equals NaN, -0 is not 0. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

function files(fs: FileSystem): string[] {
  return (fs.readdirSync(LOG) as string[]).sort().map((name) => `${LOG}/${name}`);
}

/** Writes in groups; a new writer takes over where `chances` says so. */
function record(list: readonly Entry[], chances: Iterator<number>, segmentBytes = 600): FileSystem {
  const { fs } = memoryDisk();
  let writer = new LogWriter(LOG, { fs, segmentBytes });
  for (const [at, { record: item, decisions: decided }] of list.entries()) {
    expect(writer.append(item, decided)).toBe(at);
    const chance = chances.next().value as number;
    if (chance > 5) writer.write();
    if (chance === 9) {
      writer.close();
      writer = LogWriter.resume(LOG, { fs, segmentBytes })!;
      expect([writer.next, writer.head]).toEqual([at + 1, at + 1]);
    }
  }
  writer.close();
  expect(writer.head).toBe(list.length);
  return fs;
}

describe("a log", () => {
  it("gives back every record with its place and what was decided, from any position", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(9)), fc.nat(), (list, chances, seed) => {
        const fs = record(list, chances);
        const expected = numbered(list);
        same(read(fs), { items: expected, problems: [] });
        const from = seed % (list.length + 1);
        same(read(fs, from), { items: expected.slice(from), problems: [] });
      }),
      { numRuns: 60 },
    );
  });

  it("is followed while it grows, no farther than its reader is told", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(9)), (list, chances) => {
        const { fs } = memoryDisk();
        const writer = new LogWriter(LOG, { fs, segmentBytes: 500 });
        const expected = numbered(list);
        using reader = new LogReader(LOG, { fs });
        const items: RunItem[] = [];
        for (const { record: item, decisions: decided } of list) {
          writer.append(item, decided);
          const chance = chances.next().value as number;
          if (chance > 4) writer.write();
          if (chance === 8) items.push(...take(reader, writer.head - 1));
          if (chance === 9) {
            items.push(...take(reader));
            same(items, expected.slice(0, writer.head));
          }
        }
        writer.close();
        items.push(...take(reader));
        same(items, expected);
        expect(reader.tally).toEqual(writer.tally);
        expect(reader.problems).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("names every change of a byte, and every frame that is taken out, doubled or moved", () => {
    fc.assert(
      fc.property(
        entries,
        fc.infiniteStream(fc.nat(8)),
        fc.nat(),
        fc.nat(),
        fc.constantFrom("flip", "cut", "delete", "double", "swap"),
        (list, chances, place, other, what) => {
          const fs = record(list, chances);
          const paths = files(fs);
          const path = paths[place % paths.length]!;
          const bytes = Buffer.from(fs.readFileSync(path) as Buffer);
          const changed = change(bytes, what, other);
          if (changed === null || changed.equals(bytes)) return;
          fs.writeFileSync(path, changed);
          const { items, problems } = read(fs);
          const expected = numbered(list);
          for (const item of items) same(item, expected[item.position]);
          expect(new Set(items.map(({ position }) => position)).size).toBe(items.length);
          // A log that was cut between two frames is a shorter one.
          if (what !== "cut") expect(problems).not.toEqual([]);
        },
      ),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it("loses of the other episodes nothing where a record is damaged", () => {
    const { fs } = memoryDisk();
    const writer = new LogWriter(LOG, { fs });
    const lists = [largeEpisode(40, "a"), largeEpisode(40, "b"), largeEpisode(40, "c")];
    let offset = 0;
    for (let at = 0; at < 42; at++) {
      for (const [which, list] of lists.entries()) {
        if (at === 10 && which === 1) {
          writer.write();
          offset = fs.statSync(`${LOG}/000001.epl`).size;
        }
        writer.append(list[at]!);
      }
    }
    writer.close();
    const bytes = fs.readFileSync(`${LOG}/000001.epl`) as Buffer;
    bytes[offset + 20]! ^= 1;
    fs.writeFileSync(`${LOG}/000001.epl`, bytes);
    const { items } = read(fs);
    const kept = (key: string): StreamRecord[] =>
      items.flatMap(({ record: item }) => ("episode" in item && item.episode === key ? [item] : []));
    expect([kept("a"), kept("c")]).toEqual([lists[0], lists[2]]);
    // The steps behind it were coded against what is lost; the end stands on its own feet.
    expect(kept("b").length).toBeGreaterThanOrEqual(10);
    expect(kept("b").length).toBeLessThan(42);
  });

  it("ends for its readers before a torn tail, which a writer that goes on cuts off", () => {
    const { fs } = memoryDisk();
    const [start, ...steps] = paintingEpisode() as [EpisodeRecord, ...EpisodeRecord[]];
    const writer = new LogWriter(LOG, { fs });
    writer.append(start);
    writer.append(steps[0]!);
    writer.close();
    fs.appendFileSync(`${LOG}/000001.epl`, Buffer.from([70, 0, 0, 0, 1, 2, 3, 4, 0x10, 2]));
    expect(read(fs)).toMatchObject({ problems: ["torn-tail"], items: [{ position: 0 }, { position: 1 }] });
    const next = LogWriter.resume(LOG, { fs })!;
    expect(next.numberOf("painting")).toBe(1);
    for (const step of steps.slice(1)) next.append(step);
    next.close();
    const { items, problems } = read(fs);
    expect(problems).toEqual([]);
    expect(items.map(({ record: item }) => item)).toEqual([start, ...steps]);
  });

  it("says before which record others were lost, and the next step of the episode says its grid", () => {
    const { fs } = memoryDisk();
    const [start, first, second, third, ...rest] = paintingEpisode() as (EpisodeRecord & { type: "step" })[];
    const writer = new LogWriter(LOG, { fs });
    writer.append(start!);
    writer.append(first!);
    writer.dropped(second!);
    writer.droppedUnseen({ metrics: 2 });
    writer.append({ type: "metrics", seq: 50, time: 6, step: 1, values: { loss: 0.5 } });
    for (const item of [third!, ...rest]) writer.append(item);
    writer.close();
    const { items } = read(fs);
    expect(items.map(({ lost }) => lost)).toEqual([
      null,
      null,
      { step: 1, metrics: 2 },
      ...rest.map(() => null),
      null,
    ]);
    expect(items[3]!.record).toEqual({ ...third, before: second!.after });
  });

  it("survives short writes, interruptions and a full disk", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(9)), (list, chances) => {
        const disk = faultyFs(memoryDisk().fs, (call) => {
          if (call !== "writeSync" && call !== "openSync") return undefined;
          const chance = chances.next().value as number;
          if (chance === 0) return "ENOSPC";
          if (call === "openSync") return undefined;
          return chance === 1 ? "EINTR" : chance < 6 ? 9 : undefined;
        });
        const writer = new LogWriter(LOG, { fs: disk.fs, segmentBytes: 700 });
        const expected = numbered(list);
        for (const { record: item, decisions: decided } of list) {
          writer.append(item, decided);
          attempt(() => writer.write());
          const { rule } = disk;
          disk.rule = () => undefined;
          if (writer.head > 0) same(read(disk.fs).items, expected.slice(0, writer.head));
          disk.rule = rule;
        }
        for (let tries = 0; writer.bufferedBytes > 0 && tries < 1000; tries++) attempt(() => writer.write());
        disk.rule = () => undefined;
        writer.close();
        same(read(disk.fs), { items: expected, problems: [] });
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it("goes on in another directory with all that it has", () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat(9)), fc.nat(), (list, chances, seed) => {
        const { fs } = memoryDisk();
        const writer = new LogWriter("/old/log", { fs, segmentBytes: 600 });
        const moves = seed % list.length;
        for (const [at, { record: item, decisions: decided }] of list.entries()) {
          writer.append(item, decided);
          if ((chances.next().value as number) > 4) writer.write();
          if (at === moves) expect(writer.moveTo(LOG)).toBe(true);
        }
        writer.close();
        same(read(fs), { items: numbered(list), problems: [] });
        expect(LogWriter.resume(LOG, { fs })!.next).toBe(list.length);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it("begins again in another directory where the old one cannot be read", () => {
    const disk = faultyFs(memoryDisk().fs);
    const writer = new LogWriter("/old/log", { fs: disk.fs });
    const [start, ...steps] = paintingEpisode() as [EpisodeRecord, ...(EpisodeRecord & { type: "step" })[]];
    writer.append(start);
    writer.append(steps[0]!);
    writer.write();
    writer.append(steps[1]!);
    disk.rule = (call, args) =>
      call === "readSync" || (call === "openSync" && String(args[0]).startsWith("/old")) ? "EIO" : undefined;
    expect(writer.moveTo(LOG)).toBe(false);
    disk.rule = () => undefined;
    for (const step of steps.slice(2)) writer.append(step);
    writer.close();
    const { items, problems } = read(disk.fs);
    expect(problems).toEqual([]);
    expect(items.map(({ position, episode }) => [position, episode])).toEqual(
      [3, 4, 5, 6, 7, 8].map((position) => [position, 1]),
    );
    expect(items[0]).toMatchObject({ record: start, lost: { step: 1 } });
    expect(items[1]!.record).toEqual({ ...steps[2]!, before: steps[1]!.after });
    expect(items.slice(2).map(({ record: item }) => item)).toEqual(steps.slice(3));
  });

  it("refuses steps of an episode that is not open", () => {
    const writer = new LogWriter(LOG, { fs: memoryDisk().fs });
    expect(() => writer.append(paintingEpisode()[1]!)).toThrow(
      expect.objectContaining({ code: "LOG_EPISODE_UNKNOWN" }),
    );
    expect(writer.next).toBe(0);
  });
});

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // It is tried again.
  }
}

const HEADER_BYTES = 40;

function change(bytes: Buffer, what: string, seed: number): Buffer | null {
  const frames: [number, number][] = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32LE(at);
    frames.push([at, end]);
    at = end;
  }
  const pick = seed % frames.length;
  const [from, to] = frames[pick]!;
  const [nextFrom, nextTo] = frames[(pick + 1) % frames.length]!;
  const frame = bytes.subarray(from, to);
  switch (what) {
    case "flip": {
      const changed = Buffer.from(bytes);
      changed[seed % bytes.length]! ^= 1 << (seed % 8);
      return changed;
    }
    case "cut":
      return bytes.subarray(0, seed % bytes.length);
    case "delete":
      // The last frame of a log is missing without a trace.
      return pick === frames.length - 1 ? null : Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    case "double":
      return Buffer.concat([bytes.subarray(0, to), frame, bytes.subarray(to)]);
    default:
      if (nextFrom < from) return null;
      return Buffer.concat([
        bytes.subarray(0, from),
        bytes.subarray(nextFrom, nextTo),
        frame,
        bytes.subarray(nextTo),
      ]);
  }
}
