import { allocateCells, type CellMove } from "./cell-move.js";
import { ACKNOWLEDGED_WORD, CELLS_BYTES, CONTROL_BYTES, SLOT_BYTES } from "./layout.js";

const MIN_SIZE = 16;

/** What is handed to the other thread. */
export interface RingBuffers {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  /** Number of slots; a power of two, so that the counters may wrap around. */
  readonly size: number;
}

/** A bounded ring in shared memory, for one thread that writes and one that reads. */
export class RingMemory {
  readonly control: Int32Array;
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  readonly bytes: Buffer;
  readonly size: number;
  readonly #acknowledged: BigInt64Array;

  constructor({ control, slots, size }: RingBuffers) {
    this.control = new Int32Array(control);
    this.#acknowledged = new BigInt64Array(control);
    this.doubles = new Float64Array(slots);
    this.words = new Int32Array(slots);
    this.bytes = Buffer.from(slots);
    this.size = size;
  }

  /** At least `entries` slots, as far as `bytes` reaches. */
  static allocate(
    entries: number,
    bytes: number,
  ): { readonly buffers: RingBuffers; readonly move: CellMove } {
    const most = Math.floor(bytes / SLOT_BYTES);
    let size = 1 << Math.ceil(Math.log2(Math.max(MIN_SIZE, entries)));
    while (size > most && size > MIN_SIZE) size >>= 1;
    const { buffer: slots, move } = allocateCells(size * SLOT_BYTES + CELLS_BYTES);
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    new BigInt64Array(control)[ACKNOWLEDGED_WORD] = -1n;
    return { buffers: { control, slots, size }, move };
  }

  /** Offset of a place for the cells of one grid, behind the slots. */
  get scratch(): number {
    return this.size * SLOT_BYTES;
  }

  /** Offset in bytes of the slot at a position of the stream. */
  offsetOf(position: number): number {
    return (position & (this.size - 1)) * SLOT_BYTES;
  }

  get acknowledged(): number {
    return Number(Atomics.load(this.#acknowledged, ACKNOWLEDGED_WORD));
  }

  set acknowledged(seq: number) {
    Atomics.store(this.#acknowledged, ACKNOWLEDGED_WORD, BigInt(seq));
  }
}
