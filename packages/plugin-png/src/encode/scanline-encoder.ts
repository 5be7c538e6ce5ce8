import type { GlyphRow } from "../raster/glyph-row.js";
import type { LineGlyphs } from "../raster/line-glyphs.js";
import type { PaintedLine } from "../raster/line-plan.js";
import { BlockWriter } from "./block-writer.js";
import { distanceBits, distanceSymbol, MAX_MATCH, MIN_MATCH, WINDOW } from "./deflate-tables.js";

const ADLER = 65521;
const HASH_BITS = 13;
/** Value of the entry that ends each line in the list of runs; equal to no pixel. */
const LINE_END = 256;
/** Values from here on are glyph rows, which count as one run each. */
const FIRST_GLYPH = 257;
/** What a match costs in bits, about, but for the extra bits of its distance. */
const MATCH_BITS = 10;
/** What a pixel of a letter costs when it is written out, about. */
const GLYPH_BITS = 3;

/** So many pairs of ink and ground are remembered from picture to picture; a colour scheme has about ten. */
const MAX_PAIRS = 200;

/** A glyph row in its colours: its runs, and what it adds to the checksum. */
interface ColoredRow {
  /** The picture that it occurs in, and its number there. */
  picture: number;
  place: number;
  readonly values: Uint8Array;
  readonly counts: Uint8Array;
  readonly sum: number;
  readonly weight: number;
}

/**
 * Writes the zlib stream of a PNG with one byte a pixel, line by line, from lines that are painted once and
 * repeated. Lines are taken apart into runs of one colour, and everything after that works on runs: the checksum
 * has a closed form over a run, and earlier occurrences (the letter before, the row of cells above) are looked
 * for from run to run. A repeated line is stored with the filter Up, as a line of zeros. So nothing ever looks at
 * all the pixels of the picture.
 *
 * The encoder is used again for the next picture; what `finish` returns is a copy.
 */
export class ScanlineEncoder {
  private readonly block = new BlockWriter();
  private width = 0;
  private adlerA = 1;
  private adlerB = 0;
  /** Position in the unpacked stream. */
  private position = 0;
  /** All runs so far: where each starts in the unpacked stream, and its value; lines end with `LINE_END`. */
  private starts = new Int32Array(1 << 14);
  private values = new Int32Array(1 << 14);
  private runCount = 0;
  /** By `value - FIRST_GLYPH`: the glyph rows in their colours that this picture has. */
  private glyphs: ColoredRow[] = [];
  private picture = 0;
  /** All colours that glyph rows were ever written in, and by first shade those of this picture. */
  private readonly inColors = new Map<string, (ColoredRow | undefined)[]>();
  private readonly byShade: ((ColoredRow | undefined)[] | undefined)[] = new Array(256).fill(undefined);
  /** Runs of the last line that was painted, without glyphs, from the filter byte on. */
  private flatStarts = new Int32Array(0);
  private flatValues = new Uint8Array(0);
  private flatCount = 0;
  /** First runs of the last two lines that were painted; -1 before there are two. */
  private above = -1;
  private secondAbove = -1;
  private aboveHasText = false;
  /** The best match for the run in question: bits saved, bytes, distance. */
  private gain = 0;
  private length = 0;
  private distance = 0;
  /** Index + 1 of the last run with these three runs from it on. */
  private readonly heads = new Int32Array(1 << HASH_BITS);

  begin(width: number): void {
    this.width = width;
    this.adlerA = 1;
    this.adlerB = 0;
    this.position = 0;
    this.runCount = 0;
    this.above = -1;
    this.secondAbove = -1;
    this.aboveHasText = false;
    this.heads.fill(0);
    if (this.flatStarts.length < width + 2) {
      this.flatStarts = new Int32Array(width + 2);
      this.flatValues = new Uint8Array(width + 2);
    }
    this.glyphs = [];
    this.picture++;
    this.byShade.fill(undefined);
    if (this.inColors.size > MAX_PAIRS) this.inColors.clear();
    this.block.begin();
  }

  /** Lines of `width` pixels, from the top. */
  lines({ pixels, repainted, glyphs, repeat }: PaintedLine): void {
    if (repainted) this.scan(pixels);
    if (this.flatCount === 1 && glyphs.count === 0) {
      this.blank(repeat);
      return;
    }
    const first = this.runCount;
    while (first + this.flatCount + 2 * glyphs.count + 2 > this.starts.length) this.grow();
    if (glyphs.count > 0 !== this.aboveHasText) this.block.turn();
    this.aboveHasText = glyphs.count > 0;
    this.merge(glyphs);
    this.checksum(first);
    this.write(first);
    this.secondAbove = this.above;
    this.above = first;
    this.position += this.width + 1;
    if (repeat > 1) this.repeated(repeat - 1);
  }

  finish(): Uint8Array {
    const block = this.block.finish();
    const bytes = new Uint8Array(block.length + 6);
    bytes[0] = 0x78;
    bytes[1] = 0x01;
    bytes.set(block, 2);
    new DataView(bytes.buffer).setUint32(block.length + 2, this.adlerB * 65536 + this.adlerA);
    return bytes;
  }

