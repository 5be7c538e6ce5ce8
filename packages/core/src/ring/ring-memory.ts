import { allocateCells, type CellMove } from "./cell-move.js";
import { ACKNOWLEDGED_WORD, CONTROL, CONTROL_BYTES, PATH_BYTES, SLOT_BYTES } from "./layout.js";

const MIN_SIZE = 16;
const MAX_SIZE = 2 ** 30;

/** What is handed to the other thread. */
export interface RingBuffers {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  /** For `elsewhere`. */
  readonly path: SharedArrayBuffer;
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
  readonly #path: Buffer;

  constructor({ control, slots, path, size }: RingBuffers) {
    this.control = new Int32Array(control);
    this.#acknowledged = new BigInt64Array(control);
    this.doubles = new Float64Array(slots);
    this.words = new Int32Array(slots);
    this.bytes = Buffer.from(slots);
    this.#path = Buffer.from(path);
    this.size = size;
  }

  /** At least `entries` slots, as far as `bytes` reaches. */
  static allocate(
    entries: number,
    bytes: number,
  ): { readonly buffers: RingBuffers; readonly move: CellMove } {
    const most = Math.floor(bytes / SLOT_BYTES);
    let size = 1 << Math.ceil(Math.log2(Math.min(MAX_SIZE, Math.max(MIN_SIZE, entries))));
    while (size > most && size > MIN_SIZE) size >>= 1;
    const { buffer: slots, move } = allocateCells((size + 1) * SLOT_BYTES);
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    new BigInt64Array(control)[ACKNOWLEDGED_WORD] = -1n;
    return { buffers: { control, slots, path: new SharedArrayBuffer(PATH_BYTES), size }, move };
  }

  /** Offset of a slot that is never published, behind the others. */
  get draft(): number {
    return this.size * SLOT_BYTES;
  }

  /** Offset in bytes of the slot at a position of the stream. */
  offsetOf(position: number): number {
    return (position & (this.size - 1)) * SLOT_BYTES;
  }

  /**
   * Directory in which the pipeline goes on with the run, once it had to leave the one in which it began; else null. A
   * message would come too late where one thread waits for the other, or is gone.
   */
  get elsewhere(): string | null {
    const length = Atomics.load(this.control, CONTROL.pathLength);
    return length === 0 ? null : this.#path.toString("utf8", 0, length);
  }

  set elsewhere(dir: string) {
    const length = Buffer.byteLength(dir);
    // No system takes a longer one.
    if (length > PATH_BYTES) return;
    this.#path.write(dir, "utf8");
    Atomics.store(this.control, CONTROL.pathLength, length);
  }

  get acknowledged(): number {
    return Number(Atomics.load(this.#acknowledged, ACKNOWLEDGED_WORD));
  }

  set acknowledged(seq: number) {
    Atomics.store(this.#acknowledged, ACKNOWLEDGED_WORD, BigInt(seq));
  }
}
