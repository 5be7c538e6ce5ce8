import type { EpiscopeError } from "@episcope/errors";
import { encodeAnswer } from "./encode-answer.js";
import type { Incoming } from "./read-messages.js";

/**
 * Waits for the first message of a stream, before anything is made for it. Gives the whole stream, the first message
 * included; null where it ends without one. Throws what says that nothing of it can be recorded: a newer version of the
 * stream (STREAM_VERSION_UNSUPPORTED; the producer hears it too), a format that is none (CLI_FORMAT_UNREADABLE).
 */
export async function beginStream(
  messages: AsyncGenerator<Incoming>,
  answer: ((bytes: Uint8Array) => Promise<void>) | undefined,
): Promise<AsyncIterable<Incoming> | null> {
  const first = await messages.next();
  if (first.done === true) return null;
  const { value } = first;
  if ("error" in value && value.error.code === "STREAM_VERSION_UNSUPPORTED") {
    await answer?.(encodeAnswer(errorAnswer(value, value.error), value.encoding));
    throw value.error;
  }
  return {
    async *[Symbol.asyncIterator]() {
      yield value;
      yield* messages;
    },
  };
}

function errorAnswer({ line }: Incoming, { code, message }: EpiscopeError) {
  return { type: "error" as const, ...(line === undefined ? {} : { line }), code, message };
}
