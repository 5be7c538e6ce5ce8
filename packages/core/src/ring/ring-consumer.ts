import { CONTROL } from "./layout.js";
import type { RingMemory } from "./ring-memory.js";

export interface RingConsumerOptions {
  readonly memory: RingMemory;
  /** Takes what stands in a slot. Its memory holds until `settle` gives it back. */
  take(slot: number): void;
  /** Hands everything that was taken to the system. */
  flushNow(): void;
  /** Number of the records that were taken and are not written. */
  unwritten(): number;
  /** After each turn that found something. */
  onTurn(): void;
}

/** Slots that are taken before the event loop has a turn. */
const TURN = 256;
/** Empty looks, a millisecond apart, after which the thread sleeps until it is woken. */
const LOOKS = 40;

/** The end of the ring at which slots are emptied: takes them in turns with the event loop of its thread. */
export class RingConsumer {
  readonly #options: RingConsumerOptions;
  readonly #control: Int32Array;
  #position = 0;
  #idle = 0;
  #isScheduled = false;
  #isEnded = false;

  constructor(options: RingConsumerOptions) {
    this.#options = options;
    this.#control = options.memory.control;
    this.#schedule();
  }

  /** Takes everything that has been published. */
  drain(): void {
    while (this.#turn() > 0);
  }

  /** There may be something in the ring. */
  wake(): void {
    this.#idle = 0;
    Atomics.store(this.#control, CONTROL.asleep, 0);
    this.#schedule();
  }

  /** Gives the slots back if their records are written. */
  settle(): void {
    if (this.#options.unwritten() === 0) this.#giveBack(0);
  }

  #giveBack(owed: number): void {
    const control = this.#control;
    Atomics.store(control, CONTROL.owed, owed);
    if (Atomics.load(control, CONTROL.tail) === this.#position) return;
    Atomics.store(control, CONTROL.tail, this.#position);
    if (Atomics.load(control, CONTROL.waiting) === 1) Atomics.notify(control, CONTROL.tail);
  }

  /** Has everything written that was taken. What the system refuses is held or given up elsewhere, and counted there. */
  #flush(): void {
    this.#options.flushNow();
    this.#giveBack(this.#options.unwritten());
  }

  /** Takes nothing any more; whoever waits for an answer has it. */
  end(): void {
    this.#isEnded = true;
    Atomics.store(this.#control, CONTROL.closed, 1);
    Atomics.notify(this.#control, CONTROL.answer);
  }

  /** Tells that this thread lives. */
  beat(): void {
    Atomics.add(this.#control, CONTROL.beat, 1);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isEnded) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#look();
    });
  }

  #look(): void {
    if (this.#isEnded) return;
    this.beat();
    const taken = this.#turn();
    this.#answer();
    if (taken > 0) this.#idle = 0;
    else if (!this.#rest()) return;
    this.#schedule();
  }

  /** Waits a moment for more; false once the thread sleeps. */
  #rest(): boolean {
    const control = this.#control;
    this.#idle += 1;
    if (this.#idle < LOOKS) {
      Atomics.wait(control, CONTROL.wake, 0, 1);
      Atomics.store(control, CONTROL.wake, 0);
      return true;
    }
    Atomics.store(control, CONTROL.asleep, 1);
    // What came before the producer could see that this thread sleeps.
    const isAwaited =
      Atomics.load(control, CONTROL.head) !== this.#position ||
      Atomics.load(control, CONTROL.request) !== Atomics.load(control, CONTROL.answer);
    if (isAwaited) Atomics.store(control, CONTROL.asleep, 0);
    return isAwaited;
  }

  #turn(): number {
    const { memory, take, onTurn } = this.#options;
    const control = this.#control;
    if (Atomics.load(control, CONTROL.stop) === 1) return 0;
    this.beat();
    const head = Atomics.load(control, CONTROL.head);
    const count = Math.min(TURN, (head - this.#position) | 0);
    for (let index = 0; index < count; index++) {
      take(memory.offsetOf(this.#position));
      this.#position = (this.#position + 1) | 0;
    }
    const held = (head - Atomics.load(control, CONTROL.tail)) | 0;
    if (held > memory.size / 2 || (held > 0 && Atomics.load(control, CONTROL.waiting) === 1)) this.#flush();
    else this.settle();
    if (count > 0) onTurn();
    return count;
  }

  #answer(): void {
    const control = this.#control;
    const request = Atomics.load(control, CONTROL.request);
    if (request === Atomics.load(control, CONTROL.answer)) return;
    this.drain();
    this.#flush();
    Atomics.store(control, CONTROL.answer, request);
    Atomics.notify(control, CONTROL.answer);
  }
}
