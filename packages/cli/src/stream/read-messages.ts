import { EpiscopeError } from "@episcope/errors";
import {
  decodeMessagePack,
  decodeNdjsonMessage,
  MAX_MESSAGE_BYTES,
  MessageSplitter,
  type ProducerMessage,
  type Remark,
  type StepsMessage,
  type StreamRecord,
} from "@episcope/records";
import { inputEnded, lineTooLong, streamCut } from "../terminal/errors.js";
import { decompressed, isGzip } from "./decompress.js";
import { foreignText } from "./foreign-text.js";
import { ndjsonLines } from "./ndjson-lines.js";

export type Encoding = "ndjson" | "messagepack";

/** One message of a producer, or why there is none; `place` says where, for people ("line 7", "message 7"). */
export type Incoming = { readonly place: string; readonly line?: number; readonly encoding: Encoding } & (
  | {
      readonly message: StreamRecord | ProducerMessage | StepsMessage;
      /** What of it could not be kept as it was sent. */
      readonly remarks: readonly Remark[];
    }
  | { readonly error: EpiscopeError }
);

/**
 * Reads a producer's stream in either encoding, compressed with gzip or not. A message that cannot be read is given as its
 * error, and the stream goes on. Throws CLI_FORMAT_UNREADABLE where the input is something else altogether.
 */
export async function* readMessages(input: AsyncIterable<Uint8Array>): AsyncGenerator<Incoming> {
  const chunks = input[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let isDone = false;
  while (head.length < PREFIX_BYTES && !isDone) {
    const next = await chunks.next();
    if (next.done === true) isDone = true;
    else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  if (head.length === 0) return;
  const whole: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    },
  };
  if (isGzip(head)) yield* fromGzip(head, whole);
  else {
    const bytes = decompressed(head, whole);
    yield* isLength(head) ? fromMessagePack(bytes) : fromNdjson(bytes);
  }
}

/** What is in a gzip stream; its damage is a last message that cannot be read. */
async function* fromGzip(head: Uint8Array, whole: AsyncIterable<Uint8Array>): AsyncGenerator<Incoming> {
  let last: Incoming | null = null;
  try {
    for await (const incoming of readMessages(decompressed(head, whole))) {
      last = incoming;
      yield incoming;
    }
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("Z_")) throw error;
    const place = last === null ? "message 1" : `after ${last.place}`;
    yield { place, encoding: last?.encoding ?? "ndjson", error: inputEnded(error) };
  }
}

/** Of the length before each MessagePack message: u32, little-endian. */
const PREFIX_BYTES = 4;

/** The last byte of a length up to 64 MiB is at most 4; texts have no such bytes. */
function isLength(head: Uint8Array): boolean {
  return head.length >= PREFIX_BYTES && head[PREFIX_BYTES - 1]! <= MAX_MESSAGE_BYTES >>> 24;
}

async function* fromNdjson(input: AsyncIterable<Uint8Array>): AsyncGenerator<Incoming> {
  const encoding = "ndjson";
  let isFirst = true;
  for await (const { number, text, isUtf8 } of ndjsonLines(input, MAX_MESSAGE_BYTES)) {
    if (text !== null && text.trim() === "") continue;
    const place = `line ${number}`;
    const remarks: Remark[] = [];
    const onRemark = (remark: Remark): unknown => remarks.push(remark);
    if (!isUtf8)
      remarks.push({ kind: "text_not_utf8", message: "bytes are no UTF-8, and U+FFFD stands for them" });
    let incoming: Incoming;
    try {
      if (text === null) throw lineTooLong(number, MAX_MESSAGE_BYTES);
      incoming = { place, line: number, encoding, remarks, message: decodeNdjsonMessage(text, { onRemark }) };
    } catch (error) {
      const foreign = isFirst && text !== null ? foreignText(text) : null;
      if (foreign !== null) throw foreign;
      incoming = { place, line: number, encoding, error: asOwnError(error) };
    }
    isFirst = false;
    yield incoming;
  }
}

async function* fromMessagePack(input: AsyncIterable<Uint8Array>): AsyncGenerator<Incoming> {
  const encoding = "messagepack";
  const splitter = new MessageSplitter();
  let number = 0;
  for await (const chunk of withEnd(input)) {
    let bodies: Uint8Array[];
    try {
      bodies = splitter.push(chunk);
    } catch (error) {
      // Without a right length there is no telling where the next message begins.
      yield { place: `message ${number + 1}`, encoding, error: asOwnError(error) };
      return;
    }
    for (const body of bodies) {
      number += 1;
      const place = `message ${number}`;
      const remarks: Remark[] = [];
      try {
        const message = decodeMessagePack(body, { onRemark: (remark) => remarks.push(remark) });
        yield { place, encoding, remarks, message };
      } catch (error) {
        yield { place, encoding, error: asOwnError(error) };
      }
    }
  }
  if (splitter.pendingBytes > 0)
    yield { place: `message ${number + 1}`, encoding, error: streamCut(splitter.pendingBytes) };
}

/** An empty chunk at the end makes the splitter say what is wrong with the last length. */
async function* withEnd(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* input;
  yield new Uint8Array(0);
}

function asOwnError(error: unknown): EpiscopeError {
  if (error instanceof EpiscopeError) return error;
  throw error;
}
