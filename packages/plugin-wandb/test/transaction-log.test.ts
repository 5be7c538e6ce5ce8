import type { FileSystem } from "@episcope/records/store";
import { memoryDisk } from "@episcope/testing/memory-disk";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
// Inside: the format to the byte; the door writes whole runs.
import { LogFile } from "../src/format/log-file.js";
import { ProtobufWriter } from "../src/format/protobuf-writer.js";
import {
  BLOCK_SIZE,
  frameRecords,
  LOG_HEADER,
  readAtFrom,
  readRecords,
} from "../src/format/transaction-log.js";
import { encodeRecord, type WandbRecord } from "../src/format/wandb-records.js";
import { recoverLog } from "../src/index.js";

/** Accepted by the official reader, byte for byte as its writer would have it. */
const FIVE_RECORDS = Buffer.from(
  `3a572642e1be00eb4b650d1700010801aa01120a100a06302e32382e331206302e37302e303701f32d32000108028a01
2d0a0861626331323334351a0170220c0a0a0a026c72820103302e315201748a010c08a0b480d8061080cab5ee0169fb
4ffe5b0001080312570a0c0a046c6f7373820103302e350a0b0a036e616e8201034e614e0a0b0a055f73746570820101
300a1b0a0a5f74696d657374616d7082010c313739353136383830302e350a0e0a085f72756e74696d65820101301200
503279621f000108041a1b0a0c0a046c6f7373820103302e350a0b0a055f73746570820101302a94bc9a050001080592
0100`.replaceAll("\n", ""),
  "hex",
);

const RECORDS: WandbRecord[] = [
  { kind: "header", producer: "0.28.3", minConsumer: "0.70.0" },
  {
    kind: "run",
    runId: "abc12345",
    entity: null,
    project: "p",
    group: null,
    jobType: null,
    notes: null,
    displayName: "",
    tags: ["t"],
    config: [{ key: "lr", json: "0.1" }],
    startTime: { seconds: 1795168800, nanos: 500000000 },
  },
  {
    kind: "history",
    step: 0,
    items: [
      { key: "loss", json: "0.5" },
      { key: "nan", json: "NaN" },
      { key: "_step", json: "0" },
      { key: "_timestamp", json: "1795168800.5" },
      { key: "_runtime", json: "0" },
    ],
  },
  {
    kind: "summary",
    items: [
      { key: "loss", json: "0.5" },
      { key: "_step", json: "0" },
    ],
  },
  { kind: "exit", exitCode: 0, runtime: 0 },
];

function encodeAll(records: readonly WandbRecord[]): Uint8Array[] {
  const writer = new ProtobufWriter(16);
  return records.map((record, index) => encodeRecord(writer, index + 1, record));
}

function logOf(records: readonly Uint8Array[]): Buffer {
  return Buffer.concat([LOG_HEADER, frameRecords(records, LOG_HEADER.length)]);
}

function read(bytes: Uint8Array): { records: Uint8Array[]; offset: number; problem: string | null } {
  const reader = readRecords(readAtFrom(bytes));
  const records: Uint8Array[] = [];
  for (;;) {
    const next = reader.next();
    if (next.done) return { records, ...next.value };
    records.push(Uint8Array.from(next.value));
  }
}

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + length) % 256);
}

function diskWith(bytes: Uint8Array): FileSystem {
  const { fs } = memoryDisk();
  fs.writeFileSync("/log", bytes);
  return fs;
}

describe("the transaction log", () => {
  it("encodes and frames five records to the bytes that the official reader accepted", () => {
    expect(logOf(encodeAll(RECORDS)).toString("hex")).toBe(FIVE_RECORDS.toString("hex"));
  });

  it("writes a pair of strings as a message of two strings, short or long, of any letters", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.constant("x".repeat(200)),
    );
    const pairs = fc.array(fc.tuple(text, text), { maxLength: 12 });
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 200 }), (some, field) => {
        const [short, long] = [new ProtobufWriter(1), new ProtobufWriter(1)];
        for (const [key, value] of some) {
          short.stringPair(field, [1, key], [16, value]);
          long.message(field, (pair) => pair.string(1, key).string(16, value));
        }
        expect(Buffer.from(short.finish())).toEqual(Buffer.from(long.finish()));
      }),
      { numRuns: 300 },
    );
  });

  it("frames a record without bytes as one empty full chunk", () => {
    expect(Buffer.from(frameRecords([new Uint8Array(0)], 7)).toString("hex")).toBe("1bdf05a5000001");
  });

  it("frames and reads a record that begins at every distance of 0 to 14 bytes from a block's end", () => {
    for (let left = 0; left <= 14; left += 1) {
      const filler = bytesOf(BLOCK_SIZE - LOG_HEADER.length - 7 - left);
      const records = [filler, bytesOf(3), bytesOf(0), bytesOf(40)];
      const log = logOf(records);
      expect(read(log)).toEqual({ records, offset: log.length, problem: null });
      const wholeBlocks = left < 7 ? BLOCK_SIZE : BLOCK_SIZE - left;
      expect(log[wholeBlocks + 6], `${left} bytes left`).toBe(left === 7 ? 2 : left > 7 && left < 10 ? 2 : 1);
    }
  });

  it("puts an empty first chunk where exactly 7 bytes are left, as the official writers do", () => {
    const log = logOf([bytesOf(BLOCK_SIZE - 7 - 7 - 7), bytesOf(5)]);
    expect([log[BLOCK_SIZE - 3], log[BLOCK_SIZE - 2], log[BLOCK_SIZE - 1]]).toEqual([0, 0, 2]);
    expect(log[BLOCK_SIZE + 6]).toBe(4);
  });

  it("splits records above 32 KiB and above 64 KiB into first, middle and last chunks", () => {
    const records = [bytesOf(40_000), bytesOf(70_000), bytesOf(200_000), bytesOf(1)];
    const log = logOf(records);
    expect(read(log)).toEqual({ records, offset: log.length, problem: null });
    expect(log[13]).toBe(2);
    expect(log[2 * BLOCK_SIZE + 6]).toBe(3);
  });

  it("gives the same bytes whether records are framed at once or one by one, and when what was read is framed again", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 8 }), (lengths) => {
        const records = lengths.map(bytesOf);
        const log = logOf(records);
        let single: Buffer = Buffer.from(LOG_HEADER);
        for (const record of records) single = Buffer.concat([single, frameRecords([record], single.length)]);
        expect(single.equals(log)).toBe(true);
        expect(logOf(read(log).records).equals(log)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("stops before a flipped bit, whichever byte it is in", () => {
    const log = logOf(encodeAll(RECORDS));
    const whole = read(log).records;
    for (let index = 0; index < log.length; index += 1) {
      const damaged = Buffer.from(log);
      damaged[index] = damaged[index]! ^ 0x10;
      const { records, problem } = read(damaged);
      expect(problem).not.toBeNull();
      expect(whole.slice(0, records.length)).toEqual(records);
    }
  });
});

