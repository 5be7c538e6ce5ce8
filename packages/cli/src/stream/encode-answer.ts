import { encodeMessagePack, encodeNdjsonMessage, type RecorderMessage } from "@episcope/records";
import type { Encoding } from "./read-messages.js";

/** An answer to the producer, in the encoding that it speaks. */
export function encodeAnswer(message: RecorderMessage, encoding: Encoding): Uint8Array {
  return encoding === "ndjson"
    ? Buffer.from(`${encodeNdjsonMessage(message)}\n`)
    : encodeMessagePack(message);
}
