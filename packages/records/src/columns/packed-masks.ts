import type { GridBuffer } from "./grid-buffer.js";

/** For each byte its eight bits as bytes, the highest first. */
const UNPACKED = new Uint8Array(256 * 8);
for (let byte = 0; byte < 256; byte++)
  for (let bit = 0; bit < 8; bit++) UNPACKED[byte * 8 + bit] = (byte >> (7 - bit)) & 1;
const UNPACKED_WORDS = new Int32Array(UNPACKED.buffer);

/** A column of masks over padded grids, a bit for each cell (`numpy.packbits`), and how each is cut to its grid. */
export class PackedMasks {
  readonly #packed: Uint8Array;
  readonly #width: number;
  /** Bytes of one mask in the column. */
  readonly #length: number;
  /** The mask in hand, and the same memory in words. */
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  #view: Uint8Array;
  /** Of each cell of the padded grid. */
  readonly #rows: Uint8Array;
  readonly #columns: Uint8Array;

  constructor(packed: Uint8Array, height: number, width: number) {
    const size = height * width;
    this.#packed = packed;
    this.#width = width;
    this.#length = (size + 7) >> 3;
    this.#words = new Int32Array(2 * this.#length);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#view = this.#bytes.subarray(0, size);
    this.#rows = Uint8Array.from({ length: 8 * this.#length }, (_, cell) => Math.floor(cell / width));
    this.#columns = Uint8Array.from({ length: 8 * this.#length }, (_, cell) => cell % width);
  }

  /** The mask at `index` over `grid`: 1 for each selected cell that is no padding. It holds until the next. */
  read(index: number, grid: GridBuffer): Uint8Array {
    const { rows, columns, mask } = grid;
    const size = rows * columns;
    this.#words.fill(0);
    // Most bytes of most selections are 0.
    if (columns === this.#width) this.#unpack(index);
    else this.#unpackInto(index, rows, columns);
    const bytes = this.#bytes;
    if (mask !== null) for (let at = 0; at < size; at++) bytes[at]! &= mask[at]!;
    if (this.#view.length !== size) this.#view = bytes.subarray(0, size);
    return this.#view;
  }

  /** Over a grid as wide as the padded ones: cells stand at the same places. */
  #unpack(index: number): void {
    const packed = this.#packed;
    const words = this.#words;
    const start = index * this.#length;
    const length = this.#length;
    for (let at = 0; at < length; at++) {
      const byte = packed[start + at]!;
      if (byte === 0) continue;
      words[2 * at] = UNPACKED_WORDS[2 * byte]!;
      words[2 * at + 1] = UNPACKED_WORDS[2 * byte + 1]!;
    }
  }

  #unpackInto(index: number, rows: number, columns: number): void {
    const packed = this.#packed;
    const bytes = this.#bytes;
    const start = index * this.#length;
    const length = this.#length;
    for (let at = 0; at < length; at++) {
      for (let byte = packed[start + at]!, cell = 8 * at; byte !== 0; byte = (byte << 1) & 0xff, cell++) {
        if ((byte & 0x80) === 0) continue;
        const row = this.#rows[cell]!;
        const column = this.#columns[cell]!;
        if (row < rows && column < columns) bytes[row * columns + column] = 1;
      }
    }
  }
}
