import { recordInvalid } from "../record/errors.js";
import { parseRecord } from "../record/parse-record.js";
import { isObject } from "../record/plain.js";
import { STREAM_VERSION, type StreamRecord } from "../record/record.js";
import type { OnRemark } from "../record/remark.js";
import { streamVersionUnsupported } from "./errors.js";
import type { ProducerMessage } from "./wire.js";

/**
 * Checks what a producer sent: a record, `hello`, `flush` or `ack`. Throws what `parseRecord` throws, and
 * STREAM_VERSION_UNSUPPORTED for a `hello` from the future.
 */
export function parseMessage(plain: unknown, onRemark?: OnRemark): StreamRecord | ProducerMessage {
  if (!isObject(plain)) throw recordInvalid("", "it is no object");
  switch (plain["type"]) {
    case "hello": {
      const { version, producer = "" } = plain;
      if (!Number.isInteger(version) || (version as number) < 1) {
        throw recordInvalid("version", "hello needs the version of the record stream, an integer from 1");
      }
      if (typeof producer !== "string") throw recordInvalid("producer", "it is no text");
      if ((version as number) > STREAM_VERSION) {
        throw streamVersionUnsupported(version as number, STREAM_VERSION);
      }
      return { type: "hello", version: version as number, producer };
    }
    case "flush":
      if (!Number.isSafeInteger(plain["id"])) throw recordInvalid("id", "flush needs an integer 'id'");
      return { type: "flush", id: plain["id"] as number };
    case "ack":
      return { type: "ack" };
    case "steps":
      throw recordInvalid(
        "type",
        "a `steps` message has arrays behind it, which only a MessagePack stream can carry",
        "Send the stream as MessagePack, or each step as a record.",
      );
    default:
      return parseRecord(plain, onRemark === undefined ? { wire: true } : { wire: true, onRemark });
  }
}
