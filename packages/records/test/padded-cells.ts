import { type Grid, PADDING } from "@episcope/records";

/** A deterministic source of numbers. */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

/** A grid that fits, whose rectangle is the smallest that holds its cells; now and then with padding inside. */
export function fittingGrid(below: (limit: number) => number, height: number, width: number): Grid {
  const isWhole = below(3) === 0;
  const rows = isWhole ? height : 1 + below(height);
  const columns = isWhole ? width : 1 + below(width);
  const data = Uint8Array.from({ length: rows * columns }, () => below(16));
  if (below(4) > 0 || rows * columns === 1) return { shape: [rows, columns], data };
  const mask = Uint8Array.from({ length: rows * columns }, () => below(3)).map((bit) => (bit > 0 ? 1 : 0));
  mask[rows * columns - 1] = 1;
  if (mask.every((bit) => bit === 1)) return { shape: [rows, columns], data };
  return { shape: [rows, columns], data: data.map((cell, at) => (mask[at] === 1 ? cell : 0)), mask };
}

/** The cells of a grid in a larger one, PADDING everywhere else. */
export function pad({ shape: [rows, columns], data, mask }: Grid, height: number, width: number): Uint8Array {
  const cells = new Uint8Array(height * width).fill(PADDING);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (mask?.[at] !== 0) cells[row * width + column] = data[at]!;
    }
  return cells;
}

/** As `numpy.packbits`: the first cell in the highest bit. */
export function packBits(mask: ArrayLike<number>): Uint8Array {
  const packed = new Uint8Array(Math.ceil(mask.length / 8));
  for (let at = 0; at < mask.length; at++) if (mask[at]) packed[at >> 3]! |= 0x80 >> (at & 7);
  return packed;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
