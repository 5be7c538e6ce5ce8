import { CONTROL } from "./layout.js";
import type { RingMemory } from "./ring-memory.js";

export interface RingProducerOptions {
  readonly memory: RingMemory;
  /** Longest time without a sign of life of the other thread, while this one waits for it. */
  readonly patienceMs: number;
  /** Wakes a thread that sleeps. */
  wake(): void;
  /** The other thread has ended, or gives no sign of life: it is not waited for any more. */
  onLost(): void;
  /** Told once when a step has waited this long for room. */
  onBlocked(ms: number): void;
}

/** One wait of the producer; in between it looks whether the other thread lives. */
const WAIT_MS = 50;
const NOTABLE_MS = 1_000;

/** The end of the ring at which slots are filled. What is not published is never seen. */
export class RingProducer {
  readonly #options: RingProducerOptions;
  readonly #control: Int32Array;
  readonly #size: number;
  #head = 0;
  /** The tail when it was last looked at: most steps need not look. */
  #tail = 0;
  #isLost = false;
  #saidBlocked = false;

  constructor(options: RingProducerOptions) {
    this.#options = options;
    this.#control = options.memory.control;
    this.#size = options.memory.size;
  }

  /** Slots published so far. */
  get head(): number {
    return this.#head;
  }

  get tail(): number {
    return Atomics.load(this.#control, CONTROL.tail);
  }

  /** Offset of the next slot, once there is one; -1 if the other thread is lost. */
  claim(): number {
    if (this.#isLost) return -1;
    if (((this.#head - this.#tail) | 0) >= this.#size) {
      this.#tail = this.tail;
      if (((this.#head - this.#tail) | 0) >= this.#size && !this.waitUntil(this.#head - this.#size + 1))
        return -1;
      this.#tail = this.tail;
    }
    return this.#options.memory.offsetOf(this.#head);
  }

  /** Slots that may not be used again yet. */
  get held(): number {
    return (this.#head - this.tail) | 0;
  }

  /** Records that stand in no slot any more and are not written. */
  get owed(): number {
    return Atomics.load(this.#control, CONTROL.owed);
  }

  /** Hands over the slot that was claimed. */
  publish(): void {
    this.#head = (this.#head + 1) | 0;
    Atomics.store(this.#control, CONTROL.head, this.#head);
    if (Atomics.load(this.#control, CONTROL.asleep) === 1) this.#wake();
  }

  /** Waits until every slot below `position` may be used again; false if the other thread is lost. */
  waitUntil(position: number): boolean {
    const control = this.#control;
    Atomics.store(control, CONTROL.waiting, 1);
    const start = performance.now();
    const done = this.#wait(() => ((this.tail - position) | 0) >= 0, CONTROL.tail);
    Atomics.store(control, CONTROL.waiting, 0);
    const waited = performance.now() - start;
    if (waited >= NOTABLE_MS && !this.#saidBlocked) {
      this.#saidBlocked = true;
      this.#options.onBlocked(waited);
    }
    return done;
  }

  /** Asks the other thread to hand everything to the system, and waits for it; false if it is lost. */
  request(): boolean {
    if (this.#isLost) return false;
    const number = Atomics.add(this.#control, CONTROL.request, 1) + 1;
    const control = this.#control;
    return this.#wait(
      () => Atomics.load(control, CONTROL.answer) === number || Atomics.load(control, CONTROL.closed) === 1,
      CONTROL.answer,
    );
  }

  /** The other thread is to touch no file any more. */
  abandon(): void {
    this.#isLost = true;
    Atomics.store(this.#control, CONTROL.stop, 1);
  }

  /** One message is enough, however many slots are published before it is read. */
  #wake(): void {
    if (Atomics.exchange(this.#control, CONTROL.asleep, 0) === 1) this.#options.wake();
  }

  #wait(isDone: () => boolean, word: number): boolean {
    const control = this.#control;
    let beat = Atomics.load(control, CONTROL.beat);
    let seen = performance.now();
    while (!isDone()) {
      Atomics.store(control, CONTROL.wake, 1);
      Atomics.notify(control, CONTROL.wake);
      this.#wake();
      const before = Atomics.load(control, word);
      if (isDone()) break;
      Atomics.wait(control, word, before, WAIT_MS);
      const now = performance.now();
      const next = Atomics.load(control, CONTROL.beat);
      if (next !== beat) [beat, seen] = [next, now];
      if (isDone()) break;
      if (Atomics.load(control, CONTROL.ended) === 1 || now - seen > this.#options.patienceMs) {
        this.#options.onLost();
        return false;
      }
    }
    return true;
  }
}
