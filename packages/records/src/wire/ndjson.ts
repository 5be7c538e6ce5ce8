import { gridToText } from "../record/grid-text.js";
import { parseRecord } from "../record/parse-record.js";
import type { StreamRecord } from "../record/record.js";
import { parseMessage } from "./parse-message.js";
import { readJson } from "./read-json.js";
import type { DecodeOptions, ProducerMessage, RecorderMessage } from "./wire.js";
import { toWireForm, type WireForms } from "./wire-form.js";

export interface EncodeNdjsonOptions {
  /**
   * How grids are written: "data" as `{shape, data, mask?}`, "text" as a line of characters for each row, where these say all
   * of the grid. Default: "data".
   */
  readonly grids?: "data" | "text";
}

const DATA: WireForms = { bytes: (bytes) => Array.from(bytes) };
const TEXT: WireForms = { ...DATA, grid: gridToText };

/**
 * A record as one line of JSON, without the line feed. NaN, the infinities and -0 become the strings "NaN",
 * "Infinity", "-Infinity" and "-0"; a text of `info`, `state` or `meta` that reads like one of them gets a backslash
 * before it, and one that has backslashes before such a word gets one more. Lone surrogates are escaped (`\udc00`).
 */
export function encodeNdjson(record: StreamRecord, { grids = "data" }: EncodeNdjsonOptions = {}): string {
  return JSON.stringify(toWireForm(record, grids === "text" ? TEXT : DATA));
}

/** Reads a line that has to be a record. Throws RECORD_LINE_INVALID or what `parseRecord` throws. */
export function decodeNdjson(line: string): StreamRecord {
  return parseRecord(readJson(line), { wire: true });
}

/** Reads a line of a producer: a record or a control message. */
export function decodeNdjsonMessage(
  line: string,
  { onRemark }: DecodeOptions = {},
): StreamRecord | ProducerMessage {
  return parseMessage(readJson(line, onRemark), onRemark);
}

export function encodeNdjsonMessage(message: ProducerMessage | RecorderMessage): string {
  return JSON.stringify(message);
}
