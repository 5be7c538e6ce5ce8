import { EpiscopeError } from "@episcope/core";
import {
  decodeMessagePack,
  decodeNdjsonMessage,
  MAX_MESSAGE_BYTES,
  MessageSplitter,
  type ProducerMessage,
  type StreamRecord,
} from "@episcope/core/records";
import { lineTooLong, streamCut } from "../errors.js";
import { ndjsonLines } from "./ndjson-lines.js";

export type Encoding = "ndjson" | "messagepack";

/** One message of a producer, or why there is none; `place` says where, for people ("line 7", "message 7"). */
export type Incoming = { readonly place: string; readonly line?: number; readonly encoding: Encoding } & (
  | { readonly message: StreamRecord | ProducerMessage }
  | { readonly error: EpiscopeError }
);

/**
 * Reads a producer's stream, in either encoding: NDJSON begins with a text, MessagePack with a length. A message that
 * cannot be read is given as its error, and the stream goes on.
 */
export async function* readMessages(input: AsyncIterable<Uint8Array>): AsyncGenerator<Incoming> {
  const chunks = input[Symbol.asyncIterator]();
  let first = await chunks.next();
  while (first.done !== true && first.value.length === 0) first = await chunks.next();
  if (first.done === true) return;
  const head = first.value;
  const whole: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    },
  };
  yield* beginsAsText(head) ? fromNdjson(whole) : fromMessagePack(whole);
}

/** "{", white space or a byte-order mark; a MessagePack length with such a first byte would have a zero after it. */
function beginsAsText(head: Uint8Array): boolean {
  const first = head[0]!;
  return (
    (first === 0x7b && head[1] !== 0) || first === 0xef || first === 0x20 || first === 0x0a || first === 0x0d
  );
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
  for await (const chunk of input) {
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

function asOwnError(error: unknown): EpiscopeError {
  if (error instanceof EpiscopeError) return error;
  throw error;
}