describe("recovery", () => {
  const small = encodeAll(RECORDS);
  const atBlockEnd = [bytesOf(BLOCK_SIZE - 7 - 7 - 80), bytesOf(60), bytesOf(90)];
  for (const [name, records] of [
    ["small records", small],
    ["records across a block's end", atBlockEnd],
  ] as const) {
    it(`cuts a log that ends anywhere in its last two records, to the byte: ${name}`, () => {
      const log = logOf(records);
      const kept = logOf(records.slice(0, -2));
      const oneMore = logOf(records.slice(0, -1));
      for (let size = kept.length; size <= log.length; size += 1) {
        const fs = diskWith(log.subarray(0, size));
        const expected = size === log.length ? log : size >= oneMore.length ? oneMore : kept;
        const recovery = recoverLog(fs, "/log");
        expect(Buffer.from(fs.readFileSync("/log")).equals(expected), `cut at ${size}`).toBe(true);
        expect(recovery.cutBytes).toBe(size - expected.length);
        expect(recovery.problem === null).toBe(size === expected.length);
      }
    });
  }

  it("notes the exit of a run that is known to be over, once", () => {
    const fs = diskWith(logOf(small.slice(0, 4)));
    expect(recoverLog(fs, "/log", { exitCode: 1 })).toMatchObject({
      records: 4,
      cutBytes: 0,
      addedExit: true,
    });
    expect(recoverLog(fs, "/log", { exitCode: 1 })).toMatchObject({ records: 5, addedExit: false });
    expect(Buffer.from(read(fs.readFileSync("/log")).records[4]!).toString("hex")).toBe(
      "0805920102" + "0801",
    );
  });

  it("cuts a tail of zeros, which a loss of power leaves", () => {
    const log = logOf(small);
    const fs = diskWith(Buffer.concat([log, Buffer.alloc(5000)]));
    expect(recoverLog(fs, "/log")).toMatchObject({ records: 5, cutBytes: 5000 });
  });

  it("leaves nothing of a file that is no W&B log, and says why", () => {
    const fs = diskWith(Buffer.from("something else"));
    expect(recoverLog(fs, "/log").problem).toMatch(/header/);
  });
});

describe("a log file", () => {
  it("never overwrites a file", () => {
    const fs = diskWith(Buffer.from("mine"));
    expect(() => LogFile.create(fs, "/log")).toThrow(/EEXIST/);
    expect(fs.readFileSync("/log", "utf8")).toBe("mine");
  });

  it("writes a batch with one call, and cuts what a failed call left behind", () => {
    const fs = diskWith(new Uint8Array(0));
    let calls = 0;
    let room = Number.POSITIVE_INFINITY;
    const full: FileSystem = Object.create(fs, {
      writeSync: {
        value: (descriptor: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
          calls += 1;
          if (room === 0) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
          const taken = Math.min(room, length);
          room -= taken;
          return fs.writeSync(descriptor, bytes, offset, taken, position);
        },
      },
    });
    const log = LogFile.create(full, "/new");
    log.append([bytesOf(10), bytesOf(20)]);
    expect(calls).toBe(2);
    const before = Buffer.from(fs.readFileSync("/new"));
    room = 5;
    expect(() => log.append([bytesOf(30)])).toThrowError(
      expect.objectContaining({ code: "WANDB_LOG_NOT_WRITTEN" }),
    );
    expect(Buffer.from(fs.readFileSync("/new")).equals(before)).toBe(true);
    room = Number.POSITIVE_INFINITY;
    log.append([bytesOf(30)]);
    expect(read(fs.readFileSync("/new"))).toMatchObject({
      records: [bytesOf(10), bytesOf(20), bytesOf(30)],
      problem: null,
    });
  });
});
