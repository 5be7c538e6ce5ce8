import {
  decodeMessagePack,
  decodeNdjson,
  decodeNdjsonMessage,
  encodeMessagePack,
  encodeNdjson,
  parseRecord,
  type Remark,
  type StepRecord,
} from "@episcope/records";
import { encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

const STEP = {
  type: "step",
  seq: 3,
  episode: "a",
  step: 0,
  time: 1,
  action: { operation: 3 },
  after: { shape: [1, 2], data: [1, 2] },
  reward: 0.5,
  terminated: false,
  truncated: false,
};

interface Read {
  readonly record: StepRecord;
  readonly remarks: readonly Remark[];
}

/** What becomes of a step with these fields, through each door that takes plain data. */
function read(change: Record<string, unknown>): Read {
  const remarks: Remark[] = [];
  const record = parseRecord({ ...STEP, ...change }, { onRemark: (remark) => remarks.push(remark) });
  return { record: record as StepRecord, remarks };
}

/** A step whose fields are written into a line of JSON as they stand. */
function readLine(fields: string): Read {
  const remarks: Remark[] = [];
  const line = `{${fields},${JSON.stringify(STEP).slice(1)}`;
  return {
    record: decodeNdjsonMessage(line, { onRemark: (remark) => remarks.push(remark) }) as StepRecord,
    remarks,
  };
}

function readPacked(body: Uint8Array): Read {
  const remarks: Remark[] = [];
  return {
    record: decodeMessagePack(body, { onRemark: (remark) => remarks.push(remark) }) as StepRecord,
    remarks,
  };
}

const trap = {
  get broken(): never {
    throw new Error("no");
  },
};
const circle: Record<string, unknown> = {};
circle["self"] = [circle];
function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe("a value that a record cannot hold costs that value, not the record:", () => {
  it.each([
    ["a bigint beyond 2^53", { a: 2n ** 64n }, { a: "18446744073709551616" }, "a"],
    ["a function", { a: { b: Math.max } }, { a: { b: String(Math.max) } }, "a.b"],
    ["a date", { a: new Date(0) }, { a: "1970-01-01T00:00:00.000Z" }, "a"],
    ["a map in a list", { a: [0, new Map()] }, { a: [0, "[Map]"] }, "a[1]"],
    ["an error", { a: new TypeError("no") }, { a: "TypeError: no" }, "a"],
    ["undefined in a list", { a: [undefined] }, { a: ["undefined"] }, "a[0]"],
    [
      "integers of 64 bits",
      { a: BigUint64Array.of(1n, 2n ** 64n - 1n) },
      { a: [1, "18446744073709551615"] },
      "a[1]",
    ],
    ["what refers to itself", { a: circle, b: 1 }, { a: "", b: 1 }, "a"],
    ["what is nested too deep", { a: deep(64), b: 1 }, { a: "", b: 1 }, "a"],
    ["a getter that throws", { a: trap, b: 1 }, { a: "", b: 1 }, "a"],
    ["what is no object", [1, 2], { "info.text": "[1,2]" }, ""],
    ["a similarity of text", { similarity: "high" }, { "similarity.text": "high" }, "similarity"],
    ["a success that is neither", { success: 2 }, { "success.text": "2" }, "success"],
    [
      "a metric of nothing",
      { metrics: { a: null, b: 1 } },
      { metrics: { b: 1 }, "metrics.a": "null" },
      "metrics.a",
    ],
    ["metrics that are no object", { metrics: [1] }, { "metrics.text": "[1]" }, "metrics"],
  ])("%s", (_, info, kept, path) => {
    const { record, remarks } = read({ info });
    expect(record.info).toEqual(kept);
    expect(remarks).toEqual([
      { kind: "value_as_text", message: expect.stringContaining(path === "" ? "info: " : `info.${path}`) },
    ]);
  });

  it("a key that could change what an object inherits", () => {
    const { record, remarks } = read({ info: JSON.parse('{"__proto__": {"polluted": 1}, "b": 1}') });
    expect(record.info).toEqual({ b: 1 });
    expect(Object.hasOwn(record.info, "__proto__")).toBe(false);
    expect(remarks).toEqual([{ kind: "value_left_out", message: expect.stringContaining("'__proto__'") }]);
  });

  it("a state that cannot be read", () => {
    const { record, remarks } = read({ state: circle });
    expect(record.state).toBe("");
    expect(remarks).toHaveLength(1);
  });
});

describe("numbers and booleans of Python", () => {
  it("are taken for one another where one of them is expected", () => {
    const { record, remarks } = read({
      reward: true,
      terminated: 1,
      truncated: 0,
      info: { success: 1, similarity: true, metrics: { solved: true } },
      action: { operation: 3, selection: { kind: "mask", mask: [true, false] } },
    });
    expect(record).toMatchObject({ reward: 1, terminated: true, truncated: false });
    expect(record.info).toEqual({ success: true, similarity: 1, metrics: { solved: 1 } });
    expect(record.action.selection).toEqual({ kind: "mask", mask: Uint8Array.of(1, 0) });
    expect(remarks).toEqual([]);
  });

  it("that JSON lacks are read as Python writes them", () => {
    const { record, remarks } = readLine(
      '"info": {"a": [NaN, -Infinity], "b": "NaN, Infinity", "metrics": {"loss": Infinity}}',
    );
    expect(record.info).toEqual({
      a: [Number.NaN, -Infinity],
      b: "NaN, Infinity",
      metrics: { loss: Infinity },
    });
    expect(remarks).toEqual([]);
    expect(() => decodeNdjson('{"a": nan}')).toThrow(
      expect.objectContaining({ code: "RECORD_LINE_INVALID" }),
    );
  });
});

describe("a line of JSON in which something would change without a word", () => {
  it.each([
    ["an integer beyond 2^53", '"info": {"a": 9007199254740993}', { a: "9007199254740993" }, "value_as_text"],
    [
      "an integer of 64 bits",
      '"info": {"a": [-9223372036854775807]}',
      { a: ["-9223372036854775807"] },
      "value_as_text",
    ],
    ["an integer of 40 digits", `"info": {"a": ${"1".repeat(40)}}`, { a: "1".repeat(40) }, "value_as_text"],
    [
      "a number that is too large",
      '"info": {"a": 1e999, "b": -1E+400}',
      { a: Infinity, b: -Infinity },
      "number_out_of_range",
    ],
    ["a number that is too small", '"info": {"a": 1e-999}', { a: 0 }, "number_out_of_range"],
    ["a name that comes twice", '"info": {"a": 1, "a": 2}', { a: 2 }, "duplicate_name"],
    [
      "a name that comes twice in two spellings",
      '"info": {"a": 1, "\\u0061" : 2}',
      { a: 2 },
      "duplicate_name",
    ],
    [
      "a name that comes twice far inside",
      '"info": {"x": [0, [{"a": 1, "a": 2}]]}',
      { x: [0, [{ a: 2 }]] },
      "duplicate_name",
    ],
  ])("says so of %s", (_, fields, info, kind) => {
    const { record, remarks } = readLine(fields);
    expect(record.info).toEqual(info);
    expect(new Set(remarks.map((remark) => remark.kind))).toEqual(new Set([kind]));
  });

  it.each([
    ["integers that a double holds", '{"a": 9007199254740991, "b": 1152921504606846976, "c": 1e22}'],
    ["integers as JavaScript writes doubles", '{"a": 1152921504606847000}'],
    ["numbers of many digits", '{"a": 0.12345678901234567, "b": 5e-324, "c": 1e-300}'],
    [
      "texts that look like other things",
      '{"a": "1e999, \\"a\\": 1", "b\\":": "-1", "c": "9007199254740993"}',
    ],
    ["the same name in different objects", '{"a": {"a": [{"a": 1}, {"a": 1}]}}'],
  ])("has nothing to say of %s", (_, info) => {
    const { record, remarks } = readLine(`"info": ${info}`);
    expect(record.info).toEqual(JSON.parse(info));
    expect(remarks).toEqual([]);
  });

  it("refuses an integer beyond 2^53 where it has no text to become", () => {
    expect(() => readLine('"x": 1')).toThrow("no such field");
    const line = JSON.stringify(STEP).replace('"operation":3', '"operation":9007199254740993');
    expect(() => decodeNdjson(line)).toThrow(
      expect.objectContaining({ code: "RECORD_INVALID", fields: { path: "action.operation" } }),
    );
  });
});

describe("a message of MessagePack in which something would change without a word", () => {
  it("has integers of 64 bits as numbers where a number holds them, else as texts", () => {
    const { info } = readPacked(
      encode({ ...STEP, info: { a: 5n, b: 2n ** 64n - 1n, c: -(2n ** 53n) - 1n } }, { useBigInt64: true }),
    ).record;
    expect(info).toEqual({ a: 5, b: "18446744073709551615", c: "-9007199254740993" });
  });

  it("says which text is no UTF-8, and nothing of texts that are", () => {
    const body = encode({ ...STEP, info: { a: "données ÿ", b: "\ufffd", ключ: 1 } });
    expect(readPacked(body).remarks).toEqual([]);
    const broken = Uint8Array.from(body);
    broken[broken.indexOf(0xc3)] = 0xe9;
    expect(readPacked(broken).remarks).toEqual([
      { kind: "text_not_utf8", message: expect.stringContaining("donn") },
    ]);
  });
});

it("what was read once is read again without a remark, through both wires", () => {
  const { record } = read({ info: { big: 2n ** 64n, when: new Date(0), metrics: { a: null, b: true } } });
  const remarks: Remark[] = [];
  const onRemark = (remark: Remark): unknown => remarks.push(remark);
  expect(decodeNdjsonMessage(encodeNdjson(record), { onRemark })).toEqual(record);
  expect(decodeMessagePack(encodeMessagePack(record).subarray(4), { onRemark })).toEqual(record);
  expect(remarks).toEqual([]);
});
