import {
  CODE_LENGTH_ORDER,
  DISTANCE_SYMBOLS,
  distanceBase,
  distanceBits,
  distanceSymbol,
  END_OF_BLOCK,
  LENGTH_SYMBOLS,
  type LengthTable,
  lengthTable,
  MAX_MATCH,
} from "./deflate-tables.js";
import { type PrefixCode, PrefixCodeBuilder } from "./huffman.js";

/** A match in the token list: flag, length - 3 in 8 bits, distance - 1 in 15 bits. */
const MATCH = 1 << 30;
/** So many matches of 258 bytes at distance 1, one after another. */
const LONG_RUN = 1 << 29;

/** The symbol of the longest match, which has no extra bits. */
const LONGEST = 285;

/** Tokens below which a block of its own costs more than it saves. */
const SMALL_BLOCK = 500;

/** A match as a token; a literal's token is its value. `length` 3..258, `distance` 1..32768. */
export function matchToken(length: number, distance: number): number {
  return MATCH | ((length - 3) << 15) | (distance - 1);
}

/** A match whose distance is `lines` times the length of a line, and `back` bytes more (or less, below zero). */
const LINE_MATCH = 1 << 28;
/** Distances of line matches: 0..15 lines, and -MAX_BACK..MAX_BACK bytes. */
export const MAX_LINES_BACK = 15;
export const MAX_BACK = 32767;

/** As a token for `append`, which knows the length of a line. */
export function lineMatchToken(length: number, lines: number, back: number): number {
  return LINE_MATCH | ((length - 3) << 20) | (lines << 16) | (back + MAX_BACK + 1);
}

interface Block {
  /** Where its tokens end. */
  readonly end: number;
  readonly literals: PrefixCode;
  readonly distances: PrefixCode;
}

/**
 * Collects literals and matches and writes them as deflate blocks whose codes fit exactly their tokens.
 * Knows nothing about pictures. An instance is used again and again; its buffers grow and stay.
 */
export class BlockWriter {
  private tokens = new Int32Array(1 << 14);
  private tokenCount = 0;
  private blocks: Block[] = [];
  private blockStart = 0;
  private readonly codes = new PrefixCodeBuilder();
  private readonly lengths: LengthTable = lengthTable();
  private readonly literalCounts = new Int32Array(LENGTH_SYMBOLS);
  private readonly distanceCounts = new Int32Array(DISTANCE_SYMBOLS);
  private bytes = new Uint8Array(1 << 15);
  private at = 0;
  private held = 0;
  private heldBits = 0;

  begin(): void {
    this.tokenCount = 0;
    this.blocks = [];
    this.blockStart = 0;
    this.literalCounts.fill(0);
    this.distanceCounts.fill(0);
  }

  /** What follows is of another kind, with other counts: it may get codes of its own. */
  turn(): void {
    if (this.tokenCount - this.blockStart >= SMALL_BLOCK) this.endBlock();
  }

  literal(value: number): void {
    if (this.tokenCount === this.tokens.length) this.grow();
    this.tokens[this.tokenCount++] = value;
    this.literalCounts[value]!++;
  }

  /** `length` 3..258, `distance` 1..32768. */
  match(length: number, distance: number): void {
    if (this.tokenCount === this.tokens.length) this.grow();
    this.tokens[this.tokenCount++] = matchToken(length, distance);
    this.literalCounts[this.lengths.symbol[length]!]!++;
    this.distanceCounts[distanceSymbol(distance)]!++;
  }

  /** Literals and matches that were made into tokens before; `stride` is the length of a line in bytes. */
  append(added: Int32Array, from: number, to: number, stride: number): void {
    while (this.tokenCount + to - from > this.tokens.length) this.grow();
    const { tokens, literalCounts, distanceCounts } = this;
    const { symbol } = this.lengths;
    let count = this.tokenCount;
    for (let i = from; i < to; i++) {
      let token = added[i]!;
      if (token < LINE_MATCH) {
        tokens[count++] = token;
        literalCounts[token]!++;
        continue;
      }
      if (token < MATCH) {
        const distance = ((token >> 16) & 15) * stride + (token & 0xffff) - MAX_BACK - 1;
        token = matchToken(((token >> 20) & 255) + 3, distance);
      }
      tokens[count++] = token;
      literalCounts[symbol[((token >> 15) & 255) + 3]!]!++;
      distanceCounts[distanceSymbol((token & 0x7fff) + 1)]!++;
    }
    this.tokenCount = count;
  }

