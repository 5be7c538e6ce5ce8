import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import type { EpisodeRecord, StreamRecord } from "@episcope/records";
import type { FileSystem, JournalIndex } from "@episcope/records/store";
import { JournalReader, JournalWriter, sealJournal } from "@episcope/records/store";
import { largeEpisode, sampleEpisodes } from "@episcope/records/testing";
import { memoryDisk } from "@episcope/testing/memory-disk";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { episode, stream } from "./arbitrary-records.js";

// Properties run many cases; machines that run other tests beside them are slow.
vi.setConfig({ testTimeout: 60_000 });

const PATH = "/journal.epi";

function write(records: readonly StreamRecord[], fs: FileSystem = memoryDisk().fs): FileSystem {
  const writer = new JournalWriter(PATH, { fs });
  for (const record of records) writer.append(record);
  writer.close();
  return fs;
}

function read(fs: FileSystem): { records: StreamRecord[]; reader: JournalReader } {
  const reader = new JournalReader(PATH, { fs });
  const records = [...reader.records()];
  reader.close();
  return { records, reader };
}

function withBytes(bytes: Uint8Array): FileSystem {
  const fs = memoryDisk().fs;
  fs.writeFileSync(PATH, bytes);
  return fs;
}

function bytesOf(fs: FileSystem): Buffer {
  return fs.readFileSync(PATH) as Buffer;
}

