import type { Action } from "@episcope/records";
import { type Grid, isSide } from "@episcope/records";
import type { StepInput } from "../pipeline/step-input.js";
import type { CellMove } from "./cell-move.js";
import { type InfoShape, InfoWriter } from "./info-shape.js";
import {
  AFTER_OFFSET,
  BEFORE_OFFSET,
  BYTE,
  DOUBLE,
  FLAG,
  INFO_OFFSET,
  KIND,
  MASK_OFFSET,
  MAX_CELLS_IN_SLOT,
  SLOT_BYTES,
  WORD,
} from "./layout.js";
import type { RingMemory } from "./ring-memory.js";

/** Environments may point beside the grid, but not farther than this through a slot. */
const MAX_CORNER = 1_000_000;

/** Where a step belongs, and the grid that it starts from. */
export interface StepPlace {
  /** Of the episode. */
  readonly number: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Copies steps into slots without allocating. It knows the usual form of a step only; any other, or a wrong one, is left
 * to `parseRecord`.
 */
export class StepSlotWriter {
  readonly info: InfoWriter;
  readonly #memory: RingMemory;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  readonly #move: CellMove;
  /**
   * A slot of this writer's own, in which a step is put together. Its memory stays in the processor's cache, which that of
   * the ring does not; and what is no step never reaches the ring.
   */
  readonly #draft: number;

  constructor(memory: RingMemory, move: CellMove, onLearned: (shape: InfoShape, id: number) => void) {
    this.#memory = memory;
    this.#move = move;
    this.#draft = memory.draft;
    this.#bytes = new Uint8Array(memory.bytes.buffer);
    this.#words = memory.words;
    this.info = new InfoWriter(onLearned);
  }

  /** False: the step is of another form, and what stands in the slot means nothing. */
  write(
    slot: number,
    place: StepPlace,
    step: number,
    seq: number,
    time: number,
    input: StepInput,
    priority: number,
  ): boolean {
    const { action, after, reward, info, before, terminated, truncated, state } = input;
    if (state !== undefined || typeof reward !== "number" || typeof priority !== "number") return false;
    let flags = 0;
    if (terminated === true) flags |= FLAG.terminated;
    else if (terminated !== undefined && terminated !== false) return false;
    if (truncated === true) flags |= FLAG.truncated;
    else if (truncated !== undefined && truncated !== false) return false;
    const draft = this.#draft;
    const bytes = this.#bytes;
    const words = this.#words;
    let { rows, columns } = place;
    let end = 0;
    if (before !== undefined) {
      const shift = this.#grid(draft + BEFORE_OFFSET, before);
      if (shift < 0) return false;
      rows = before.shape[0];
      columns = before.shape[1];
      bytes[draft + BYTE.beforeRows] = rows;
      bytes[draft + BYTE.beforeColumns] = columns;
      bytes[draft + BYTE.beforeShift] = shift;
      flags |= FLAG.before;
      end = BEFORE_OFFSET + shift + rows * columns;
    }
    const selected = this.#action(draft, action, rows * columns);
    if (selected < 0) return false;
    const shift = this.#grid(draft + AFTER_OFFSET, after);
    if (shift < 0) return false;
    const { shape } = after;
    bytes[draft + BYTE.rows] = shape[0];
    bytes[draft + BYTE.columns] = shape[1];
    bytes[draft + BYTE.afterShift] = shift;
    if (end === 0) end = AFTER_OFFSET + shift + shape[0] * shape[1];
    const id = info === undefined ? -1 : this.info.write(info, this.#memory, draft + INFO_OFFSET);
    if (id < 0 && info !== undefined) return false;
    const { doubles } = this.#memory;
    const double = draft >> 3;
    doubles[double + DOUBLE.time] = time;
    doubles[double + DOUBLE.reward] = reward;
    doubles[double + DOUBLE.priority] = priority;
    doubles[double + DOUBLE.seq] = seq;
    doubles[double + DOUBLE.step] = step;
    const word = draft >> 2;
    words[word + WORD.kind] = KIND.step;
    words[word + WORD.episode] = place.number;
    words[word + WORD.flags] = flags | selected;
    words[word + WORD.shape] = id;
    this.#move(draft, slot, draft + (selected === FLAG.mask ? AFTER_OFFSET : MASK_OFFSET));
    // What stands before and behind the cells are cells of earlier steps.
    if (!this.#move(draft + AFTER_OFFSET, slot + AFTER_OFFSET, draft + end)) return true;
    bytes.fill(0, draft + AFTER_OFFSET, draft + SLOT_BYTES);
    return false;
  }

  /** The flag of the selection's kind, 0 without one; -1 for an action of another form. */
  #action(slot: number, action: Action, cells: number): number {
    if (typeof action !== "object" || action === null) return -1;
    for (const field in action) if (field !== "operation" && field !== "selection") return -1;
    const { operation, selection } = action;
    if (!Number.isSafeInteger(operation)) return -1;
    this.#memory.doubles[(slot >> 3) + DOUBLE.operation] = operation;
    if (selection === undefined) return 0;
    if (typeof selection !== "object" || selection === null) return -1;
    const { kind } = selection;
    for (const field in selection) if (field !== "kind" && field !== kind) return -1;
    if (kind === "point") return this.#corners(slot, selection.point, 2) ? FLAG.point : -1;
    if (kind === "bbox") return this.#corners(slot, selection.bbox, 4) ? FLAG.bbox : -1;
    if (kind !== "mask") return -1;
    const { mask } = selection;
    if (!(mask instanceof Uint8Array) || mask.length !== cells || cells > MAX_CELLS_IN_SLOT) return -1;
    const shift = mask.byteOffset & 7;
    this.#bytes.set(mask, slot + MASK_OFFSET + shift);
    this.#bytes[slot + BYTE.maskShift] = shift;
    this.#words[(slot >> 2) + WORD.selection] = cells;
    return FLAG.mask;
  }

  #corners(slot: number, values: readonly number[], count: number): boolean {
    if (!Array.isArray(values) || values.length !== count) return false;
    for (let index = 0; index < count; index++) {
      const value: unknown = values[index];
      if (!Number.isInteger(value) || Math.abs(value as number) > MAX_CORNER || Object.is(value, -0))
        return false;
      this.#words[(slot >> 2) + WORD.selection + index] = value as number;
    }
    return true;
  }

  /** Copies what should be cells; gives by how many bytes they begin late, -1 for what is no grid or a large one. */
  #grid(at: number, grid: Grid): number {
    if (typeof grid !== "object" || grid === null) return -1;
    for (const field in grid) if (field !== "shape" && field !== "data") return -1;
    const { shape, data } = grid;
    if (!Array.isArray(shape) || shape.length !== 2 || !(data instanceof Uint8Array)) return -1;
    const rows: unknown = shape[0];
    const columns: unknown = shape[1];
    if (!isSide(rows) || !isSide(columns)) return -1;
    const { length } = data;
    if (length !== rows * columns || length > MAX_CELLS_IN_SLOT) return -1;
    const shift = data.byteOffset & 7;
    this.#bytes.set(data, at + shift);
    return shift;
  }
}
