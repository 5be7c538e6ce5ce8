import { EpiscopeError } from "@episcope/errors";
import {
  decodeMessagePack,
  decodeNdjsonMessage,
  MAX_MESSAGE_BYTES,
  MessageSplitter,
  type ProducerMessage,
  type StepsMessage,
  type StreamRecord,
} from "@episcope/records";
import { lineTooLong, streamCut } from "../terminal/errors.js";
import { ndjsonLines } from "./ndjson-lines.js";

export type Encoding = "ndjson" | "messagepack";

/** One message of a producer, or why there is none; `place` says where, for people ("line 7", "message 7"). */
export type Incoming = { readonly place: string; readonly line?: number; readonly encoding: Encoding } & (
  | { readonly message: StreamRecord | ProducerMessage | StepsMessage }
  | { readonly error: EpiscopeError }
);

/**
 * Reads a producer's stream in either encoding. A message that cannot be read is given as its error, and the stream
 * goes on.
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
  yield* isLength(head) ? fromMessagePack(whole) : fromNdjson(whole);
}

/** Of the length before each MessagePack message: u32, little-endian. */
const PREFIX_BYTES = 4;

/** The last byte of a length up to 64 MiB is at most 4; texts have no such bytes. */
function isLength(head: Uint8Array): boolean {
  return head.length >= PREFIX_BYTES && head[PREFIX_BYTES - 1]! <= MAX_MESSAGE_BYTES >>> 24;
}

async function* fromNdjson(input: AsyncIterable<Uint8Array>): AsyncGenerator<Incoming> {
  const encoding = "ndjson";
  for await (const { number, text } of ndjsonLines(input, MAX_MESSAGE_BYTES)) {
    if (text !== null && text.trim() === "") continue;
    const place = `line ${number}`;
    try {
      if (text === null) throw lineTooLong(number, MAX_MESSAGE_BYTES);
      yield { place, line: number, encoding, message: decodeNdjsonMessage(text) };
    } catch (error) {
      yield { place, line: number, encoding, error: asOwnError(error) };
    }
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
      try {
        yield { place, encoding, message: decodeMessagePack(body) };
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
