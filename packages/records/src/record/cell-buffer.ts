/**
 * A copy of cells in memory of its own that can be looked at four cells at a time. Grids change in few places from
 * step to step: comparing words finds them in a quarter of the looks.
 */
export class CellBuffer {
  bytes: Uint8Array = new Uint8Array(1024);
  /** The same memory. Only words that lie wholly within what was loaded mean something. */
  words: Uint32Array = new Uint32Array(this.bytes.buffer);

  load(cells: Uint8Array): void {
    if (cells.length > this.bytes.length) {
      this.bytes = new Uint8Array((cells.length + 1023) & ~1023);
      this.words = new Uint32Array(this.bytes.buffer);
    }
    this.bytes.set(cells);
  }
}

/** The cells before and after a step, ready to be compared by words. */
export interface CellChanges {
  readonly before: CellBuffer;
  readonly after: CellBuffer;
}