  /**
   * Finds the runs of a line without its glyphs. The filter byte, 0, belongs to the first of them; where the line
   * does not begin with colour 0, that run is the filter byte alone.
   */
  private scan(pixels: Uint8Array): void {
    const { width, flatStarts, flatValues } = this;
    const words = new Uint32Array(pixels.buffer, pixels.byteOffset, (width + 3) >> 2);
    let count = 1;
    let value = 0;
    flatStarts[0] = 0;
    flatValues[0] = 0;
    let same = 0;
    for (let word = 0; word < words.length; word++) {
      if (words[word] === same) continue;
      const end = Math.min(width, 4 * word + 4);
      for (let x = 4 * word; x < end; x++) {
        const next = pixels[x]!;
        if (next === value) continue;
        value = next;
        flatStarts[count] = 1 + x;
        flatValues[count++] = value;
      }
      same = Math.imul(value, 0x01010101) >>> 0;
    }
    flatStarts[count] = width + 1;
    this.flatCount = count;
  }

  /** Appends the runs of the line with its glyphs, each of which lies within one run. */
  private merge(glyphs: LineGlyphs): void {
    const { position, starts, values, flatStarts, flatValues, flatCount } = this;
    let count = this.runCount;
    let next = 0;
    for (let i = 0; i < flatCount; i++) {
      const end = flatStarts[i + 1]!;
      const value = flatValues[i]!;
      let from = flatStarts[i]!;
      while (next < glyphs.count && glyphs.x[next]! + 1 < end) {
        const x = glyphs.x[next]! + 1;
        if (x > from) {
          starts[count] = position + from;
          values[count++] = value;
        }
        const row = glyphs.rows[next]!;
        starts[count] = position + x;
        values[count++] = this.glyphValue(row, glyphs.shades[next]!);
        from = x + row.steps.length;
        next++;
      }
      if (from < end) {
        starts[count] = position + from;
        values[count++] = value;
      }
    }
    starts[count] = position + this.width + 1;
    values[count++] = LINE_END;
    this.runCount = count;
  }

  /** Numbers are given anew for each picture, so that its bytes do not depend on earlier ones. */
  private glyphValue(row: GlyphRow, shades: Uint8Array): number {
    const rows = this.byShade[shades[1]!] ?? this.rowsIn(shades);
    let known = rows[row.id];
    if (known === undefined) {
      known = colored(row, shades);
      rows[row.id] = known;
    }
    if (known.picture !== this.picture) {
      known.picture = this.picture;
      known.place = this.glyphs.push(known) - 1;
    }
    return FIRST_GLYPH + known.place;
  }

  /** The first shade tells ink and ground, and so all shades, within a picture. */
  private rowsIn(shades: Uint8Array): (ColoredRow | undefined)[] {
    const key = shades.join();
    let rows = this.inColors.get(key);
    if (rows === undefined) {
      rows = [];
      this.inColors.set(key, rows);
    }
    this.byShade[shades[1]!] = rows;
    return rows;
  }

  private checksum(first: number): void {
    const { starts, values } = this;
    const last = this.runCount - 1;
    let a = this.adlerA;
    let b = this.adlerB;
    for (let run = first; run < last; run++) {
      const value = values[run]!;
      const count = starts[run + 1]! - starts[run]!;
      if (value >= FIRST_GLYPH) {
        const { sum, weight } = this.glyphs[value - FIRST_GLYPH]!;
        b += count * a + weight;
        a += sum;
        continue;
      }
      b += count * a + (value * count * (count + 1)) / 2;
      a += count * value;
    }
    this.adlerA = a % ADLER;
    this.adlerB = b % ADLER;
  }

  private write(first: number): void {
    const { block, starts, values, heads } = this;
    const last = this.runCount - 1;
    const lineStart = starts[first]!;
    let above = this.above;
    let secondAbove = this.secondAbove;
    const aboveShift = above < 0 ? 0 : lineStart - starts[above]!;
    const secondShift = secondAbove < 0 ? 0 : lineStart - starts[secondAbove]!;
    if (aboveShift > WINDOW) above = -1;
    if (secondShift > WINDOW) secondAbove = -1;
    for (let run = first; run < last; ) {
      const at = starts[run]!;
      const value = values[run]!;
      const next = values[run + 1]!;
      this.gain = 0;
      // A gap before a letter is never worth a search: the letter is.
      if (value >= FIRST_GLYPH || next < FIRST_GLYPH) {
        const key = this.keyOf(run, last);
        const found = heads[key]! - 1;
        heads[key] = run + 1;
        if (found >= 0 && values[found] === value) this.consider(found, run, at - starts[found]!);
        if (above >= 0) {
          while (starts[above + 1]! + aboveShift <= at) above++;
          if (values[above] === value) this.consider(above, run, aboveShift);
        }
        if (secondAbove >= 0 && value < FIRST_GLYPH) {
          while (starts[secondAbove + 1]! + secondShift <= at) secondAbove++;
          if (values[secondAbove] === value) this.consider(secondAbove, run, secondShift);
        }
      }
      if (this.gain <= 0) {
        if (value >= FIRST_GLYPH) this.glyph(this.glyphs[value - FIRST_GLYPH]!);
        else block.run(value, starts[run + 1]! - at);
        run++;
        continue;
      }
      this.match(this.length, this.distance);
      const end = at + this.length;
      // Only every run that a match begins with or that is written out is remembered: enough, and cheap.
      while (run < last && starts[run + 1]! <= end) run++;
      if (run < last && starts[run]! < end) {
        this.rest(values[run]!, starts[run + 1]! - end);
        run++;
      }
    }
  }

