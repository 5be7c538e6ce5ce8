import { inflateSync } from "node:zlib";
import { randomNumbers } from "@episcope/records/testing";
import fc from "fast-check";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
// Inside: the door draws scenes; no scene makes every run, letter and code length.
import { BlockWriter } from "../src/encode/block-writer.js";
import { PrefixCodeBuilder } from "../src/encode/huffman.js";
import { indexedHeader, paletteChunk, pngChunk, pngFile } from "../src/encode/png-chunks.js";
import { ScanlineEncoder } from "../src/encode/scanline-encoder.js";
import { ColoredText } from "../src/raster/colored-text.js";
import { LinePlan, type PaintedLine, type PlacedText } from "../src/raster/line-plan.js";

const line = (width: number) =>
  fc
    .array(fc.record({ value: fc.integer({ min: 0, max: 255 }), count: fc.integer({ min: 1, max: 700 }) }), {
      minLength: 1,
      maxLength: 40,
    })
    .map((runs) => {
      const bytes = new Uint8Array(width);
      let at = 0;
      for (const { value, count } of runs) {
        bytes.fill(value, at, Math.min(width, at + count));
        at += count;
      }
      return bytes;
    });

const picture = fc.integer({ min: 1, max: 1200 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    lines: fc.array(
      fc.record({
        bytes: fc.oneof(line(width), fc.uint8Array({ minLength: width, maxLength: width, max: 3 })),
        repeat: fc.integer({ min: 1, max: 40 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  }),
);

describe("the scanline encoder", () => {
  it("gives a PNG that holds exactly the lines it was told, repeated ones included", () => {
    const encoder = new ScanlineEncoder();
    fc.assert(
      fc.property(picture, ({ width, lines }) => {
        const height = lines.reduce((sum, { repeat }) => sum + repeat, 0);
        encoder.begin(width, []);
        for (const { bytes, repeat } of lines) encoder.lines(painted(bytes, repeat));
        const colors = new Uint8Array(768);
        for (let i = 0; i < 256; i++) colors.set([i, 255 - i, i ^ 0x55], 3 * i);
        const file = pngFile([
          indexedHeader(width, height),
          paletteChunk(colors),
          pngChunk("IDAT", encoder.finish()),
        ]);
        const { data } = PNG.sync.read(Buffer.from(file));
        let y = 0;
        for (const { bytes, repeat } of lines)
          for (let i = 0; i < repeat; i++, y++)
            for (let x = 0; x < width; x++)
              if (data[4 * (y * width + x)] !== bytes[x]) throw new Error(`pixel ${x}, ${y} differs`);
      }),
      { numRuns: 60 },
    );
  });

  it("gives a PNG that holds its texts, in narrow pictures and in wide ones, one after another", () => {
    const encoder = new ScanlineEncoder();
    const next = randomNumbers(5);
    const below = (limit: number) => Math.floor(next() * limit);
    const texts = Array.from({ length: 12 }, () => {
      const [width, height] = [1 + below(90), 1 + below(20)];
      // Rows that resemble the one above, as rows of letters do.
      const pixels = new Uint8Array(width * height);
      for (let i = 0; i < pixels.length; i++) {
        const above = i >= width && below(3) > 0;
        pixels[i] = above ? pixels[i - width]! : below(3) > 0 ? 0 : below(4);
      }
      return new ColoredText(width, height, pixels, 0);
    });
    for (const width of [300, 5000, 317, 4095, 4096]) {
      const height = 60;
      const plan = new LinePlan(width, height);
      const expected = new Uint8Array(width * height);
      const placed: PlacedText[] = [];
      for (const text of texts) {
        const [left, top] = [below(width - text.width), below(height - text.height)];
        const box = { left, top, right: left + text.width, bottom: top + text.height };
        const free = placed.every(
          (other) =>
            other.left >= box.right ||
            other.right <= box.left ||
            other.top >= box.bottom ||
            other.bottom <= box.top,
        );
        if (!free) continue;
        placed.push({ ...box, text });
        plan.addText({ ...box, pieces: [{ ...box, text }] });
        for (let row = 0; row < text.height; row++) {
          const line = expected.subarray((top + row) * width, (top + row + 1) * width);
          text.paintRow(row, line, left);
        }
      }
      expect(placed.length).toBeGreaterThan(3);
      encoder.begin(width, plan.texts);
      plan.forEachLine((line) => encoder.lines(line));
      const data = inflateSync(encoder.finish());
      const lines = Array.from({ length: height }, (_, y) =>
        data.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)),
      );
      const filters = Array.from({ length: height }, (_, y) => data[y * (width + 1)]);
      lines.forEach((line, y) => {
        const wanted = expected.subarray(y * width, (y + 1) * width);
        const above = y === 0 ? new Uint8Array(width) : expected.subarray((y - 1) * width, y * width);
        const shown = filters[y] === 2 ? above : line;
        if (Buffer.compare(shown, wanted) !== 0) throw new Error(`line ${y} of ${width} pixels differs`);
      });
    }
  });

  it("finds the pixels of a letter again when they come back in the same line", () => {
    const size = (letters: Uint8Array) => {
      const encoder = new ScanlineEncoder();
      encoder.begin(letters.length, []);
      encoder.lines(painted(letters, 1));
      return encoder.finish().length;
    };
    const next = randomNumbers(1);
    const letter = Uint8Array.from({ length: 30 }, () => 1 + Math.floor(next() * 200));
    const repeated = Uint8Array.from({ length: 900 }, (_, i) => letter[i % 30]!);
    const different = Uint8Array.from({ length: 900 }, () => 1 + Math.floor(next() * 200));
    expect(size(repeated)).toBeLessThan(size(different) / 5);
  });

  it("needs less than a byte for each line of an empty area", () => {
    const encoder = new ScanlineEncoder();
    encoder.begin(1000, []);
    encoder.lines(painted(new Uint8Array(1000), 600));
    expect(encoder.finish().length).toBeLessThan(640);
  });
});

describe("the block writer", () => {
  it("writes blocks that zlib unpacks, at every length and distance", () => {
    const block = new BlockWriter();
    block.begin();
    const expected: number[] = [];
    for (let i = 0; i < 40000; i++) {
      block.literal((i * 7919) % 256);
      expected.push((i * 7919) % 256);
    }
    for (const distance of [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 24, 25, 193, 257, 1000, 8193, 24577, 32768])
      for (let length = 3; length <= 258; length++) {
        block.match(length, distance);
        for (let i = 0; i < length; i++) expected.push(expected[expected.length - distance]!);
      }
    const stream = Buffer.concat([Uint8Array.of(0x78, 0x01), block.finish(), adler(expected)]);
    expect(inflateSync(stream).equals(Buffer.from(expected))).toBe(true);
  });

  it("writes a block of one byte", () => {
    const block = new BlockWriter();
    block.begin();
    block.literal(7);
    const stream = Buffer.concat([Uint8Array.of(0x78, 0x01), block.finish(), adler([7])]);
    expect([...inflateSync(stream)]).toEqual([7]);
  });
});

describe("code lengths", () => {
  const builder = new PrefixCodeBuilder();

  it("are complete and within the limit for any counts", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1 << 24 })), {
          minLength: 2,
          maxLength: 286,
        }),
        fc.constantFrom(9, 15),
        (counts, limit) => {
          const lengths = builder.lengths(Int32Array.from(counts), limit);
          const used = counts.filter((count) => count > 0).length;
          let sum = 0;
          lengths.forEach((length, symbol) => {
            expect(length > 0).toBe(counts[symbol]! > 0);
            expect(length).toBeLessThanOrEqual(limit);
            if (length > 0) sum += 2 ** -length;
          });
          if (used > 1) expect(sum).toBe(1);
        },
      ),
    );
  });

  it("stay within the limit where counts grow like Fibonacci's numbers", () => {
    const counts = [1, 1];
    while (counts.length < 30) counts.push(counts.at(-1)! + counts.at(-2)!);
    expect(Math.max(...builder.lengths(Int32Array.from(counts), 15))).toBe(15);
    expect(Math.max(...builder.lengths(Int32Array.from(counts.slice(0, 19)), 7))).toBe(7);
  });
});

/** A line without glyphs; its pixels stand at the start of a buffer that is a multiple of four bytes long. */
function painted(bytes: Uint8Array, repeat: number): PaintedLine {
  const buffer = new Uint8Array((bytes.length + 3) & ~3);
  buffer.set(bytes);
  const pixels = buffer.subarray(0, bytes.length);
  return { y: 0, repeat, pixels, repainted: true, texts: [] };
}

function adler(bytes: readonly number[]): Uint8Array {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  const result = new Uint8Array(4);
  new DataView(result.buffer).setUint32(0, b * 65536 + a);
  return result;
}
