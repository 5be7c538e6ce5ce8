import type { Run } from "@episcope/core";
import type { EpiscopeError } from "@episcope/errors";
import {
  encodeMessagePack,
  encodeNdjsonMessage,
  type RecorderMessage,
  type StreamRecord,
} from "@episcope/records";
import { helloMissing } from "../terminal/errors.js";
import { printable } from "../terminal/table.js";
import { type Encoding, type Incoming, readMessages } from "./read-messages.js";

export interface IngestOptions {
  /** Gets one line for each of the first refusals, and one for the rest of them. */
  reportRefusal(text: string): void;
  /** Where the producer hears `flushed`, `ack` and `error`; left out where it does not listen. */
  readonly answer?: (bytes: Uint8Array) => Promise<void>;
  /** Told of each record that the run accepted. */
  onRecord?(record: StreamRecord): void;
}

/** Refusals that are told one by one; a stream that is wrong throughout must not flood the terminal. */
const TOLD = 10;
/** Records between two looks at the queues: reading waits for them instead of losing pictures. */
const BREATH = 256;

/** Records a producer's stream and gives the number of messages that were refused. */
export async function ingest(
  input: AsyncIterable<Uint8Array>,
  run: Run,
  options: IngestOptions,
): Promise<number> {
  let refused = 0;
  let greeted = false;
  let taken = 0;
  const answer = async (message: RecorderMessage, encoding: Encoding): Promise<void> => {
    await options.answer?.(
      encoding === "ndjson" ? Buffer.from(`${encodeNdjsonMessage(message)}\n`) : encodeMessagePack(message),
    );
  };
  const refuse = async (incoming: Incoming, error: EpiscopeError, seq?: number): Promise<void> => {
    refused += 1;
    const { place, line, encoding } = incoming;
    if (refused <= TOLD)
      options.reportRefusal(`${place} of the input is refused: ${printable(error.message)} [${error.code}]`);
    else if (refused === TOLD + 1) options.reportRefusal("Further refusals are counted, not shown.");
    const { code, message } = error;
    const where = { ...(line === undefined ? {} : { line }), ...(seq === undefined ? {} : { seq }) };
    await answer({ type: "error", ...where, code, message }, encoding);
  };
  for await (const incoming of readMessages(input)) {
    if ("error" in incoming) {
      await refuse(incoming, incoming.error);
      continue;
    }
    const { message, encoding } = incoming;
    if (!greeted) {
      greeted = true;
      if (message.type !== "hello") await refuse(incoming, helloMissing(incoming.place));
    }
    switch (message.type) {
      case "hello":
        break;
      case "flush":
        await answer({ type: "flushed", id: message.id, ...(await run.flush()) }, encoding);
        break;
      case "ack":
        await answer({ type: "ack", seq: (await run.flush()).seq }, encoding);
        break;
      default: {
        const { error } = run.record(message);
        if (error !== undefined) await refuse(incoming, error, message.seq);
        else options.onRecord?.(message);
        taken += 1;
        if (taken % BREATH === 0) await run.ready();
      }
    }
  }
  return refused;
}