describe("a journal", () => {
  it("gives back every record with every value, open and sealed", () => {
    fc.assert(
      fc.property(stream, fc.boolean(), (records, compression) => {
        const fs = write(records);
        expectSame(read(fs).records, records);
        sealJournal(PATH, { fs, compression });
        const { records: sealed, reader } = read(fs);
        expectSame(sealed, records);
        expect(reader.problems).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("gives back the sample episodes", () => {
    for (const { records } of sampleEpisodes()) {
      const fs = write(records);
      expectSame(read(fs).records, records);
      sealJournal(PATH, { fs });
      expectSame(read(fs).records, records);
    }
  });

  it("finds each step by its number, open and sealed, with the grid before it", () => {
    const records = largeEpisode(300);
    const fs = write(records);
    for (const seal of [false, true]) {
      if (seal) sealJournal(PATH, { fs });
      using reader = new JournalReader(PATH, { fs });
      expect(reader.sealed).toBe(seal);
      expect(reader.count).toBe(records.length);
      for (const step of [0, 1, 63, 64, 65, 128, 299]) {
        const found = reader.step(step);
        expectSame(found?.record, records[step + 1]);
        const previous = records[step] as EpisodeRecord;
        expectSame(found?.before, previous.type === "step" ? previous.after : largeStart(records));
      }
      expect(reader.step(300)).toBeUndefined();
    }
  });

  it("finds any step of any episode, as reading it whole does", () => {
    fc.assert(
      fc.property(episode("e", 12), fc.boolean(), (records, seal) => {
        const fs = write(records);
        if (seal) sealJournal(PATH, { fs });
        using reader = new JournalReader(PATH, { fs });
        const entries = [...reader.entries()].filter(({ record }) => record.type === "step");
        for (const [step, { record, before }] of entries.entries()) {
          expectSame(reader.step(step), { record, before });
          expectSame(reader.stepsUpTo(step)?.steps.at(-1), record);
        }
        expect(reader.step(entries.length)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  it("reads all whole records of every prefix", () => {
    const records = largeEpisode(70).concat(sampleEpisodes()[1]!.records);
    const fs = memoryDisk().fs;
    const writer = new JournalWriter(PATH, { fs });
    const ends = records.map((record) => {
      writer.append(record);
      return writer.size;
    });
    writer.close();
    const bytes = bytesOf(fs);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = ends.filter((end) => end <= cut).length;
      const { records: got, reader } = read(withBytes(bytes.subarray(0, cut)));
      expect(got.length).toBe(whole);
      const atBoundary = cut === 0 || cut === 40 || ends.includes(cut);
      expect(reader.problems.map(({ kind }) => kind)).toEqual(atBoundary ? [] : ["torn-tail"]);
      if (!atBoundary)
        expect(reader.problems[0]!.offset).toBe(whole > 0 ? ends[whole - 1] : cut < 40 ? 0 : 40);
    }
  });

  it("never gives a wrong record after a flipped bit, and notices each", () => {
    const records = largeEpisode(150);
    const open = bytesOf(write(records));
    const fs = write(records);
    sealJournal(PATH, { fs });
    for (const bytes of [open, bytesOf(fs)]) {
      fc.assert(
        fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
          const damaged = Uint8Array.from(bytes);
          damaged[bit >> 3]! ^= 1 << (bit & 7);
          const { records: got, reader } = read(withBytes(damaged));
          expect(reader.problems.length).toBeGreaterThan(0);
          let at = -1;
          for (const record of got) {
            at = records.findIndex((original, index) => index > at && original.seq === record.seq);
            expectSame(record, records[at]);
          }
          expect(records.length - got.length).toBeLessThanOrEqual(67);
        }),
        { numRuns: 150 },
      );
    }
  });

  it("makes a missing or wrong index again", () => {
    const records = largeEpisode(200);
    const fs = write(records);
    sealJournal(PATH, { fs });
    const bytes = bytesOf(fs);
    using whole = new JournalReader(PATH, { fs });
    const { index } = whole;
    const cut = withBytes(bytes.subarray(0, bytes.length - 20));
    using reader = new JournalReader(PATH, { fs: cut });
    expect(structuredIndex(reader.index)).toEqual(structuredIndex(index));
    expectSame(reader.step(150)?.record, records[151]);
    expect(read(cut).reader.problems.map(({ kind }) => kind)).toContain("index");
  });

  it("makes the index again where only its details are damaged", () => {
    const records = largeEpisode(200);
    const fs = write(records);
    sealJournal(PATH, { fs });
    const bytes = Buffer.from(bytesOf(fs));
    using whole = new JournalReader(PATH, { fs });
    const expected = structuredIndex(whole.index);
    // The byte before the trailer is the last of the details.
    bytes[bytes.length - 17]! ^= 1;
    const damaged = withBytes(bytes);
    using reader = new JournalReader(PATH, { fs: damaged });
    expect(structuredIndex(reader.index)).toEqual(expected);
    expect(read(damaged).reader.problems.map(({ kind }) => kind)).toContain("index");
  });

  it("seals a long episode in rows that find each step", () => {
    const [start, ...steps] = largeEpisode(40);
    const many = Array.from({ length: 5000 }, (_, step) => ({
      ...(steps[step % 40] as StreamRecord & { type: "step" }),
      seq: step + 1,
      // A gap, as after a producer's crash: the wanted step is then not there.
      step: step < 3000 ? step : step + 7,
    }));
    const fs = write([start!, ...many]);
    sealJournal(PATH, { fs });
    using reader = new JournalReader(PATH, { fs });
    expect(reader.index.segments.length).toBe(Math.ceil(5000 / 64));
    for (const step of [0, 63, 64, 2999, 3007, 4000, 5006]) expect(reader.step(step)?.record.step).toBe(step);
    for (const step of [3000, 3006, 5007]) expect(reader.step(step)).toBeUndefined();
  });

  it("refuses the future, and what is no journal", () => {
    const bytes = bytesOf(write(largeEpisode(1)));
    expect(() => read(withBytes(new TextEncoder().encode("{}\n".repeat(30))))).toThrow(
      expect.objectContaining({ code: "JOURNAL_NOT_RECOGNISED" }),
    );
    const future = withBytes(futureHeader(bytes));
    expect(() => read(future)).toThrow(
      expect.objectContaining({
        code: "JOURNAL_VERSION_UNSUPPORTED",
        message: expect.stringContaining("needs a reader of format version 9"),
      }),
    );
  });

  it("refuses what cannot be encoded and goes on unharmed", () => {
    const [start, step, ...rest] = largeEpisode(3) as EpisodeRecord[];
    const fs = memoryDisk().fs;
    const writer = new JournalWriter(PATH, { fs });
    writer.append(start!);
    const bad = { ...step, info: { known: "text", call: () => 1 } } as unknown as StreamRecord;
    expect(() => writer.append(bad)).toThrow(expect.objectContaining({ code: "RECORD_VALUE_UNSUPPORTED" }));
    for (const record of [step!, ...rest]) writer.append(record);
    expect(writer.appended).toBe(5);
    writer.close();
    expectSame(read(fs).records, [start, step, ...rest]);
  });

  it("does not compress where it is told so", () => {
    const records = largeEpisode(200);
    const [small, large] = [true, false].map((compression) => {
      const fs = write(records);
      return sealJournal(PATH, { fs, compression }).bytes;
    });
    expect(large!).toBeGreaterThan(small! * 1.2);
  });

  it("survives short writes, interruptions and a full disk", () => {
    fc.assert(
      fc.property(episode("e", 20), fc.infiniteStream(fc.nat(9)), (records, chances) => {
        const fs = memoryDisk().fs;
        const writer = new JournalWriter(PATH, { fs: unreliable(fs, chances) });
        const kept: StreamRecord[] = [];
        for (const record of records) {
          writer.append(record);
          kept.push(record);
          try {
            writer.flush();
          } catch {
            if (chances.next().value > 5) kept.splice(kept.length - writer.discard());
          }
        }
        for (let tries = 0; writer.bufferedBytes > 0 && tries < 1000; tries++) {
          try {
            writer.flush();
          } catch {}
        }
        expect(writer.written).toBe(kept.length);
        writer.close();
        expectSame(read(fs).records, kept);
      }),
      { numRuns: 100 },
    );
  });
});

/** As `toStrictEqual`, but fast enough for properties: NaN equals NaN, -0 is not 0. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

function largeStart(records: readonly EpisodeRecord[]): unknown {
  const [start] = records;
  return start?.type === "episode-start" ? start.initial : null;
}

/** Plain data: what a stored index reads when it is asked. */
function structuredIndex({ records, steps, segments, keySteps }: JournalIndex): unknown {
  return {
    records,
    steps,
    keySteps,
    segments: Array.from({ length: segments.length }, (_, at) => {
      const { offset, firstStep, records, checkpoint } = segments.at(at);
      return { offset, firstStep, records, checkpoint };
    }),
  };
}

/** Writes a part, is interrupted, or fails for want of space. */
function unreliable(fs: FileSystem, chances: Iterator<number>): FileSystem {
  const writeSync = ((fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
    const chance = chances.next().value as number;
    if (chance === 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    if (chance === 1) throw Object.assign(new Error("interrupted"), { code: "EINTR" });
    const part = chance < 6 ? Math.max(1, length >> 1) : length;
    return fs.writeSync(fd, bytes, offset, part, position);
  }) as FileSystem["writeSync"];
  return Object.assign(Object.create(fs) as FileSystem, { writeSync });
}

function futureHeader(bytes: Uint8Array): Uint8Array {
  const changed = Buffer.from(bytes);
  changed.writeUInt16LE(9, 8);
  changed.writeUInt16LE(9, 10);
  changed.writeUInt32LE(crc32(changed.subarray(0, 36)), 36);
  return changed;
}
