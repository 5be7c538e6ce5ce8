import { decodeMulti, encode } from "@msgpack/msgpack";
import { isObject } from "../record/plain.js";
import type { StreamRecord } from "../record/record.js";
import type { OnRemark } from "../record/remark.js";
import { decodeSteps } from "./decode-steps.js";
import { messageInvalid } from "./errors.js";
import { parseMessage } from "./parse-message.js";
import type { StepsMessage } from "./steps-message.js";
import {
  type DecodeOptions,
  MAX_MESSAGE_BYTES,
  PREFIX_BYTES,
  type ProducerMessage,
  type RecorderMessage,
} from "./wire.js";
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
export function decodeMessagePack(
  body: Uint8Array,
  { onRemark }: DecodeOptions = {},
): StreamRecord | ProducerMessage | StepsMessage {
  let plain: unknown;
  try {
    // The head of a `steps` message is followed by its arrays, any other message by nothing.
    const values = decodeMulti(body, { maxStrLength: MAX_MESSAGE_BYTES, useBigInt64: true });
    const first = values.next();
    if (first.done === true) throw new RangeError("it is empty");
    plain = settle(first.value, body, onRemark);
    if (!isSteps(plain) && values.next().done !== true) throw new RangeError("it is longer than its content");
  } catch (cause) {
    throw messageInvalid((cause as Error).message, cause);
  }
  return isSteps(plain) ? decodeSteps(plain, body) : parseMessage(plain, onRemark);
}

/**
 * Numbers for integers of 64 bits where a number holds them, in place; and a remark for each text whose bytes are no UTF-8,
 * which the decoder does not tell.
 */
function settle(value: unknown, body: Uint8Array, onRemark: OnRemark | undefined): unknown {
  switch (typeof value) {
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case "string":
      if (onRemark !== undefined) checkText(value, body, onRemark);
      return value;
    case "object":
      break;
    default:
      return value;
  }
  if (value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (typeof item !== "number") value[index] = settle(item, body, onRemark);
    }
    return value;
  }
  const members = value as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (onRemark !== undefined) checkText(key, body, onRemark);
    if (typeof member !== "number") members[key] = settle(member, body, onRemark);
  }
  return value;
}

const ASCII = /^[\u0000-\u007f]*$/;

/** A text that was UTF-8 stands in the message as it would be written again. */
function checkText(text: string, body: Uint8Array, onRemark: OnRemark): void {
  if (ASCII.test(text) || includes(body, new TextEncoder().encode(text))) return;
  onRemark({ kind: "text_not_utf8", message: `bytes of the text '${text.slice(0, 40)}' are no UTF-8` });
}

function includes(body: Uint8Array, part: Uint8Array): boolean {
  for (let at = body.indexOf(part[0]!); at >= 0; at = body.indexOf(part[0]!, at + 1)) {
    let length = 1;
    while (length < part.length && body[at + length] === part[length]) length += 1;
    if (length === part.length) return true;
  }
  return false;
}

function isSteps(plain: unknown): plain is { readonly type: "steps" } {
  return isObject(plain) && plain["type"] === "steps";
}
