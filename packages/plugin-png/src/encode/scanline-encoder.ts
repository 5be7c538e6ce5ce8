import type { ColoredText } from "../raster/colored-text.js";
import type { PaintedLine, TextLine } from "../raster/line-plan.js";
import { BlockWriter } from "./block-writer.js";
import { distanceBits, distanceSymbol, MAX_MATCH, MIN_MATCH, WINDOW } from "./deflate-tables.js";
import { TextTokenizer } from "./text-tokens.js";

const ADLER = 65521;
const HASH_BITS = 13;
/** Value of the entry that ends each line in the list of runs; equal to no pixel. */
const LINE_END = 256;
/** Values from here on are rows of texts, which count as one run each. */
const FIRST_ROW = 257;
/** What a match costs in bits, about, but for the extra bits of its distance. */
const MATCH_BITS = 10;

/** Texts of pictures up to `WIDE` bytes a line refer to so many lines above at most; in wider ones to none. */
const LINES_BACK = 7;
const WIDE = 4096;
/** So many tokens of texts are kept from picture to picture. */
const MAX_TOKENS = 1 << 18;

/**
 * Writes the zlib stream of a PNG with one byte a pixel, line by line, from lines that are painted once and
 * repeated. Lines are taken apart into runs of one colour, and everything after that works on runs: the checksum
 * has a closed form over a run, and earlier occurrences (the row of cells above) are looked for from run to run.
 * Texts come as tokens that were made once (`TextTokenizer`). A repeated line is stored with the filter Up, as a
 * line of zeros. So nothing ever looks at all the pixels of the picture.
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
  private readonly tokenizer = new TextTokenizer();
  /** First row of each text that the tokenizer has rows of; for narrow and for wide pictures. */
  private encoded = new WeakMap<ColoredText, number>();
  private encodedWide = new WeakMap<ColoredText, number>();
  /**
   * The pieces of this picture's texts, four numbers for each: left, top, bottom, first row; and where those of each
   * text begin.
   */
  private pieces = new Int32Array(1 << 10);
  private firstPieces: number[] = [];
  /** Runs of the last line that was painted, without texts, from the filter byte on. */
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

  /** `texts`: all that the lines will hold. */
  begin(width: number, texts: readonly TextLine[]): void {
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
    if (this.tokenizer.size > MAX_TOKENS) {
      this.tokenizer.clear();
      this.encoded = new WeakMap();
      this.encodedWide = new WeakMap();
    }
    const wide = width >= WIDE;
    let at = 0;
    this.firstPieces = [0];
    for (const { pieces } of texts) {
      while (at + 4 * pieces.length > this.pieces.length) this.growPieces();
      for (const { text, left, top, bottom } of pieces) {
        this.pieces[at++] = left;
        this.pieces[at++] = top;
        this.pieces[at++] = bottom;
        this.pieces[at++] = this.firstRowOf(text, wide);
      }
      this.firstPieces.push(at);
    }
    this.block.begin();
  }

  /** Lines of `width` pixels, from the top. */
  lines({ y, pixels, repainted, texts, repeat }: PaintedLine): void {
    if (repainted) this.scan(pixels);
    if (this.flatCount === 1 && texts.length === 0) {
      this.blank(repeat);
      return;
    }
    const first = this.runCount;
    let pieceCount = 0;
    for (const text of texts) pieceCount += (this.firstPieces[text + 1]! - this.firstPieces[text]!) >> 2;
    while (first + this.flatCount + 2 * pieceCount + 2 > this.starts.length) this.grow();
    if (texts.length > 0 !== this.aboveHasText) this.block.turn();
    this.aboveHasText = texts.length > 0;
    this.merge(texts, y);
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
   * Finds the runs of a line without its texts. The filter byte, 0, belongs to the first of them; where the line
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

  private firstRowOf(text: ColoredText, wide: boolean): number {
    const encoded = wide ? this.encodedWide : this.encoded;
    let row = encoded.get(text);
    if (row === undefined) {
      row = this.tokenizer.tokenize(text, wide ? 0 : LINES_BACK);
      encoded.set(text, row);
    }
    return row;
  }

  /** Appends the runs of the line with its texts, each of which lies within one run. */
  private merge(texts: readonly number[], y: number): void {
    const { position, starts, values, flatStarts, flatValues, pieces, firstPieces } = this;
    const { x: rowX, pixels: rowPixels } = this.tokenizer.rows;
    let count = this.runCount;
    let flat = 0;
    let value = flatValues[0]!;
    let from = 0;
    let end = flatStarts[1]!;
    for (const text of texts) {
      for (let at = firstPieces[text]!; at < firstPieces[text + 1]!; at += 4) {
        const row = pieces[at + 3]! + y - pieces[at + 1]!;
        if (y < pieces[at + 1]! || y >= pieces[at + 2]! || rowPixels[row] === 0) continue;
        const x = pieces[at]! + rowX[row]! + 1;
        for (; x >= end; end = flatStarts[++flat + 1]!) {
          if (from < end) {
            starts[count] = position + from;
            values[count++] = value;
          }
          from = Math.max(from, end);
          value = flatValues[flat + 1]!;
        }
        if (x > from) {
          starts[count] = position + from;
          values[count++] = value;
        }
        starts[count] = position + x;
        values[count++] = FIRST_ROW + row;
        from = x + rowPixels[row]!;
      }
    }
    for (; flat < this.flatCount; flat++) {
      end = flatStarts[flat + 1]!;
      if (from < end) {
        starts[count] = position + from;
        values[count++] = flatValues[flat]!;
      }
      from = Math.max(from, end);
    }
    starts[count] = position + this.width + 1;
    values[count++] = LINE_END;
    this.runCount = count;
  }

  private checksum(first: number): void {
    const { starts, values } = this;
    const { sum, weight } = this.tokenizer.rows;
    const last = this.runCount - 1;
    let a = this.adlerA;
    let b = this.adlerB;
    for (let run = first; run < last; run++) {
      const value = values[run]!;
      const count = starts[run + 1]! - starts[run]!;
      if (value >= FIRST_ROW) {
        b += count * a + weight[value - FIRST_ROW]!;
        a += sum[value - FIRST_ROW]!;
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
    const { from, tokens } = this.tokenizer.rows;
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
      if (value >= FIRST_ROW) {
        const row = value - FIRST_ROW;
        block.append(tokens, from[row]!, from[row + 1]!, this.width + 1);
        run++;
        continue;
      }
      // A gap before a text is never worth a search.
      if (next < FIRST_ROW) {
        const key = this.keyOf(run, last);
        const found = heads[key]! - 1;
        heads[key] = run + 1;
        if (found >= 0 && values[found] === value) this.consider(found, run, at - starts[found]!);
        if (above >= 0) {
          while (starts[above + 1]! + aboveShift <= at) above++;
          if (values[above] === value) this.consider(above, run, aboveShift);
        }
        if (secondAbove >= 0) {
          while (starts[secondAbove + 1]! + secondShift <= at) secondAbove++;
          if (values[secondAbove] === value) this.consider(secondAbove, run, secondShift);
        }
      }
      if (this.gain <= 0) {
        block.run(value, starts[run + 1]! - at);
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
    for (;;) {
      const value = values[here]!;
      // Rows of texts bring their own matches.
      if (value !== values[there] || value >= LINE_END) break;
      const hereEnd = starts[here + 1]!;
      const thereEnd = starts[there + 1]! + distance;
      const start = end;
      end = Math.min(hereEnd, thereEnd);
      saved += runBits(end - start);
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
    // Numbers of rows of texts depend on earlier pictures and must not decide anything.
    const second = Math.min(values[middle]!, FIRST_ROW);
    const third = Math.min(values[end]!, FIRST_ROW);
    const colors = Math.imul(values[run]!, 0x01000193) ^ Math.imul(second, 0x85ebca6b) ^ third;
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

  private growPieces(): void {
    const pieces = new Int32Array(2 * this.pieces.length);
    pieces.set(this.pieces);
    this.pieces = pieces;
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
