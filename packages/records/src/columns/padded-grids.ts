import { MAX_VALUE } from "../record/grid.js";
import type { GridBuffer } from "./grid-buffer.js";
import { PADDING } from "./step-columns.js";

/** What a padded grid turned out to be: a grid, nothing but padding, or a byte that is neither. */
export type PaddedContent = "grid" | "nothing" | "invalid";

/** Bits above the largest cell value, of four cells at a time. */
const TOO_LARGE = 0xf0f0f0f0;
/** Four bytes of padding as a signed word. */
const ALL_PADDING = -1;

/**
 * A column of grids that are padded to one size, and how each is cut out. Nearly every grid has the shape of the one
 * before it, so that shape is tried first: then one look at each byte is enough, most of them four at a time.
 */
export class PaddedGrids {
  readonly #bytes: Uint8Array;
  /** The same bytes, where every grid begins at a whole word. */
  readonly #words: Int32Array | null;
  readonly #height: number;
  readonly #width: number;
  readonly #size: number;

  constructor(bytes: Uint8Array, height: number, width: number) {
    this.#bytes = bytes;
    this.#height = height;
    this.#width = width;
    this.#size = height * width;
    const isWhole = bytes.byteOffset % 4 === 0 && this.#size % 4 === 0;
    this.#words = isWhole ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : null;
  }

  /** Cuts out the grid at `index` into `into`, which means nothing if this is no "grid". `like`: one that is probably as large. */
  read(index: number, into: GridBuffer, like: GridBuffer): PaddedContent {
    const start = index * this.#size;
    const { rows, columns } = like;
    if (rows > 0 && rows <= this.#height && columns <= this.#width && like.mask === null) {
      const bytes = into.reserve(this.#size);
      const isWhole = rows === this.#height && columns === this.#width;
      const fits =
        isWhole && this.#words !== null
          ? this.#moveWords(this.#words, start >> 2, into.words)
          : this.#moveRectangle(start, rows, columns, bytes);
      if (fits) {
        into.hold(rows, columns, false);
        return "grid";
      }
    }
    return this.#analyse(start, into);
  }

  /** Says which byte of an "invalid" grid is no cell. */
  problem(index: number): string {
    const start = index * this.#size;
    for (let at = 0; at < this.#size; at++) {
      const value = this.#bytes[start + at]!;
      if (value <= MAX_VALUE || value === PADDING) continue;
      const [row, column] = [Math.floor(at / this.#width), at % this.#width];
      return `the cell in row ${row}, column ${column} is ${value}; cells are 0 to ${MAX_VALUE}, and ${PADDING} is padding`;
    }
    return `it is padding (${PADDING}) throughout`;
  }

  #moveWords(words: Int32Array, start: number, into: Int32Array): boolean {
    const count = this.#size >> 2;
    let bits = 0;
    for (let at = 0; at < count; at++) {
      const word = words[start + at]!;
      bits |= word;
      into[at] = word;
    }
    return (bits & TOO_LARGE) === 0;
  }

  #moveRectangle(start: number, rows: number, columns: number, into: Uint8Array): boolean {
    const bytes = this.#bytes;
    const width = this.#width;
    let bits = 0;
    let outside = PADDING;
    let to = 0;
    for (let row = 0; row < rows; row++) {
      let at = start + row * width;
      const end = at + columns;
      while (at < end) {
        const value = bytes[at++]!;
        bits |= value;
        into[to++] = value;
      }
      const edge = start + (row + 1) * width;
      while (at < edge) outside &= bytes[at++]!;
    }
    if (bits > MAX_VALUE || outside !== PADDING) return false;
    return this.#isPadding(start + rows * width, start + this.#size);
  }

  #isPadding(from: number, to: number): boolean {
    let at = from;
    let outside = PADDING;
    if (this.#words !== null) {
      for (; at < to && (at & 3) !== 0; at++) outside &= this.#bytes[at]!;
      let all = ALL_PADDING;
      const words = this.#words;
      const end = to >> 2;
      for (let word = at >> 2; word < end; word++) all &= words[word]!;
      return outside === PADDING && all === ALL_PADDING;
    }
    for (; at < to; at++) outside &= this.#bytes[at]!;
    return outside === PADDING;
  }

  /** The long way: finds the rectangle. */
  #analyse(start: number, into: GridBuffer): PaddedContent {
    const bytes = this.#bytes;
    const width = this.#width;
    let rows = 0;
    let columns = 0;
    let count = 0;
    for (let row = 0; row < this.#height; row++) {
      for (let column = 0; column < width; column++) {
        const value = bytes[start + row * width + column]!;
        if (value === PADDING) continue;
        if (value > MAX_VALUE) return "invalid";
        rows = row + 1;
        if (column >= columns) columns = column + 1;
        count++;
      }
    }
    if (count === 0) return "nothing";
    const size = rows * columns;
    const cells = into.reserve(this.#size);
    const hasMask = count < size;
    const mask = hasMask ? into.reserveMask(size) : null;
    for (let row = 0, to = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, to++) {
        const value = bytes[start + row * width + column]!;
        const isCell = value !== PADDING;
        cells[to] = isCell ? value : 0;
        if (mask !== null) mask[to] = isCell ? 1 : 0;
      }
    }
    into.hold(rows, columns, hasMask);
    return "grid";
  }
}