  /** `count` bytes of one value. */
  run(value: number, count: number): void {
    this.literal(value);
    let rest = count - 1;
    if (rest >= MAX_MATCH) {
      const full = Math.floor(rest / MAX_MATCH);
      rest -= full * MAX_MATCH;
      if (this.tokenCount === this.tokens.length) this.grow();
      this.tokens[this.tokenCount++] = LONG_RUN | full;
      this.literalCounts[LONGEST]! += full;
      this.distanceCounts[0]! += full;
    }
    if (rest >= 3) this.match(rest, 1);
    else for (; rest > 0; rest--) this.literal(value);
  }

  /** The blocks, filled up to a whole byte. The result is a view that the next call overwrites. */
  finish(): Uint8Array {
    this.endBlock();
    this.at = 0;
    this.held = 0;
    this.heldBits = 0;
    let start = 0;
    this.blocks.forEach(({ end, literals, distances }, i) => {
      this.reserve(1024);
      this.put(i === this.blocks.length - 1 ? 1 : 0, 1);
      this.writeHeader(literals.lengths, distances.lengths);
      this.writeTokens(start, end, literals, distances);
      this.put(literals.codes[END_OF_BLOCK]!, literals.lengths[END_OF_BLOCK]!);
      start = end;
    });
    if (this.heldBits > 0) this.bytes[this.at++] = this.held;
    return this.bytes.subarray(0, this.at);
  }

  private endBlock(): void {
    this.literalCounts[END_OF_BLOCK] = 1;
    // A block without matches still names one distance code.
    let matches = 0;
    for (let i = 0; i < DISTANCE_SYMBOLS; i++) matches += this.distanceCounts[i]!;
    if (matches === 0) this.distanceCounts[0] = 1;
    const literals = this.codes.build(this.literalCounts, 15);
    const distances = this.codes.build(this.distanceCounts, 15);
    this.blocks.push({ end: this.tokenCount, literals, distances });
    this.blockStart = this.tokenCount;
    this.literalCounts.fill(0);
    this.distanceCounts.fill(0);
  }

  private writeHeader(literals: Uint8Array, distances: Uint8Array): void {
    const literalCount = Math.max(257, usedLength(literals));
    const distanceCount = Math.max(1, usedLength(distances));
    const all = new Uint8Array(literalCount + distanceCount);
    all.set(literals.subarray(0, literalCount));
    all.set(distances.subarray(0, distanceCount), literalCount);
    const packed = packLengths(all);
    const counts = new Int32Array(19);
    for (const [symbol] of packed) counts[symbol]!++;
    const code = this.codes.build(counts, 7);
    let stored = 19;
    while (stored > 4 && code.lengths[CODE_LENGTH_ORDER[stored - 1]!] === 0) stored--;
    this.put(0b10, 2); // own codes
    this.put(literalCount - 257, 5);
    this.put(distanceCount - 1, 5);
    this.put(stored - 4, 4);
    for (let i = 0; i < stored; i++) this.put(code.lengths[CODE_LENGTH_ORDER[i]!]!, 3);
    for (const [symbol, extra, bits] of packed) {
      this.put(code.codes[symbol]!, code.lengths[symbol]!);
      if (bits > 0) this.put(extra, bits);
    }
  }

