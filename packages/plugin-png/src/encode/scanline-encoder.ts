import { BlockWriter } from "./block-writer.js";
import { MAX_MATCH, MIN_MATCH, WINDOW } from "./deflate-tables.js";

const ADLER = 65521;
const HASH_SIZE = 1 << 12;
/** Runs from this length on are never looked up: saying "n times the same" is shorter than any match. */
const PLAIN_RUN = 12;

/**
 * Writes the zlib stream of a PNG with one byte a pixel, line by line, from lines that are painted once and
 * repeated. A repeated line costs a few bits: it is stored with the filter Up, as a line of zeros. The checksum is
 * taken over runs, not over bytes, so nothing ever looks at all the pixels of the picture.
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
  /** The unpacked stream where it holds text; elsewhere what was there before. */
  private history = new Uint8Array(0);
  /** Position + 1 of the last place where four bytes of this hash stood; text only. */
  private readonly heads = new Int32Array(HASH_SIZE);
  /** Whether the line just above is in `history`. */
  private aboveIsKnown = false;

  begin(width: number, height: number): void {
    this.width = width;
    this.adlerA = 1;
    this.adlerB = 0;
    this.position = 0;
    this.aboveIsKnown = false;
    const size = (width + 1) * height + 8;
    if (this.history.length < size) this.history = new Uint8Array(size);
    this.heads.fill(0);
    this.block.begin();
  }

  /**
   * `line` holds `width` palette indices; `repeat` >= 1 says how many lines of the picture look like it.
   * `detailed` lines (text) are searched for earlier occurrences of the same pixels.
   */
  lines(line: Uint8Array, repeat: number, detailed: boolean): void {
    if (detailed) this.detailedLine(line);
    else this.plainLine(line);
    this.position += this.width + 1;
    if (repeat > 1) this.repeated(repeat - 1);
    this.aboveIsKnown = detailed && repeat === 1;
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

  private plainLine(line: Uint8Array): void {
    const { block, width } = this;
    let a = this.adlerA;
    let b = this.adlerB + a; // the filter byte, 0
    // The background is colour 0 and so is the filter byte: an empty line is one run with it.
    let from = 0;
    let value = 0;
    let count = 1;
    for (;;) {
      let to = from;
      while (to < width && line[to] === value) to++;
      const pixels = to - from;
      b += pixels * a + (value * pixels * (pixels + 1)) / 2;
      a += pixels * value;
      block.run(value, count + pixels);
      if (to === width) break;
      from = to;
      value = line[to]!;
      count = 0;
    }
    this.adlerA = a % ADLER;
    this.adlerB = b % ADLER;
  }

  private detailedLine(line: Uint8Array): void {
    const { block, width, history, heads } = this;
    const stride = width + 1;
    const above = this.aboveIsKnown && stride <= WINDOW;
    const start = this.position;
    const end = start + stride;
    history[start] = 0;
    history.set(line, start + 1);
    let a = this.adlerA;
    let b = this.adlerB;
    let at = start;
    while (at < end) {
      const value = history[at]!;
      let runEnd = at + 1;
      while (runEnd < end && history[runEnd] === value) runEnd++;
      const run = runEnd - at;
      if (run >= PLAIN_RUN) {
        block.run(value, run);
        b += run * a + (value * run * (run + 1)) / 2;
        a += run * value;
        at = runEnd;
        continue;
      }
      let length = 0;
      let distance = 0;
      if (at + MIN_MATCH < end) {
        const key = hash(history, at);
        const found = heads[key]! - 1;
        heads[key] = at + 1;
        if (found >= 0 && at - found <= WINDOW) {
          // Not beyond the end of its line: the next one may not be in `history`.
          length = matchLength(history, found, at, Math.min(end - at, stride - (found % stride)));
          distance = at - found;
        }
        // The line above is often the better guess: stems of letters go on downwards.
        if (above && distance !== stride) {
          const stem = matchLength(history, at - stride, at, end - at);
          if (stem > length) {
            length = stem;
            distance = stride;
          }
        }
      }
      let taken: number;
      if (length > MIN_MATCH && length > run) {
        block.match(length, distance);
        taken = length;
      } else {
        block.run(value, run);
        taken = run;
      }
      for (const to = at + taken; at < to; at++) {
        a += history[at]!;
        b += a;
      }
    }
    this.adlerA = a % ADLER;
    this.adlerB = b % ADLER;
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
}

function hash(bytes: Uint8Array, at: number): number {
  const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return Math.imul(word, 0x9e3779b1) >>> 20;
}

function matchLength(bytes: Uint8Array, from: number, at: number, limit: number): number {
  const most = Math.min(MAX_MATCH, limit);
  let length = 0;
  while (length < most && bytes[from + length] === bytes[at + length]) length++;
  return length;
}
