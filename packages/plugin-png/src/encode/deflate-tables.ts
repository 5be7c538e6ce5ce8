/** Facts of RFC 1951, section 3.2.5: which symbol and how many extra bits stand for a length or a distance. */

export const END_OF_BLOCK = 256;
export const LENGTH_SYMBOLS = 286;
export const DISTANCE_SYMBOLS = 30;
export const MAX_MATCH = 258;
export const MIN_MATCH = 3;
export const WINDOW = 32768;

/** Length symbols 257.. : each bit count serves four of them, but for the first and the last. */
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5];

/** By length, 3..258. */
export interface LengthTable {
  readonly symbol: Uint16Array;
  readonly extraBits: Uint8Array;
  readonly extra: Uint8Array;
}

export function lengthTable(): LengthTable {
  const symbol = new Uint16Array(MAX_MATCH + 1);
  const extraBits = new Uint8Array(MAX_MATCH + 1);
  const extra = new Uint8Array(MAX_MATCH + 1);
  let length = MIN_MATCH;
  LENGTH_BITS.forEach((bits, index) => {
    for (let i = 0; i < 1 << bits; i++, length++) {
      symbol[length] = 257 + index;
      extraBits[length] = bits;
      extra[length] = i;
    }
  });
  // 258 has a symbol of its own, though the one before could say it.
  symbol[MAX_MATCH] = 285;
  extraBits[MAX_MATCH] = 0;
  extra[MAX_MATCH] = 0;
  return { symbol, extraBits, extra };
}

/** The symbol of a distance, 1..32768; `distanceBits(symbol)` bits of `distance - distanceBase(symbol)` follow it. */
export function distanceSymbol(distance: number): number {
  if (distance <= 4) return distance - 1;
  const d = distance - 1;
  const top = 31 - Math.clz32(d);
  return 2 * top + ((d >> (top - 1)) & 1);
}

export function distanceBits(symbol: number): number {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}

export function distanceBase(symbol: number): number {
  return symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << ((symbol >> 1) - 1)) + 1;
}

/** The order in which a block's header stores the lengths of the code-length code. */
export const CODE_LENGTH_ORDER: readonly number[] = [
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