  /**
   * The inner loop of it all: bits are gathered in a local variable, at most 16 wait in it, and at most 15 are added
   * at a time. Whole pairs of bytes are moved out without asking whether there is one: the answer could not be guessed,
   * and a wrong guess costs more than the stores. A closure for that would cost as much as the rest: hence the length.
   */
  private writeTokens(start: number, end: number, literals: PrefixCode, distances: PrefixCode): void {
    const { symbol, extraBits, extra } = this.lengths;
    const { codes, lengths } = literals;
    const { tokens } = this;
    let { bytes, at, held, heldBits } = this;
    for (let i = start; i < end; i++) {
      if (at + 32 > bytes.length) {
        this.at = at;
        this.reserve(4096);
        bytes = this.bytes;
      }
      const token = tokens[i]!;
      if (token < 256) {
        held |= codes[token]! << heldBits;
        heldBits += lengths[token]!;
      } else if (token < MATCH) {
        const code = codes[LONGEST]! | (distances.codes[0]! << lengths[LONGEST]!);
        const bits = lengths[LONGEST]! + distances.lengths[0]!;
        let repeats = token - LONG_RUN;
        if (bits > 15 || repeats > 5) {
          this.at = at;
          this.held = held;
          this.heldBits = heldBits;
          this.writeRepeated(code, bits, repeats);
          ({ bytes, at, held, heldBits } = this);
        } else {
          for (; repeats > 0; repeats--) {
            held |= code << heldBits;
            heldBits += bits;
            bytes[at] = held;
            bytes[at + 1] = held >>> 8;
            at += (heldBits >>> 4) << 1;
            held >>>= heldBits & 16;
            heldBits &= 15;
          }
        }
      } else {
        const length = ((token >> 15) & 255) + 3;
        const distance = (token & 0x7fff) + 1;
        const s = symbol[length]!;
        held |= codes[s]! << heldBits;
        heldBits += lengths[s]!;
        bytes[at] = held;
        bytes[at + 1] = held >>> 8;
        at += (heldBits >>> 4) << 1;
        held >>>= heldBits & 16;
        heldBits &= 15;

        held |= extra[length]! << heldBits;
        heldBits += extraBits[length]!;
        bytes[at] = held;
        bytes[at + 1] = held >>> 8;
        at += (heldBits >>> 4) << 1;
        held >>>= heldBits & 16;
        heldBits &= 15;

        const d = distanceSymbol(distance);
        held |= distances.codes[d]! << heldBits;
        heldBits += distances.lengths[d]!;
        bytes[at] = held;
        bytes[at + 1] = held >>> 8;
        at += (heldBits >>> 4) << 1;
        held >>>= heldBits & 16;
        heldBits &= 15;

        if (d > 3) {
          held |= (distance - distanceBase(d)) << heldBits;
          heldBits += distanceBits(d);
        }
      }
      bytes[at] = held;
      bytes[at + 1] = held >>> 8;
      at += (heldBits >>> 4) << 1;
      held >>>= heldBits & 16;
      heldBits &= 15;
    }
    this.at = at;
    this.held = held;
    this.heldBits = heldBits;
    this.reserve(64);
  }

  /** The same bits, up to 30 of them, again and again. */
  private writeRepeated(code: number, bits: number, count: number): void {
    this.reserve(4 * count + 64);
    for (let i = 0; i < count; i++) {
      this.put(code & 0x7fff, Math.min(bits, 15));
      if (bits > 15) this.put(code >>> 15, bits - 15);
    }
  }

  private put(value: number, bits: number): void {
    this.held |= value << this.heldBits;
    this.heldBits += bits;
    while (this.heldBits >= 8) {
      this.bytes[this.at++] = this.held;
      this.held >>>= 8;
      this.heldBits -= 8;
    }
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(2 * this.bytes.length, this.at + more));
    bytes.set(this.bytes);
    this.bytes = bytes;
  }

  private grow(): void {
    const tokens = new Int32Array(2 * this.tokens.length);
    tokens.set(this.tokens);
    this.tokens = tokens;
  }
}

function usedLength(lengths: Uint8Array): number {
  let used = lengths.length;
  while (used > 0 && lengths[used - 1] === 0) used--;
  return used;
}

/** Code lengths with repeats packed: [symbol, extra value, extra bits] (RFC 1951, 3.2.7). */
function packLengths(lengths: Uint8Array): readonly (readonly [number, number, number])[] {
  const packed: [number, number, number][] = [];
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at]!;
    let end = at + 1;
    while (end < lengths.length && lengths[end] === length) end++;
    let count = end - at;
    at = end;
    if (length === 0) {
      while (count >= 3) {
        const taken = Math.min(count, 138);
        packed.push(taken >= 11 ? [18, taken - 11, 7] : [17, taken - 3, 3]);
        count -= taken;
      }
    } else {
      packed.push([length, 0, 0]);
      count--;
      while (count >= 3) {
        const taken = Math.min(count, 6);
        packed.push([16, taken - 3, 2]);
        count -= taken;
      }
    }
    for (; count > 0; count--) packed.push([length, 0, 0]);
  }
  return packed;
}
