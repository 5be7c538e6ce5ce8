import { messageInvalid } from "./errors.js";
import { MAX_MESSAGE_BYTES, PREFIX_BYTES } from "./wire.js";

/**
 * Cuts a byte stream into messages; bytes may come in pieces of any size. A message that lies within one piece is a view of
 * it; one that comes in several gets memory of its own, into which each piece is copied once.
 */
export class MessageSplitter {
  /** The length that is being read. */
  readonly #prefix: DataView = new DataView(new ArrayBuffer(PREFIX_BYTES));
  #prefixBytes = 0;
  /** The message that has begun, and how much of it is there. */
  #body: Uint8Array | null = null;
  #bodyBytes = 0;
  /** A length above the limit. */
  #refused: number | null = null;

  /** Bytes of a message that has not come whole yet. */
  get pendingBytes(): number {
    return this.#body === null ? this.#prefixBytes : PREFIX_BYTES + this.#bodyBytes;
  }

  /**
   * The bodies of the messages that are whole now. Throws MESSAGE_INVALID for a length above 64 MiB; messages that
   * are whole before it are given first, and the next call throws, be its chunk empty.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const bodies: Uint8Array[] = [];
    for (let at = 0; at < chunk.length && this.#refused === null; ) {
      if (this.#body === null) at = this.#takeLength(chunk, at, bodies);
      else at = this.#fill(this.#body, chunk, at, bodies);
    }
    if (this.#refused !== null && bodies.length === 0)
      throw messageInvalid(`its length is ${this.#refused} bytes, the limit is ${MAX_MESSAGE_BYTES}`);
    return bodies;
  }

  #takeLength(chunk: Uint8Array, at: number, bodies: Uint8Array[]): number {
    this.#prefix.setUint8(this.#prefixBytes, chunk[at]!);
    this.#prefixBytes += 1;
    const start = at + 1;
    if (this.#prefixBytes < PREFIX_BYTES) return start;
    const length = this.#prefix.getUint32(0, true);
    if (length > MAX_MESSAGE_BYTES) {
      this.#refused = length;
      return start;
    }
    this.#prefixBytes = 0;
    if (chunk.length - start >= length) {
      bodies.push(chunk.subarray(start, start + length));
      return start + length;
    }
    this.#body = new Uint8Array(length);
    this.#bodyBytes = 0;
    return start;
  }

  #fill(body: Uint8Array, chunk: Uint8Array, at: number, bodies: Uint8Array[]): number {
    const end = Math.min(chunk.length, at + body.length - this.#bodyBytes);
    body.set(chunk.subarray(at, end), this.#bodyBytes);
    this.#bodyBytes += end - at;
    if (this.#bodyBytes === body.length) {
      bodies.push(body);
      this.#body = null;
    }
    return end;
  }
}
