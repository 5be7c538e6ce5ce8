import type { Action, Grid, Selection, StepInfo } from "@episcope/records";
import type { StepInput } from "../pipeline/step-input.js";
import { type InfoShape, readInfo } from "./info-shape.js";
import { AFTER_OFFSET, BEFORE_OFFSET, BYTE, DOUBLE, FLAG, INFO_OFFSET, MASK_OFFSET, WORD } from "./layout.js";
import type { RingMemory } from "./ring-memory.js";

/** A step as it stands in a slot. */
export interface SlotStep {
  readonly episode: number;
  readonly step: number;
  readonly seq: number;
  readonly time: number;
  readonly priority: number;
  /** Its arrays are the slot's: they hold until the slot is given back. */
  readonly input: StepInput;
}

/** Reads steps out of slots. */
export class StepSlotReader {
  readonly #memory: RingMemory;
  readonly #bytes: Uint8Array;
  readonly #shapeOf: (id: number) => InfoShape;

  constructor(memory: RingMemory, shapeOf: (id: number) => InfoShape) {
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.bytes.buffer);
    this.#shapeOf = shapeOf;
  }

  read(slot: number): SlotStep {
    const { doubles, words } = this.#memory;
    const double = slot >> 3;
    const word = slot >> 2;
    const flags = words[word + WORD.flags]!;
    const shape = words[word + WORD.shape]!;
    const info: StepInfo = shape < 0 ? {} : readInfo(this.#shapeOf(shape), this.#memory, slot + INFO_OFFSET);
    const after = this.#grid(slot, AFTER_OFFSET, BYTE.rows, BYTE.columns, BYTE.afterShift);
    const before =
      (flags & FLAG.before) === 0
        ? undefined
        : this.#grid(slot, BEFORE_OFFSET, BYTE.beforeRows, BYTE.beforeColumns, BYTE.beforeShift);
    return {
      episode: words[word + WORD.episode]!,
      step: doubles[double + DOUBLE.step]!,
      seq: doubles[double + DOUBLE.seq]!,
      time: doubles[double + DOUBLE.time]!,
      priority: doubles[double + DOUBLE.priority]!,
      input: {
        action: this.#action(slot, doubles[double + DOUBLE.operation]!, flags),
        after,
        reward: doubles[double + DOUBLE.reward]!,
        info,
        ...(before === undefined ? {} : { before }),
        terminated: (flags & FLAG.terminated) !== 0,
        truncated: (flags & FLAG.truncated) !== 0,
      },
    };
  }

  #action(slot: number, operation: number, flags: number): Action {
    const selection = this.#selection(slot, flags);
    return selection === null ? { operation } : { operation, selection };
  }

  #selection(slot: number, flags: number): Selection | null {
    const { words } = this.#memory;
    const at = (slot >> 2) + WORD.selection;
    if ((flags & FLAG.mask) !== 0) {
      const first = slot + MASK_OFFSET + this.#bytes[slot + BYTE.maskShift]!;
      return { kind: "mask", mask: this.#bytes.subarray(first, first + words[at]!) };
    }
    if ((flags & FLAG.point) !== 0) return { kind: "point", point: [words[at]!, words[at + 1]!] };
    if ((flags & FLAG.bbox) === 0) return null;
    return { kind: "bbox", bbox: [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!] };
  }

  #grid(slot: number, place: number, rowsAt: number, columnsAt: number, shiftAt: number): Grid {
    const bytes = this.#bytes;
    const rows = bytes[slot + rowsAt]!;
    const columns = bytes[slot + columnsAt]!;
    const at = slot + place + bytes[slot + shiftAt]!;
    return { shape: [rows, columns], data: bytes.subarray(at, at + rows * columns) };
  }
}
