import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  ColumnRecords,
  ColumnStream,
  decodeMessagePack,
  decodeNdjson,
  MessageSplitter,
  type ProducerMessage,
  type StreamRecord,
} from "@episcope/records";
import { describe, expect, it } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`golden/steps-v1/${name}`, import.meta.url));

describe("a stream that numpy wrote, with columns of every width", () => {
  const bytes = readFileSync(path("steps.msgpack"));
  const expected = readFileSync(path("steps.ndjson"), "utf8").trimEnd().split("\n").map(decodeNdjson);

  it.each([1, 7, 1000, bytes.length])("is the records that it stands for, in pieces of %i bytes", (size) => {
    const splitter = new MessageSplitter();
    const stream = new ColumnStream();
    const maker = new ColumnRecords();
    const records: StreamRecord[] = [];
    const controls: ProducerMessage[] = [];
    let others = 0;
    for (let at = 0; at < bytes.length; at += size) {
      for (const body of splitter.push(bytes.subarray(at, at + size))) {
        const message = decodeMessagePack(body);
        if (message.type === "steps") {
          const cursor = stream.open(message.columns, { seq: message.seq, records: message.records, others });
          records.push(...maker.records(cursor));
          expect([cursor.refused, cursor.missing]).toEqual([0, 0]);
          others = 0;
        } else if ("seq" in message) {
          records.push(message);
          others += 1;
        } else controls.push(message);
      }
    }
    expect(records).toStrictEqual(expected);
    expect(controls.map(({ type }) => type)).toEqual(["hello", "flush"]);
  });
});
