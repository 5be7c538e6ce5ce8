import type { ColoredText } from "../raster/colored-text.js";
import { lineMatchToken, MAX_BACK, MAX_LINES_BACK, matchToken } from "./block-writer.js";
import { distanceBits, distanceSymbol, MAX_MATCH, MIN_MATCH } from "./deflate-tables.js";

/**
 * Rows of texts as tokens of a `BlockWriter`, each from its first inked pixel to its last. A text has as many rows as
 * lines, one after another; a row without ink has no pixels. Plain numbers side by side: a picture has a thousand rows.
 */
interface TokenRows {
  /** Of the first inked pixel, from the left edge of the text. */
  x: Int32Array;
  /** Pixels that the tokens stand for. */
  pixels: Int32Array;
  /** Which of `tokens` are the row's: from its entry here to the next row's. */
  from: Int32Array;
  /** Sum of the pixels' values, and their sum weighted by the distance from the row's end (the last pixel: 1). */
  sum: Float64Array;
  weight: Float64Array;
  tokens: Int32Array;
}

const HASH_BITS = 11;
/** What a match costs in bits, about, but for the extra bits of its distance. */
const MATCH_BITS = 16;
/** What a run costs beyond its first pixel once it is written as a match. */
const RUN_BITS = 7;
/** What a pixel costs that is written out, about: most pixels are ground. */
const GROUND_BITS = 2;
const INK_BITS = 4.5;

/** The extra bits of a distance of some lines, about: pictures are 512 to 4096 bytes wide. */
const LINE_DISTANCE_BITS = 9;

/**
 * Turns texts into tokens. Matches go back within the text alone: to earlier letters of a row, and to its rows above,
 * whole lines before in the stream wherever the text is put. So the tokens depend on nothing else and can be used
 * again, in pictures of any width.
 */
export class TextTokenizer {
  /** All rows so far; the arrays are replaced by larger ones as they fill up. */
  readonly rows: TokenRows = {
    x: new Int32Array(1 << 10),
    pixels: new Int32Array(1 << 10),
    from: new Int32Array(1 << 10),
    sum: new Float64Array(1 << 10),
    weight: new Float64Array(1 << 10),
    tokens: new Int32Array(1 << 14),
  };
  private rowCount = 0;
  private tokenCount = 0;
  /** By hash of four pixels: where they were seen last; below `floor` = in another text. */
  private readonly heads = new Int32Array(1 << HASH_BITS);
  private floor = 1;
  private costs = new Float64Array(256);

  /** Tokens that are kept. */
  get size(): number {
    return this.tokenCount;
  }

  /** Forgets all rows. */
  clear(): void {
    this.rowCount = 0;
    this.tokenCount = 0;
  }

  /** Adds the rows of a text and tells the number of the first. Matches go back `linesBack` lines at most. */
  tokenize({ width, height, pixels, ground }: ColoredText, linesBack: number): number {
    const size = width * height;
    if (this.floor + size > 0x7fffffff - 1) {
      this.heads.fill(0);
      this.floor = 1;
    }
    if (this.costs.length < width + 1) this.costs = new Float64Array(width + 1);
    this.makeRoom(height + 1, size);
    const { rows } = this;
    const firstRow = this.rowCount;
    for (let row = 0; row < height; row++) {
      const at = row * width;
      let first = at;
      let end = at + width;
      while (first < end && pixels[first] === ground) first++;
      while (end > first && pixels[end - 1] === ground) end--;
      const place = firstRow + row;
      rows.x[place] = first - at;
      rows.pixels[place] = end - first;
      rows.from[place] = this.tokenCount;
      if (end > first) {
        this.price(pixels, first, end, ground);
        this.parse(pixels, first, end, width, Math.min(linesBack, MAX_LINES_BACK));
      }
      let sum = 0;
      let weight = 0;
      for (let i = first; i < end; i++) {
        sum += pixels[i]!;
        weight += pixels[i]! * (end - i);
      }
      rows.sum[place] = sum;
      rows.weight[place] = weight;
    }
    this.rowCount += height;
    rows.from[this.rowCount] = this.tokenCount;
    this.floor += size;
    return firstRow;
  }

