import type { OnRemark } from "../record/remark.js";

/**
 * Messages of the wire that are no records. The first message of a producer is `hello`; `flush` and `ack` may
 * come at any time and are answered on the other direction of the connection.
 */
export interface HelloMessage {
  readonly type: "hello";
  /** Version of the record stream that the producer speaks (STREAM_VERSION). */
  readonly version: number;
  /** Name and version of the program, for messages. */
  readonly producer: string;
}

/** Asks to be told when everything sent before is acknowledged at the configured durability. */
export interface FlushMessage {
  readonly type: "flush";
  /** Chosen by the producer, repeated in the answer. */
  readonly id: number;
}

export interface FlushedMessage {
  readonly type: "flushed";
  readonly id: number;
  /** The last `seq` that is acknowledged; -1 before the first. */
  readonly seq: number;
  readonly written: number;
  readonly dropped: number;
}

/** From the producer: asks for the last acknowledged `seq`. */
export interface AckRequestMessage {
  readonly type: "ack";
}

/** To the producer: every record up to `seq` is acknowledged; -1 before the first. */
export interface AckMessage {
  readonly type: "ack";
  readonly seq: number;
}

/** To the producer: something it sent was refused. `line` (NDJSON, from 1) or `seq` says what. */
export interface ErrorMessage {
  readonly type: "error";
  readonly line?: number;
  /** Of the record, or of the `steps` message. */
  readonly seq?: number;
  /** Of a `steps` message that was taken but for some records: the first row that it concerns, from 0. */
  readonly t?: number;
  /** The environment of that row. */
  readonly env?: number;
  /** How many records of that environment are not there for this reason. */
  readonly records?: number;
  readonly code: string;
  readonly message: string;
}

export type ProducerMessage = HelloMessage | FlushMessage | AckRequestMessage;
export type RecorderMessage = FlushedMessage | AckMessage | ErrorMessage;

/** Largest message or line of the wire, in bytes. */
export const MAX_MESSAGE_BYTES: number = 64 * 2 ** 20;
/** Length of a message of the binary wire, before it: u32, little-endian. */
export const PREFIX_BYTES = 4;

/** How a message of a producer is read. */
export interface DecodeOptions {
  /** Hears of what could not be kept as it was sent, see `REMARK_KINDS`. */
  readonly onRemark?: OnRemark;
}
