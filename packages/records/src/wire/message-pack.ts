import { decode, encode } from "@msgpack/msgpack";
import type { StreamRecord } from "../record/record.js";
import { messageInvalid } from "./errors.js";
import { parseMessage } from "./parse-message.js";
import { MAX_MESSAGE_BYTES, type ProducerMessage, type RecorderMessage } from "./wire.js";
import { toWireForm } from "./wire-form.js";

const PREFIX_BYTES = 4;

/**
 * A record or control message as MessagePack behind its length (u32 little-endian): grids and masks as `bin`,
 * everything else as in NDJSON. A lone surrogate becomes U+FFFD, because MessagePack texts are UTF-8.
 */
export function encodeMessagePack(message: StreamRecord | ProducerMessage | RecorderMessage): Uint8Array {
  const plain = "time" in message ? toWireForm(message, (bytes) => bytes) : message;
  const body = encode(plain, { ignoreUndefined: true, maxDepth: 100 });
  const framed = new Uint8Array(PREFIX_BYTES + body.length);
  new DataView(framed.buffer).setUint32(0, body.length, true);
  framed.set(body, PREFIX_BYTES);
  return framed;
}

/** Reads one message, without its length. Throws MESSAGE_INVALID or what `parseRecord` throws. */
export function decodeMessagePack(body: Uint8Array): StreamRecord | ProducerMessage {
  let plain: unknown;
  try {
    plain = decode(body, { maxStrLength: MAX_MESSAGE_BYTES });
  } catch (cause) {
    throw messageInvalid((cause as Error).message, cause);
  }
  return parseMessage(plain);
}

/** Cuts a byte stream into messages; bytes may come in pieces of any size. */
export class MessageSplitter {
  #chunks: Uint8Array[] = [];
  #pendingBytes = 0;
  #neededBytes = PREFIX_BYTES;

  /** Bytes of a message that has not come whole yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * The bodies of the messages that are whole now. Throws MESSAGE_INVALID for a length above 64 MiB; messages that
   * are whole before it are given first, and the next call throws, be its chunk empty.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#chunks.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#neededBytes) return [];
    const bytes = this.#join();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const bodies: Uint8Array[] = [];
    let offset = 0;
    this.#neededBytes = PREFIX_BYTES;
    while (bytes.length - offset >= PREFIX_BYTES) {
      const length = view.getUint32(offset, true);
      if (length > MAX_MESSAGE_BYTES) {
        if (bodies.length > 0) break;
        throw messageInvalid(`its length is ${length} bytes, the limit is ${MAX_MESSAGE_BYTES}`);
      }
      const end = offset + PREFIX_BYTES + length;
      if (bytes.length < end) {
        this.#neededBytes = PREFIX_BYTES + length;
        break;
      }
      bodies.push(bytes.subarray(offset + PREFIX_BYTES, end));
      offset = end;
    }
    this.#chunks = offset < bytes.length ? [bytes.slice(offset)] : [];
    this.#pendingBytes = bytes.length - offset;
    return bodies;
  }

  #join(): Uint8Array {
    if (this.#chunks.length === 1) return this.#chunks[0]!;
    const bytes = new Uint8Array(this.#pendingBytes);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }
}
