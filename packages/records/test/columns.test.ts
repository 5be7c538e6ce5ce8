import { isDeepStrictEqual } from "node:util";
import {
  ColumnRecords,
  ColumnStream,
  decodeMessagePack,
  type EpisodeRecord,
  encodeSteps,
  MessageSplitter,
  type StepsMessage,
} from "@episcope/records";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { joined } from "./padded-cells.js";
import { Scenario, type ScenarioOptions } from "./vectorised-environments.js";

vi.setConfig({ testTimeout: 120_000 });

const side = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 7 }) }, fc.constantFrom(8, 30, 64));

const scenario: fc.Arbitrary<ScenarioOptions> = fc.record({
  seed: fc.nat(0xffffffff),
  environments: fc.integer({ min: 1, max: 5 }),
  height: side,
  width: side,
  lots: fc.integer({ min: 1, max: 4 }),
  maxRows: fc.integer({ min: 1, max: 9 }),
  selection: fc.constantFrom("mask", "mask", "point", "bbox", "none"),
  withBefore: fc.boolean(),
});

function expand(messages: readonly Pick<StepsMessage, "columns" | "seq" | "records">[]): EpisodeRecord[] {
  const stream = new ColumnStream();
  const maker = new ColumnRecords();
  return messages.flatMap(({ columns, seq, records }) => {
    const cursor = stream.open(columns, { seq, records, others: 0 });
    const made = [...maker.records(cursor)];
    expect(cursor.refusals).toEqual([]);
    expect(cursor.missing).toBe(0);
    return made;
  });
}

function same(actual: readonly unknown[], expected: readonly unknown[]): void {
  for (let at = 0; at < Math.max(actual.length, expected.length); at++)
    if (!isDeepStrictEqual(actual[at], expected[at])) expect(actual[at]).toStrictEqual(expected[at]);
}

describe("columns of steps", () => {
  it("become the records that a producer would have sent one by one", () => {
    fc.assert(
      fc.property(scenario, (options) => {
        const lots = new Scenario(options).lots();
        const made = expand(lots.map(({ columns, seq, count }) => ({ columns, seq, records: count })));
        same(
          made,
          lots.flatMap(({ records }) => records),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("are the same after the wire, in pieces of any size", () => {
    fc.assert(
      fc.property(
        scenario,
        fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 40 }),
        (options, sizes) => {
          const lots = new Scenario(options).lots();
          const bytes = joined(lots.map(({ columns, seq }) => encodeSteps(columns, { seq }).bytes));
          const splitter = new MessageSplitter();
          const messages: StepsMessage[] = [];
          let at = 0;
          for (const size of [...sizes, bytes.length]) {
            for (const body of splitter.push(bytes.subarray(at, at + size)))
              messages.push(decodeMessagePack(body) as StepsMessage);
            at += size;
          }
          expect(splitter.pendingBytes).toBe(0);
          same(
            expand(messages),
            lots.flatMap(({ records }) => records),
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});
