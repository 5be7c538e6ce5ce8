import { ACKNOWLEDGED_WORD, CONTROL_BYTES, SLOT_BYTES } from "./layout.js";

/** What is handed to the other thread. */
export interface RingBuffers {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
}

/** A bounded ring in shared memory, for one thread that writes and one that reads. */
export class RingMemory {
  readonly control: Int32Array;
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  readonly bytes: Buffer;
  /** Number of slots; a power of two, so that the counters may wrap around. */
  readonly size: number;
  readonly #acknowledged: BigInt64Array;

  constructor({ control, slots }: RingBuffers) {
    this.control = new Int32Array(control);
    this.#acknowledged = new BigInt64Array(control);
    this.doubles = new Float64Array(slots);
    this.words = new Int32Array(slots);
    this.bytes = Buffer.from(slots);
    this.size = slots.byteLength / SLOT_BYTES;
  }

  /** At least `entries` slots, as far as `bytes` reaches. */
  static allocate(entries: number, bytes: number): RingBuffers {
    const most = Math.max(1, Math.floor(bytes / SLOT_BYTES));
    let size = 1 << Math.ceil(Math.log2(Math.max(16, entries)));
    while (size > most && size > 16) size >>= 1;
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    new BigInt64Array(control)[ACKNOWLEDGED_WORD] = -1n;
    return { control, slots: new SharedArrayBuffer(size * SLOT_BYTES) };
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