  private makeRoom(rowCount: number, tokenCount: number): void {
    const { rows } = this;
    if (this.rowCount + rowCount > rows.x.length) {
      const length = 2 * (this.rowCount + rowCount);
      rows.x = copied(rows.x, new Int32Array(length));
      rows.pixels = copied(rows.pixels, new Int32Array(length));
      rows.from = copied(rows.from, new Int32Array(length));
      rows.sum = copied(rows.sum, new Float64Array(length));
      rows.weight = copied(rows.weight, new Float64Array(length));
    }
    if (this.tokenCount + tokenCount > rows.tokens.length) {
      rows.tokens = copied(rows.tokens, new Int32Array(2 * (this.tokenCount + tokenCount)));
    }
  }

  /** Fills `costs`: what it takes to write out the pixels before each, from `first` on. */
  private price(pixels: Uint8Array, first: number, end: number, ground: number): void {
    const { costs } = this;
    let sum = 0;
    let run = 0;
    for (let i = first; i < end; i++) {
      costs[i - first] = sum;
      const value = pixels[i]!;
      run = i > first && pixels[i - 1] === value ? run + 1 : 0;
      const literal = value === ground ? GROUND_BITS : INK_BITS;
      sum += run === 0 ? literal : Math.max(0, Math.min(literal, RUN_BITS - literal * (run - 1)));
    }
    costs[end - first] = sum;
  }

  private parse(pixels: Uint8Array, first: number, end: number, width: number, linesBack: number): void {
    const { costs, heads, floor } = this;
    const row = Math.floor(first / width);
    for (let at = first; at < end; ) {
      let gain = 0;
      let length = 0;
      let lines = 0;
      let back = 0;
      if (row > 0 && linesBack > 0) {
        let to = at;
        while (to < end && pixels[to] === pixels[to - width]) to++;
        if (to - at >= MIN_MATCH) {
          gain = costs[to - first]! - costs[at - first]! - MATCH_BITS - LINE_DISTANCE_BITS;
          length = to - at;
          lines = 1;
        }
      }
      const key = hash(pixels, at, end);
      const seen = heads[key]! - floor;
      heads[key] = floor + at;
      const seenRow = seen < 0 ? -1 : Math.floor(seen / width);
      if (seen >= 0 && row - seenRow <= linesBack) {
        const rowEnd = (seenRow + 1) * width;
        let to = at;
        for (let from = seen; to < end && from < rowEnd && pixels[to] === pixels[from]; from++) to++;
        const shift = at - row * width - (seen - seenRow * width);
        if (to - at >= MIN_MATCH && shift <= MAX_BACK && shift >= -MAX_BACK) {
          const distanceCost = seenRow < row ? LINE_DISTANCE_BITS : distanceBits(distanceSymbol(shift));
          const saved = costs[to - first]! - costs[at - first]! - MATCH_BITS - distanceCost;
          if (saved > gain) {
            gain = saved;
            length = to - at;
            lines = row - seenRow;
            back = shift;
          }
        }
      }
      if (gain > 0) {
        this.match(length, lines, back);
        at += length;
        continue;
      }
      const value = pixels[at]!;
      let to = at + 1;
      while (to < end && pixels[to] === value) to++;
      this.rows.tokens[this.tokenCount++] = value;
      if (to - at > MIN_MATCH) this.match(to - at - 1, 0, 1);
      else for (let i = at + 1; i < to; i++) this.rows.tokens[this.tokenCount++] = value;
      at = to;
    }
  }

  private match(length: number, lines: number, back: number): void {
    for (let rest = length; rest > 0; ) {
      let taken = Math.min(rest, MAX_MATCH);
      if (rest - taken > 0 && rest - taken < MIN_MATCH) taken = rest - MIN_MATCH;
      this.rows.tokens[this.tokenCount++] =
        lines === 0 ? matchToken(taken, back) : lineMatchToken(taken, lines, back);
      rest -= taken;
    }
  }
}

function copied<A extends Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Of the four pixels from `at` on; pixels beyond the end count as the last. */
function hash(pixels: Uint8Array, at: number, end: number): number {
  const last = end - 1;
  const a = pixels[at]!;
  const b = pixels[Math.min(at + 1, last)]!;
  const c = pixels[Math.min(at + 2, last)]!;
  const d = pixels[Math.min(at + 3, last)]!;
  return Math.imul(a | (b << 8) | (c << 16) | (d << 24), 0x9e3779b1) >>> (32 - HASH_BITS);
}
