import { serialize } from "node:v8";
import type { MessagePort } from "node:worker_threads";
import { KIND, WORD } from "./layout.js";
import type { RingMemory } from "./ring-memory.js";
import type { RingProducer } from "./ring-producer.js";
import type { SideMessage } from "./thread-messages.js";

/** No more bytes than this wait to be written. */
const MAX_BYTES = 64 << 20;

interface KeptMessage {
  readonly position: number;
  readonly message: SideMessage;
  readonly bytes: number;
}

export interface SideChannelOptions {
  readonly memory: RingMemory;
  readonly ring: RingProducer;
  readonly port: MessagePort;
}

/**
 * The way of records that do not fit a slot: they are sent beside the ring, and a slot stands for each, so that the order is
 * one. They are kept until they are written, which somebody else may have to do.
 */
export class SideChannel {
  readonly #options: SideChannelOptions;
  readonly #kept: KeptMessage[] = [];
  #keptBytes = 0;

  constructor(options: SideChannelOptions) {
    this.#options = options;
  }

  /** False if the other thread is lost, and nothing was sent. */
  send(message: SideMessage): boolean {
    const { memory, ring, port } = this.#options;
    const bytes = serialize(message);
    this.#makeRoom(bytes.length);
    const slot = ring.claim();
    if (slot < 0) return false;
    this.#kept.push({ position: ring.head, message, bytes: bytes.length });
    this.#keptBytes += bytes.length;
    port.postMessage(bytes);
    memory.words[(slot >> 2) + WORD.kind] = KIND.message;
    ring.publish();
    return true;
  }

  /** Those that may not be written yet, by their position in the ring. */
  kept(): ReadonlyMap<number, SideMessage> {
    this.#release();
    return new Map(this.#kept.map(({ position, message }) => [position, message]));
  }

  /** Forgets all, and sends nothing more. */
  close(): void {
    this.#kept.length = 0;
    this.#keptBytes = 0;
    this.#options.port.close();
  }

  /** Waits until the messages that are kept leave room for another. */
  #makeRoom(bytes: number): void {
    this.#release();
    while (this.#keptBytes + bytes > MAX_BYTES && this.#kept.length > 0) {
      if (!this.#options.ring.waitUntil(this.#kept[0]!.position + 1)) return;
      this.#release();
    }
  }

  /** Forgets messages that are written. */
  #release(): void {
    const { tail } = this.#options.ring;
    let count = 0;
    while (count < this.#kept.length && ((this.#kept[count]!.position - tail) | 0) < 0) {
      this.#keptBytes -= this.#kept[count]!.bytes;
      count += 1;
    }
    this.#kept.splice(0, count);
  }
}
