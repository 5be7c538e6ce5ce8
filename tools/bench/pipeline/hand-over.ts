// The ring by itself: a slot claimed, filled and published, with a thread at the other end that looks at each slot and
// gives it back. For the bench `pipeline`.
import { Worker } from "node:worker_threads";
import type { StepInput } from "@episcope/core";
import { CONTROL, SLOT_BYTES } from "../../../packages/core/src/ring/layout.js";
import { RingMemory } from "../../../packages/core/src/ring/ring-memory.js";
import { RingProducer } from "../../../packages/core/src/ring/ring-producer.js";
import { StepSlotWriter } from "../../../packages/core/src/ring/step-slot-writer.js";

const CONSUMER = `
const { workerData } = require("node:worker_threads");
const { buffers, words, slotBytes } = workerData;
const control = new Int32Array(buffers.control);
const bytes = new Uint8Array(buffers.slots);
let position = 0;
let sum = 0;
for (;;) {
  const head = Atomics.load(control, words.head);
  if (head === position) {
    if (Atomics.load(control, words.stop) === 1) break;
    Atomics.wait(control, words.wake, 0, 1);
    continue;
  }
  while (position !== head) {
    sum += bytes[(position & (buffers.size - 1)) * slotBytes + 512];
    position = (position + 1) | 0;
  }
  Atomics.store(control, words.tail, position);
}
`;

export interface HandOver {
  step(input: StepInput): void;
  /** Waits until the other end has taken everything. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export function openHandOver(slots: number, rows: number, columns: number): HandOver {
  const { buffers, move } = RingMemory.allocate(slots, Number.MAX_SAFE_INTEGER);
  const memory = new RingMemory(buffers);
  const worker = new Worker(CONSUMER, {
    eval: true,
    workerData: { buffers, words: CONTROL, slotBytes: SLOT_BYTES },
  });
  const lost = (): never => {
    throw new Error("the other end of the ring is gone");
  };
  const options = { memory, patienceMs: 60_000, wake: () => {}, onLost: lost, onBlocked: () => {} };
  const ring = new RingProducer(options);
  const writer = new StepSlotWriter(memory, move, () => {});
  const episode = { number: 1, rows, columns };
  let steps = 0;
  return {
    step: (input) => {
      const slot = ring.claim();
      if (!writer.write(slot, episode, steps, steps, 0, input, 0))
        throw new Error("the step has no slot's form");
      ring.publish();
      steps += 1;
    },
    settle: async () => {
      while (ring.held > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    close: async () => {
      ring.abandon();
      await worker.terminate();
    },
  };
}
