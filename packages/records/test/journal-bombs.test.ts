import { crc32, deflateRawSync } from "node:zlib";
import { type FileSystem, JournalReader, JournalWriter, sealJournal } from "@episcope/records/store";
import { largeEpisode } from "@episcope/records/testing";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { describe, expect, it, vi } from "vitest";

// Making them takes most of the time.
vi.setConfig({ testTimeout: 60_000 });

const PATH = "/run_1/episode_0001/journal.epi";
const HEAD_BYTES = 40;
const BLOCK = 0x40;
const STEP = 3;
const SEGMENT_START = 0x80;

/** None is larger than a journal of some thousand steps. */
const FILE_BYTES = 300_000;

/** A sealed journal of version 1 with these blocks, each with the right checksum. */
function journalOf(blocks: Iterable<Uint8Array>): Uint8Array {
  const fs = memoryDisk().fs;
  const writer = new JournalWriter("/a.epi", { fs, episode: 1 });
  for (const record of largeEpisode(2)) writer.append(record);
  writer.close();
  sealJournal("/a.epi", { fs });
  const head = (fs.readFileSync("/a.epi") as Buffer).subarray(0, HEAD_BYTES);
  return Buffer.concat([head, ...blocks]);
}

function frame(body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(8 + body.length);
  bytes.writeUInt32LE(body.length, 0);
  bytes.set(body, 8);
  bytes.writeUInt32LE(crc32(body, crc32(bytes.subarray(0, 4))), 4);
  return bytes;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

function block(content: Uint8Array): Uint8Array {
  return frame(
    Buffer.concat([Uint8Array.from([BLOCK, 1, ...varint(content.length)]), deflateRawSync(content)]),
  );
}

function* times(piece: Uint8Array, bytes = FILE_BYTES): Generator<Uint8Array> {
  for (let left = bytes; left > piece.length; left -= piece.length) yield piece;
}

/** A step of 64 rows and columns, all black, and steps that leave them as they are; or each begins a segment of its own. */
function steps(count: number, restart = false): Uint8Array {
  const grid = [0x0a, 64, 64, ...new Array(2048).fill(0)];
  const first = [STEP | SEGMENT_START, 0, 1, ...grid, 0, 0, 1, 0x81, 1, 101, 0, 0, 0, 0, 0xb2, 0];
  const next = [STEP, 0, 0, 0, 0, 0, 0, 0, 0xb1, 0];
  const [one, other] = [first, next].map((body) => Buffer.from([...varint(body.length), ...body]));
  return Buffer.concat(Array.from({ length: count }, (_, at) => (at === 0 || restart ? one! : other!)));
}

function heads(): Uint8Array {
  const bytes = Buffer.alloc(FILE_BYTES);
  for (let at = 0; at + 9 < FILE_BYTES; at += 9) {
    bytes.writeUInt32LE(Math.max(1, FILE_BYTES - at - 40), at);
    bytes[at + 8] = STEP;
  }
  return bytes;
}

const BOMBS: Readonly<Record<string, () => Uint8Array>> = {
  "records of no bytes, without end": () => journalOf([block(Buffer.alloc(290 * 2 ** 20))]),
  "a block of 80 MiB of records of no bytes": () => journalOf([block(Buffer.alloc(80 * 2 ** 20))]),
  "blocks of records of one byte": () => journalOf(times(block(Buffer.alloc(20_000, 1)))),
  "a block of a million steps": () => journalOf([block(steps(1_000_000))]),
  "a block of segments": () => journalOf([block(steps(10_000, true))]),
  "a grid without bounds": () =>
    journalOf(
      times(
        block(Uint8Array.from([14, STEP | SEGMENT_START, 0, 1, 0x0a, ...varint(1e6), ...varint(1e6), 0, 0])),
      ),
    ),
  "bytes that look like heads of long frames": () => journalOf([heads()]),
};

describe("a journal of 300 kB that was made to cost much", () => {
  for (const [name, make] of Object.entries(BOMBS)) {
    it(`is read to its end with little work: ${name}`, () => {
      const bytes = make();
      expect(bytes.length).toBeLessThan(2 * FILE_BYTES);
      const { fs, work } = counted(bytes);
      using reader = new JournalReader(PATH, { fs });
      let records = 0;
      for (const _record of reader.records()) records += 1;
      const { problems } = reader;
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.length).toBeLessThan(FILE_BYTES / 10);
      expect(records).toBeLessThan(FILE_BYTES);
      expect(work.bytes).toBeLessThan(200 * FILE_BYTES);
    });
  }
});

/** What is read of the file, in bytes. */
function counted(bytes: Uint8Array): { readonly fs: FileSystem; readonly work: { bytes: number } } {
  const { fs } = memoryDisk();
  fs.mkdirSync("/run_1/episode_0001", { recursive: true });
  fs.writeFileSync(PATH, bytes);
  const work = { bytes: 0 };
  const readSync = (...call: unknown[]): number => {
    const count = (fs.readSync as (...args: unknown[]) => number).apply(fs, call);
    work.bytes += count;
    return count;
  };
  return {
    fs: new Proxy(fs, { get: (target, key) => (key === "readSync" ? readSync : Reflect.get(target, key)) }),
    work,
  };
}
