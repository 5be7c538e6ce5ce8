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
import { codeLengths, type PrefixCode, prefixCode } from "./huffman.js";

/** A match in the token list: flag, length - 3 in 8 bits, distance - 1 in 15 bits. */
const MATCH = 1 << 30;
/** So many matches of 258 bytes at distance 1, one after another. */
const LONG_RUN = 1 << 29;

/** Tokens below which a block of its own costs more than it saves. */
const SMALL_BLOCK = 1200;

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
    this.tokens[this.tokenCount++] = MATCH | ((length - 3) << 15) | (distance - 1);
    this.literalCounts[this.lengths.symbol[length]!]!++;
    this.distanceCounts[distanceSymbol(distance)]!++;
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
      this.literalCounts[285]! += full;
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
    if (this.distanceCounts.every((count) => count === 0)) this.distanceCounts[0] = 1;
    const literals = prefixCode(codeLengths(this.literalCounts, 15));
    const distances = prefixCode(codeLengths(this.distanceCounts, 15));
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
    const code = prefixCode(codeLengths(counts, 7));
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

  /** The inner loop of it all: bits are gathered in local variables, and at most 15 are added at a time. */
  private writeTokens(start: number, end: number, literals: PrefixCode, distances: PrefixCode): void {
    const { symbol, extraBits, extra } = this.lengths;
    const { codes, lengths } = literals;
    const { tokens } = this;
    let { bytes, at, held, heldBits } = this;
    const add = (value: number, bits: number): void => {
      held |= value << heldBits;
      heldBits += bits;
      if (heldBits >= 16) {
        bytes[at++] = held;
        bytes[at++] = held >>> 8;
        held >>>= 16;
        heldBits -= 16;
      }
    };
    for (let i = start; i < end; i++) {
      const token = tokens[i]!;
      // A match takes up to 48 bits, a long run as many for each repeat.
      const repeats = token < LONG_RUN || token >= MATCH ? 1 : token - LONG_RUN;
      if (at + 6 * repeats + 16 > bytes.length) {
        this.at = at;
        this.reserve(6 * repeats + 4096);
        bytes = this.bytes;
      }
      if (token < 256) {
        add(codes[token]!, lengths[token]!);
      } else if (token >= MATCH) {
        const length = ((token >> 15) & 255) + 3;
        const distance = (token & 0x7fff) + 1;
        const s = symbol[length]!;
        add(codes[s]!, lengths[s]!);
        if (extraBits[length]! > 0) add(extra[length]!, extraBits[length]!);
        const d = distanceSymbol(distance);
        add(distances.codes[d]!, distances.lengths[d]!);
        const more = distanceBits(d);
        if (more > 0) add(distance - distanceBase(d), more);
      } else {
        for (let k = 0; k < repeats; k++) {
          add(codes[285]!, lengths[285]!);
          add(distances.codes[0]!, distances.lengths[0]!);
        }
      }
    }
    this.at = at;
    this.held = held;
    this.heldBits = heldBits;
    this.reserve(64);
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