  /**
   * Compares the runs from `run` on with those `distance` bytes before, the first of which lies in run `from`,
   * and keeps the match if it is worth more than the one so far.
   */
  private consider(from: number, run: number, distance: number): void {
    if (distance > WINDOW) return;
    const { starts, values } = this;
    const at = starts[run]!;
    let saved = 0;
    let there = from;
    let here = run;
    let end = at;
    // A glyph row matches only as a whole.
    if (values[run]! >= FIRST_GLYPH && starts[from]! + distance !== at) return;
    for (;;) {
      const value = values[here]!;
      if (value !== values[there] || value === LINE_END) break;
      const hereEnd = starts[here + 1]!;
      const thereEnd = starts[there + 1]! + distance;
      const start = end;
      end = Math.min(hereEnd, thereEnd);
      saved += value >= FIRST_GLYPH ? GLYPH_BITS * (end - start) : runBits(end - start);
      if (hereEnd !== thereEnd) break;
      here++;
      there++;
    }
    const length = end - at;
    if (length < MIN_MATCH) return;
    const matches = Math.ceil(length / MAX_MATCH);
    const gain = saved - matches * (MATCH_BITS + distanceBits(distanceSymbol(distance)));
    if (gain > this.gain) {
      this.gain = gain;
      this.length = length;
      this.distance = distance;
    }
  }

  private match(length: number, distance: number): void {
    let rest = length;
    while (rest > 0) {
      let taken = Math.min(rest, MAX_MATCH);
      if (rest - taken > 0 && rest - taken < MIN_MATCH) taken = rest - MIN_MATCH;
      this.block.match(taken, distance);
      rest -= taken;
    }
  }

  private glyph({ values, counts }: ColoredRow): void {
    for (let i = 0; i < values.length; i++) this.block.run(values[i]!, counts[i]!);
  }

  /** The rest of a run whose beginning a match has written. */
  private rest(value: number, count: number): void {
    if (count >= MIN_MATCH) this.match(count, 1);
    else for (let i = 0; i < count; i++) this.block.literal(value);
  }

  private keyOf(run: number, last: number): number {
    const { starts, values } = this;
    const middle = Math.min(run + 1, last);
    const end = Math.min(run + 2, last);
    const lengths = ((starts[middle]! - starts[run]!) << 11) ^ (starts[end]! - starts[middle]!);
    const colors =
      Math.imul(values[run]!, 0x01000193) ^ Math.imul(values[middle]!, 0x85ebca6b) ^ values[end]!;
    return Math.imul(lengths ^ colors, 0x9e3779b1) >>> (32 - HASH_BITS);
  }

  /** `count` lines of zeros with filter byte 0: one run. */
  private blank(count: number): void {
    const bytes = count * (this.width + 1);
    this.block.run(0, bytes);
    this.adlerB = (this.adlerB + bytes * this.adlerA) % ADLER;
    this.position += bytes;
    this.above = -1;
  }

  /** `count` lines that look like the one before: filter Up over zeros. */
  private repeated(count: number): void {
    const { block, width } = this;
    for (let i = 0; i < count; i++) {
      block.literal(2);
      block.run(0, width);
    }
    // Each line adds 2 to the first sum, and the first sum to the second once for every byte.
    const a = this.adlerA;
    const lines = count * a + count * (count + 1);
    this.adlerB = (this.adlerB + (width + 1) * lines) % ADLER;
    this.adlerA = (a + 2 * count) % ADLER;
    this.position += count * (width + 1);
  }

  private grow(): void {
    const starts = new Int32Array(2 * this.starts.length);
    starts.set(this.starts);
    this.starts = starts;
    const values = new Int32Array(2 * this.values.length);
    values.set(this.values);
    this.values = values;
  }
}

/** What a run costs in bits when it is written out, about. */
function runBits(count: number): number {
  return count === 1 ? 5 : count === 2 ? 9 : 13;
}

function colored({ runSteps, runCounts, counts, weights }: GlyphRow, shades: Uint8Array): ColoredRow {
  let sum = 0;
  let weight = 0;
  for (let step = 0; step < shades.length; step++) {
    sum += counts[step]! * shades[step]!;
    weight += weights[step]! * shades[step]!;
  }
  return {
    picture: 0,
    place: 0,
    values: runSteps.map((step) => shades[step]!),
    counts: runCounts,
    sum,
    weight,
  };
}
