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
  /** Bytes of one mask. */
  readonly #length: number;
  /** The mask in hand over the padded grid, then over the grid. */
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  #view: Uint8Array;

  constructor(packed: Uint8Array, height: number, width: number) {
    this.#packed = packed;
    this.#width = width;
    this.#length = (height * width + 7) >> 3;
    this.#words = new Int32Array(2 * this.#length);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#view = this.#bytes.subarray(0, height * width);
  }

  /** The mask at `index` over `grid`: 1 for each selected cell that is no padding. It holds until the next. */
  read(index: number, grid: GridBuffer): Uint8Array {
    const { rows, columns, mask } = grid;
    const start = index * this.#length;
    for (let at = 0, to = 0; at < this.#length; at++, to += 2) {
      const byte = this.#packed[start + at]!;
      this.#words[to] = UNPACKED_WORDS[2 * byte]!;
      this.#words[to + 1] = UNPACKED_WORDS[2 * byte + 1]!;
    }
    const bytes = this.#bytes;
    const size = rows * columns;
    if (columns !== this.#width) {
      for (let row = 1, to = columns; row < rows; row++) {
        const from = row * this.#width;
        for (let column = 0; column < columns; column++) bytes[to++] = bytes[from + column]!;
      }
    }
    if (mask !== null) for (let at = 0; at < size; at++) bytes[at]! &= mask[at]!;
    if (this.#view.length !== size) this.#view = bytes.subarray(0, size);
    return this.#view;
  }
}
