import { isDeepStrictEqual } from "node:util";
import {
  decodeMessagePack,
  decodeNdjson,
  decodeNdjsonMessage,
  encodeMessagePack,
  encodeNdjson,
  type Grid,
  gridFromRows,
  gridFromText,
  gridSimilarity,
  gridsEqual,
  gridToRows,
  gridToText,
  MessageSplitter,
  operationName,
  parseRecord,
  type StreamRecord,
  selectionMask,
} from "@episcope/records";
import { paintingEpisode } from "@episcope/records/testing";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { grid, stream } from "./arbitrary-records.js";

// Properties run many cases; machines that run other tests beside them are slow.
vi.setConfig({ testTimeout: 60_000 });

const step = () => structuredClone(paintingEpisode()[1]!) as unknown as Record<string, unknown>;
const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "none";
};

describe("the record stream", () => {
  it("survives NDJSON with every value", () => {
    fc.assert(
      fc.property(stream, (records) => {
        for (const record of records) same(decodeNdjson(encodeNdjson(record)), record);
      }),
    );
  });

  it("survives NDJSON with grids of text, and with a mixture of both forms", () => {
    fc.assert(
      fc.property(stream, (records) => {
        for (const record of records) same(decodeNdjson(encodeNdjson(record, { grids: "text" })), record);
      }),
    );
  });

  it("survives MessagePack with every value but lone surrogates", () => {
    fc.assert(
      fc.property(stream, (records) => {
        for (const record of records) {
          if (/\\ud[89a-f]/.test(JSON.stringify(record))) continue;
          same(decodeMessagePack(encodeMessagePack(record).subarray(4)), record);
        }
      }),
    );
  });

  it("gives a parsed record back as it is", () => {
    fc.assert(
      fc.property(stream, (records) => {
        for (const record of records) same(parseRecord(record), record);
      }),
    );
  });

  it("cuts a byte stream into messages however it comes", () => {
    const records = paintingEpisode();
    const bytes = Buffer.concat(records.map((record) => encodeMessagePack(record)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 })), (sizes) => {
        const splitter = new MessageSplitter();
        const got: unknown[] = [];
        let offset = 0;
        for (const size of [...sizes, bytes.length]) {
          for (const body of splitter.push(bytes.subarray(offset, offset + size)))
            got.push(decodeMessagePack(body));
          offset += size;
        }
        same(got, records);
        expect(splitter.pendingBytes).toBe(0);
      }),
    );
  });

  it("reads what a producer sends besides records", () => {
    expect(decodeNdjsonMessage('{"type":"hello","version":1,"producer":"jax 0.1"}')).toEqual({
      type: "hello",
      version: 1,
      producer: "jax 0.1",
    });
    expect(decodeNdjsonMessage('{"type":"flush","id":7}')).toEqual({ type: "flush", id: 7 });
    expect(codeOf(() => decodeNdjsonMessage('{"type":"hello","version":2}'))).toBe(
      "STREAM_VERSION_UNSUPPORTED",
    );
  });

  it("takes the words for numbers that JSON lacks", () => {
    const line = JSON.stringify({
      ...step(),
      reward: "-Infinity",
      after: plainGrid(),
      info: { a: "NaN", b: "\\NaN" },
    });
    const record = decodeNdjson(line) as StreamRecord & { type: "step" };
    expect(record.reward).toBe(Number.NEGATIVE_INFINITY);
    expect(record.info).toEqual({ a: Number.NaN, b: "NaN" });
    expect(encodeNdjson({ ...record, reward: -0 })).toContain('"reward":"-0"');
  });

  it("refuses what is wrong and names the place", () => {
    const cases: [change: Record<string, unknown>, code: string, path: string][] = [
      [{ type: "stepp" }, "RECORD_TYPE_UNKNOWN", "type"],
      [{ rewrad: 1 }, "RECORD_INVALID", "rewrad"],
      [{ reward: "1" }, "RECORD_INVALID", "reward"],
      [{ reward: undefined }, "RECORD_INVALID", "reward"],
      [{ step: -1 }, "RECORD_INVALID", "step"],
      [{ seq: 1.5 }, "RECORD_INVALID", "seq"],
      [{ after: { shape: [2, 65], data: [] } }, "GRID_INVALID", "after"],
      [{ after: { shape: [1, 2], data: [1] } }, "GRID_INVALID", "after"],
      [{ after: { shape: [1, 1], data: [16] } }, "GRID_INVALID", "after"],
      [{ after: { shape: [1, 1], data: [256] } }, "RECORD_INVALID", "after.data[0]"],
      [
        { action: { operation: 1, selection: { kind: "circle" } } },
        "RECORD_INVALID",
        "action.selection.kind",
      ],
      [
        { action: { operation: 1, selection: { kind: "point", point: [1] } } },
        "RECORD_INVALID",
        "action.selection.point",
      ],
    ];
    for (const [change, code, path] of cases) {
      expect(() => parseRecord({ ...step(), ...change })).toThrow(
        expect.objectContaining({ code, fields: expect.objectContaining({ path }) }),
      );
    }
    expect(codeOf(() => decodeNdjson("{"))).toBe("RECORD_LINE_INVALID");
    expect(codeOf(() => decodeMessagePack(Uint8Array.from([0xc1])))).toBe("MESSAGE_INVALID");
    expect(codeOf(() => new MessageSplitter().push(Uint8Array.from([0, 0, 0, 5])))).toBe("MESSAGE_INVALID");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a grid", () => {
  it("is built from rows and given back as rows", () => {
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(gridToRows(gridFromRows(rows))).toEqual(rows);
    expect(() => gridFromRows([[1], [2, 3]])).toThrow(expect.objectContaining({ code: "GRID_INVALID" }));
  });

  it("is built from lines of text and given back as lines", () => {
    const lines = ["00300", "0.3af"];
    const text = gridFromText(lines);
    expect(text).toEqual({
      shape: [2, 5],
      data: Uint8Array.of(0, 0, 3, 0, 0, 0, 0, 3, 10, 15),
      mask: Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 1, 1, 1),
    });
    expect(gridToText(text)).toEqual(lines);
    fc.assert(
      fc.property(grid, (original) => {
        const written = gridToText(original);
        if (written === null) expect(original.mask).toBeDefined();
        else same(gridFromText(written), original);
      }),
    );
    // What lies below the padding, and masks without padding, are kept in the other form.
    const padded = { shape: [1, 2], data: Uint8Array.of(1, 2), mask: Uint8Array.of(1, 0) } as const;
    expect(gridToText(padded)).toBeNull();
    expect(gridToText({ ...padded, mask: Uint8Array.of(1, 1) })).toBeNull();
    expect(gridToText({ ...padded, mask: Uint8Array.of(1, 7) })).toBeNull();
  });

  it.each([
    [[], "the shape 0x0"],
    [["", ""], "the shape 2x0"],
    [[7], "the shape 1x0"],
    [["0".repeat(65)], "the shape 1x65"],
    [["012", "01"], "row 1 is no text of 3 characters"],
    [["012", null], "row 1 is no text of 3 characters"],
    [["012", "0G2"], 'row 1, column 1 is "G"'],
    [["012", "0A2"], 'row 1, column 1 is "A"'],
    [["01\u{1f600}"], "column 2"],
  ])("is not built from %j", (lines, problem) => {
    const build = () => parseRecord({ ...step(), after: lines });
    expect(build).toThrow(expect.objectContaining({ code: "GRID_INVALID", fields: { path: "after" } }));
    expect(build).toThrow(problem);
  });

  it("may be text wherever a record has one", () => {
    const start = {
      ...structuredClone(paintingEpisode()[0]!),
      initial: ["12"],
      input: ["3."],
      target: ["4", "5"],
    };
    const read = decodeNdjson(JSON.stringify(start)) as StreamRecord & { type: "episode-start" };
    expect([read.initial, read.input, read.target].map((given) => gridToText(given!))).toEqual([
      ["12"],
      ["3."],
      ["4", "5"],
    ]);
    const line = JSON.stringify({ ...step(), before: ["1"], after: ["2"], action: { operation: 1 } });
    const made = decodeNdjson(line) as StreamRecord & { type: "step" };
    expect([made.before, made.after].map((given) => gridToText(given!))).toEqual([["1"], ["2"]]);
  });

  it("is equal to a copy and to nothing else", () => {
    fc.assert(
      fc.property(grid, fc.nat(), (original, at) => {
        expect(gridsEqual(original, structuredClone(original))).toBe(true);
        const other = structuredClone(original);
        other.data[at % other.data.length]! ^= 1;
        expect(gridsEqual(original, other)).toBe(false);
      }),
    );
  });

  it("is similar to a target by the target's cells", () => {
    const target = gridFromRows([
      [1, 2],
      [3, 4],
    ]);
    expect(gridSimilarity(target, target)).toBe(1);
    expect(gridSimilarity(gridFromRows([[1, 2]]), target)).toBe(0.5);
    expect(
      gridSimilarity(
        gridFromRows([
          [1, 2, 0],
          [3, 0, 0],
          [0, 0, 0],
        ]),
        target,
      ),
    ).toBe(0.75);
    const padded: Grid = { ...target, mask: Uint8Array.from([1, 0, 0, 0]) };
    expect(gridSimilarity(target, padded)).toBe(1);
    expect(gridSimilarity(padded, target)).toBe(0.25);
  });
});

