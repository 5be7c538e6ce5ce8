import {
  ColumnRecords,
  ColumnStream,
  decodeMessagePack,
  type EpisodeRecord,
  encodeSteps,
  PADDING,
  type RowCursor,
  type StepColumns,
  type StepsMessage,
} from "@episcope/records";
import { decodeMulti, encode } from "@msgpack/msgpack";
import { joined } from "./padded-cells.js";

export type Head = Record<string, unknown> & {
  arrays: Record<string, unknown>;
  starts: Record<string, unknown>;
};

/** Two rows of two environments, 2x3 grids; both start before row 0, the first ends with row 0 and starts again. */
export function smallColumns(): StepColumns & { starts: NonNullable<StepColumns["starts"]> } {
  const grid = (value: number): number[] => [value, value, PADDING, value, value, PADDING];
  return {
    shape: [2, 2, 2, 3],
    envs: [4, 7],
    time: 1700000000,
    tasks: ["a", "b"],
    starts: {
      t: [0, 0, 1],
      env: [0, 1, 0],
      task: [0, 1, 1],
      pair: [0, 2, 0],
      initial: Uint8Array.from([...grid(1), ...grid(2), ...grid(3)]),
    },
    after: Uint8Array.from([...grid(4), ...grid(5), ...grid(6), ...grid(7)]),
    operation: Int32Array.of(0, 1, 2, 3),
    mask: Uint8Array.of(0b10000000, 0b01000000, 0b00000100, 0b11111100),
    reward: Float32Array.of(0.5, 1, 1.5, 2),
    terminated: Uint8Array.of(1, 0, 0, 0),
  };
}

/** Of a message without its length: the head, and the arrays behind it. */
export function partsOf(body: Uint8Array): { head: Head; raw: Uint8Array } {
  const head = decodeMulti(body).next().value as Head;
  return { head, raw: body.slice(body.length - (head["raw"] as number)) };
}

/** A message, without its length, of whatever it is given. */
export function messageOf(head: object, raw: Uint8Array): Uint8Array {
  const encoded = encode(head);
  return joined([encoded, new Uint8Array(-encoded.length & 7), raw]);
}

/** Changes a head; may return other bytes for the arrays. */
export type Change = (head: Head, raw: Uint8Array) => Uint8Array | undefined;

/** The body of a small message after a change of its head and its arrays. */
export function changed(change: Change): Uint8Array {
  const { head, raw } = partsOf(encodeSteps(smallColumns(), { seq: 10 }).bytes.subarray(4));
  return messageOf(head, change(head, raw) ?? raw);
}

/** Puts another array behind those that are there. */
export function withArray(
  name: string,
  dtype: string,
  shape: readonly number[],
  array: ArrayBufferView,
): Change {
  return (head, raw) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const all = joined([raw, bytes, new Uint8Array(-bytes.length & 7)]);
    head.arrays[name] = [dtype, shape, raw.length];
    head["raw"] = all.length;
    return all;
  };
}

/** Everything that becomes of one message. */
export function expand(body: Uint8Array): { records: EpisodeRecord[]; cursor: RowCursor } {
  const { columns, seq, records } = decodeMessagePack(body) as StepsMessage;
  const cursor = new ColumnStream().open(columns, { seq, records, others: 0 });
  return { records: [...new ColumnRecords().records(cursor)], cursor };
}
