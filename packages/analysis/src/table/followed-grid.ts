import { CellBuffer, differingCells, type Grid, isRealCell } from "@episcope/records";
import { UNKNOWN_COUNT } from "./step-table.js";

/**
 * Follows the grid of an episode from step to step: which cells a step has changed, how many differ from the target after it, and
 * a number by which grids that come again are known. Few cells change at a time, so these are looked for once, four at a time,
 * and everything else follows from them.
 */
export class FollowedGrid {
  readonly #target: Grid | null;
  #wrong: number;
  #low = 0;
  #high = 0;
  /** The cells of the grid that this one is at, and room for the next. */
  #cells = new CellBuffer();
  #next = new CellBuffer();

  constructor(initial: Grid, target: Grid | null) {
    this.#target = target;
    this.#wrong = target === null ? UNKNOWN_COUNT : differingCells(initial, target);
    this.#cells.load(initial.data);
    this.#hash(initial);
  }

  /** Cells that differ from the target; UNKNOWN_COUNT without one. */
  get wrong(): number {
    return this.#wrong;
  }

  /**
   * The same for equal grids of the episode, padding included, and different for different ones but by a chance of 2^-53: each
   * cell's number, of its place and its value, in an exclusive or.
   */
  get state(): number {
    return (this.#low >>> 0) * 0x200000 + (this.#high >>> 11);
  }

  /** Goes on to `after`; gives how many cells differ from `before`, which is where this one is unless `jumps`. */
  step(before: Grid, after: Grid, jumps: boolean): number {
    const isSimple =
      !jumps &&
      before.mask === undefined &&
      after.mask === undefined &&
      this.#target?.mask === undefined &&
      before.shape[0] === after.shape[0] &&
      before.shape[1] === after.shape[1];
    if (isSimple) return this.#changes(before.data, after.data, after.shape);
    this.#cells.load(after.data);
    if (this.#target !== null) this.#wrong = differingCells(after, this.#target);
    this.#hash(after);
    return differingCells(before, after);
  }

  #changes(before: Uint8Array, after: Uint8Array, [rows, columns]: Grid["shape"]): number {
    const size = rows * columns;
    const next = this.#next;
    next.load(after);
    const wordsBefore = this.#cells.words;
    const wordsAfter = next.words;
    this.#next = this.#cells;
    this.#cells = next;
    let changed = 0;
    const whole = size >> 2;
    for (let word = 0; word < whole; word++) {
      if (wordsBefore[word] === wordsAfter[word]) continue;
      const first = word * 4;
      for (let at = first; at < first + 4; at++) changed += this.#cell(at, before[at]!, after[at]!, columns);
    }
    for (let index = whole * 4; index < size; index++)
      changed += this.#cell(index, before[index]!, after[index]!, columns);
    return changed;
  }

  /** 1 where the cell has changed. */
  #cell(index: number, before: number, after: number, columns: number): number {
    if (before === after) return 0;
    this.#low ^= lowOf(index, before) ^ lowOf(index, after);
    this.#high ^= highOf(index, before) ^ highOf(index, after);
    const target = this.#target;
    if (target === null) return 1;
    const [row, column] = [Math.floor(index / columns), index % columns];
    // Beyond the target a cell is wrong whatever it holds.
    if (row >= target.shape[0] || column >= target.shape[1]) return 1;
    const wanted = target.data[row * target.shape[1] + column];
    if (before === wanted) this.#wrong += 1;
    else if (after === wanted) this.#wrong -= 1;
    return 1;
  }

  #hash(grid: Grid): void {
    const [rows, columns] = grid.shape;
    this.#low = lowOf(rows, columns);
    this.#high = highOf(rows, columns);
    for (let index = 0; index < rows * columns; index++) {
      const value = isRealCell(grid, index) ? grid.data[index]! : PADDING;
      this.#low ^= lowOf(index, value);
      this.#high ^= highOf(index, value);
    }
  }
}

/** No cell holds it. */
const PADDING = 256;

function lowOf(place: number, value: number): number {
  return mixed(Math.imul(place * 512 + value + 1, 0x9e3779b1));
}

function highOf(place: number, value: number): number {
  return mixed(Math.imul(place * 512 + value + 1, 0x85ebca77) ^ 0x27d4eb2f);
}

/** The finish of MurmurHash3. */
function mixed(word: number): number {
  let bits = word ^ (word >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