describe("a selection", () => {
  it("covers a point or a box, clipped to the grid", () => {
    const mask = (selection: Parameters<typeof selectionMask>[0]) =>
      [...selectionMask(selection, [2, 3])].join("");
    expect(mask({ kind: "point", point: [1, 2] })).toBe("000001");
    expect(mask({ kind: "point", point: [-5, 99] })).toBe("001000");
    expect(mask({ kind: "bbox", bbox: [1, 1, 0, 0] })).toBe("110110");
    expect(mask({ kind: "bbox", bbox: [0, 2, 9, 9] })).toBe("001001");
    expect(mask({ kind: "mask", mask: Uint8Array.from([0, 7, 0, 0, 1, 0]) })).toBe("010010");
  });

  it("refuses a mask of another size", () => {
    const mask = { kind: "mask", mask: new Uint8Array(5) } as const;
    expect(codeOf(() => selectionMask(mask, [2, 3]))).toBe("SELECTION_INVALID");
  });
});

it("names operations by the producer's word, the standard, or the id", () => {
  expect(operationName({ operation: 13 })).toBe("Flood Fill 3");
  expect(operationName({ operation: 34 })).toBe("Submit");
  expect(operationName({ operation: 99 })).toBe("Operation 99");
  expect(operationName({ operation: 34, name: "Hand in" })).toBe("Hand in");
});

function plainGrid(): unknown {
  return { shape: [1, 1], data: [0] };
}

function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}
