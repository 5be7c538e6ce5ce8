import { decodeMulti, encode } from "@msgpack/msgpack";
import { isObject } from "../record/plain.js";
import type { StreamRecord } from "../record/record.js";
import { decodeSteps } from "./decode-steps.js";
import { messageInvalid } from "./errors.js";
import { parseMessage } from "./parse-message.js";
import type { StepsMessage } from "./steps-message.js";
import { MAX_MESSAGE_BYTES, PREFIX_BYTES, type ProducerMessage, type RecorderMessage } from "./wire.js";
import { toWireForm, type WireForms } from "./wire-form.js";

const AS_THEY_ARE: WireForms = { bytes: (bytes) => bytes };

/**
 * A record or control message as MessagePack behind its length (u32 little-endian): grids and masks as `bin`,
 * everything else as in NDJSON. A lone surrogate becomes U+FFFD, because MessagePack texts are UTF-8.
 */
export function encodeMessagePack(message: StreamRecord | ProducerMessage | RecorderMessage): Uint8Array {
  const plain = "time" in message ? toWireForm(message, AS_THEY_ARE) : message;
  const body = encode(plain, { ignoreUndefined: true, maxDepth: 100 });
  const framed = new Uint8Array(PREFIX_BYTES + body.length);
  new DataView(framed.buffer).setUint32(0, body.length, true);
  framed.set(body, PREFIX_BYTES);
  return framed;
}

/**
 * Reads one message, without its length. Throws MESSAGE_INVALID, what `parseRecord` throws, or STEPS_INVALID. The arrays of
 * a `steps` message are views of `body`.
 */
export function decodeMessagePack(body: Uint8Array): StreamRecord | ProducerMessage | StepsMessage {
  let plain: unknown;
  try {
    // The head of a `steps` message is followed by its arrays, any other message by nothing.
    const values = decodeMulti(body, { maxStrLength: MAX_MESSAGE_BYTES });
    const first = values.next();
    if (first.done === true) throw new RangeError("it is empty");
    plain = first.value;
    if (!isSteps(plain) && values.next().done !== true) throw new RangeError("it is longer than its content");
  } catch (cause) {
    throw messageInvalid((cause as Error).message, cause);
  }
  return isSteps(plain) ? decodeSteps(plain, body) : parseMessage(plain);
}

function isSteps(plain: unknown): plain is { readonly type: "steps" } {
  return isObject(plain) && plain["type"] === "steps";
}
