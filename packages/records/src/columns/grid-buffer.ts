import { bytesEqual, type Grid } from "../record/grid.js";

const EMPTY = new Uint8Array(0);

/**
 * A grid in memory that is used again: `cells` and `mask` are views of it that change with the next grid. Memory starts
 * at a multiple of four bytes, so that cells can be moved four at a time.
 */
export class GridBuffer {
  rows = 0;
  columns = 0;
  /** Row-major, `rows * columns`. */
  cells: Uint8Array = EMPTY;
  /** 1 = a cell, 0 = padding; null where the grid has no padding. */
  mask: Uint8Array | null = null;
  #bytes: Uint8Array = EMPTY;
  #words: Int32Array = new Int32Array(0);
  #mask: Uint8Array = EMPTY;

  /** The memory of the cells, for `size` of them. */
  reserve(size: number): Uint8Array {
    if (this.#bytes.length < size) {
      this.#bytes = new Uint8Array((size + 7) & ~7);
      this.#words = new Int32Array(this.#bytes.buffer);
    }
    return this.#bytes;
  }

  /** The same memory in words. */
  get words(): Int32Array {
    return this.#words;
  }

  /** The memory of the mask, for `size` cells. */
  reserveMask(size: number): Uint8Array {
    if (this.#mask.length < size) this.#mask = new Uint8Array(size);
    return this.#mask;
  }

  /** Says what the memory holds now. Makes a new view only where the size is another. */
  hold(rows: number, columns: number, hasMask: boolean): void {
    const size = rows * columns;
    if (this.cells.length !== size || this.cells.buffer !== this.#bytes.buffer)
      this.cells = this.#bytes.subarray(0, size);
    this.mask = hasMask ? this.#mask.subarray(0, size) : null;
    this.rows = rows;
    this.columns = columns;
  }

  /** Takes a copy. */
  load({ shape: [rows, columns], data, mask }: Grid): void {
    this.reserve(data.length).set(data);
    if (mask !== undefined) this.reserveMask(mask.length).set(mask);
    this.hold(rows, columns, mask !== undefined);
  }

  equals(other: GridBuffer): boolean {
    if (this.rows !== other.rows || this.columns !== other.columns) return false;
    return bytesEqual(this.cells, other.cells) && bytesEqual(this.mask ?? undefined, other.mask ?? undefined);
  }

  /** A grid with arrays of its own. */
  toGrid(): Grid {
    const grid: Grid = { shape: [this.rows, this.columns], data: this.cells.slice() };
    return this.mask === null ? grid : { ...grid, mask: this.mask.slice() };
  }
}
