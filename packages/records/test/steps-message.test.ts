import { EpiscopeError } from "@episcope/errors";
import {
  decodeMessagePack,
  decodeNdjsonMessage,
  type EpisodeStartRecord,
  encodeSteps,
  MAX_MESSAGE_BYTES,
  MAX_ROWS,
  MessageSplitter,
  parseRecord,
  type StepColumns,
  type StepRecord,
  type StepsMessage,
} from "@episcope/records";
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joined } from "./padded-cells.js";
import {
  type Change,
  changed,
  expand,
  type Head,
  messageOf,
  partsOf,
  smallColumns,
  withArray,
} from "./steps-fixtures.js";

const bodyOf = (columns: StepColumns): Uint8Array => encodeSteps(columns, { seq: 10 }).bytes.subarray(4);

/** Changes of a head. */
function edit(change: (head: Head) => unknown): Change {
  return (head) => {
    change(head);
    return undefined;
  };
}
const set = (field: string, value: unknown) => edit((head) => Object.assign(head, { [field]: value }));
const without = (field: string) => edit((head) => delete head[field]);
const shorten = (bytes: number) =>
  edit((head) => Object.assign(head, { raw: (head["raw"] as number) - bytes }));
const array = (name: string, ...entry: unknown[]) =>
  edit((head) => Object.assign(head.arrays, { [name]: entry }));
const noArray = (name: string) => edit((head) => delete head.arrays[name]);
const start = (field: string, value: unknown) =>
  edit((head) => Object.assign(head.starts, { [field]: value }));
/** An array that has its place, its length and nothing but zeros. */
const zeros = (name: string, dtype: string, shape: number[]) =>
  withArray(name, dtype, shape, new Uint8Array(8 * shape.reduce((size, length) => size * length, 1)));

const stepsOf = (body: Uint8Array): StepRecord[] =>
  expand(body).records.filter((record) => record.type === "step");

describe("a `steps` message", () => {
  it("has its arrays at multiples of eight bytes, and gives them as views", () => {
    const body = Uint8Array.from(bodyOf(smallColumns()));
    const { head } = partsOf(body);
    for (const [, , offset] of Object.values(head.arrays) as [string, number[], number][])
      expect(offset % 8).toBe(0);
    expect((body.length - (head["raw"] as number)) % 8).toBe(0);
    const { columns } = decodeMessagePack(body) as StepsMessage;
    expect(columns.after.buffer).toBe(body.buffer);
    expect((columns.reward as Float32Array).buffer).toBe(body.buffer);
  });

  it("is read wherever it lies in memory", () => {
    const body = bodyOf(smallColumns());
    const expected = expand(body).records;
    for (let offset = 1; offset < 8; offset++) {
      const moved = new Uint8Array(body.length + offset).subarray(offset);
      moved.set(body);
      expect(expand(moved).records).toStrictEqual(expected);
    }
  });

  it("takes numbers of every width, as the numbers that they are", () => {
    const rewards: [dtype: string, bytes: ArrayBufferView, values: number[]][] = [
      ["u8", Uint8Array.of(0, 1, 2, 255), [0, 1, 2, 255]],
      ["i8", Int8Array.of(0, 1, -2, -128), [0, 1, -2, -128]],
      ["u16", Uint16Array.of(0, 1, 2, 65535), [0, 1, 2, 65535]],
      ["i16", Int16Array.of(0, 1, -2, -32768), [0, 1, -2, -32768]],
      ["u32", Uint32Array.of(0, 1, 2, 2 ** 32 - 1), [0, 1, 2, 2 ** 32 - 1]],
      ["i32", Int32Array.of(0, 1, -2, -(2 ** 31)), [0, 1, -2, -(2 ** 31)]],
      ["i64", BigInt64Array.of(0n, 1n, -2n, 2n ** 53n - 1n), [0, 1, -2, 2 ** 53 - 1]],
      // 65504 is the largest half, 2^-24 the smallest above 0.
      ["f16", Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001), [1, -2, 65504, 2 ** -24]],
      ["f16", Uint16Array.of(0x7c00, 0xfc00, 0x7e00, 0x8000), [Infinity, -Infinity, Number.NaN, -0]],
      [
        "f16",
        Uint16Array.of(0x3555, 0x03ff, 0x0400, 0xb555),
        [0.333251953125, 1023 * 2 ** -24, 2 ** -14, -0.333251953125],
      ],
      ["bf16", Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x4049), [1, -2, Infinity, 3.140625]],
      ["f32", Float32Array.of(0.5, -1, Number.NaN, Infinity), [0.5, -1, Number.NaN, Infinity]],
      ["f64", Float64Array.of(0.1, -1e300, 2 ** -1074, -0), [0.1, -1e300, 2 ** -1074, -0]],
    ];
    for (const [dtype, bytes, values] of rewards)
      expect(
        stepsOf(changed(withArray("reward", dtype, [2, 2], bytes))).map(({ reward }) => reward),
      ).toStrictEqual(values);
  });

  it("keeps a 64-bit integer beyond 2^53 of `info` or `metrics` as a text, exactly", () => {
    const seeds = BigInt64Array.of(1n, 2n ** 53n, -(2n ** 63n), 3n);
    const body = changed(withArray("info.seed", "i64", [2, 2], seeds));
    expect(stepsOf(body).map(({ info }) => info["seed"])).toEqual([
      1,
      "9007199254740992",
      "-9223372036854775808",
      3,
    ]);
    const metrics = changed(withArray("metrics.seed", "i64", [2, 2], seeds));
    expect(stepsOf(metrics).map(({ info }) => info)).toEqual([
      { metrics: { seed: 1 } },
      { metrics: {}, "metrics.seed": "9007199254740992" },
      { metrics: {}, "metrics.seed": "-9223372036854775808" },
      { metrics: { seed: 3 } },
    ]);
  });

  it("takes the lists of the starts as arrays too", () => {
    const body = bodyOf(smallColumns());
    const { head, raw } = partsOf(body);
    let all = raw;
    for (const name of ["t", "env", "task", "pair"]) {
      const array = Int32Array.from(head.starts[name] as number[]);
      delete head.starts[name];
      head.arrays[`start_${name}`] = ["i32", [3], all.length];
      all = joined([all, new Uint8Array(array.buffer), new Uint8Array(4)]);
    }
    head["raw"] = all.length;
    expect(expand(messageOf(head, all)).records).toStrictEqual(expand(body).records);
  });

  it("is read from pieces of a pipe up to its limit of 64 MiB, into memory where every array is a view", () => {
    const rows = 16_000;
    const after = new Uint8Array(rows * 4096).map((_, at) => (at >> 8) & 15);
    const columns: StepColumns = {
      shape: [rows, 1, 64, 64],
      time: 0,
      after,
      operation: new Uint8Array(rows),
      reward: Float64Array.from({ length: rows }, (_, row) => row),
    };
    const { bytes } = encodeSteps(columns, { seq: 0 });
    expect(bytes.length).toBeGreaterThan(0.97 * MAX_MESSAGE_BYTES);
    const splitter = new MessageSplitter();
    const bodies: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 65536)
      bodies.push(...splitter.push(bytes.subarray(at, at + 65536)));
    expect([bodies.length, splitter.pendingBytes]).toEqual([1, 0]);
    const read = (decodeMessagePack(bodies[0]!) as StepsMessage).columns;
    expect(Buffer.compare(read.after, after)).toBe(0);
    expect(read.reward).toEqual(columns.reward);
    for (const array of [read.after, read.reward as Float64Array])
      expect(array.buffer === bodies[0]!.buffer).toBe(true);
  });

  it("names operations, by a list or by their numbers", () => {
    const names = (operation_names: unknown) =>
      stepsOf(changed(set("operation_names", operation_names))).map(({ action }) => action.name);
    expect(names(["zero", "one"])).toEqual(["zero", "one", undefined, undefined]);
    expect(names({ 1: "one", 3: "three" })).toEqual([undefined, "one", undefined, "three"]);
  });

  it("keeps numbers that JSON lacks in the `meta` of a start, and texts that look like them", () => {
    const columns = smallColumns();
    const meta = [{ a: Number.NaN, b: "NaN" }, {}, { c: [-0] }];
    const { records } = expand(bodyOf({ ...columns, starts: { ...columns.starts, meta } }));
    const starts = records.filter((record) => record.type === "episode-start");
    expect(starts.map((start: EpisodeStartRecord) => start.meta)).toStrictEqual([meta[0], meta[1], meta[2]]);
  });

  it("takes plain lists, and refuses what is no integer where one is needed", () => {
    const { mask: _, ...columns } = smallColumns();
    const plain = {
      ...columns,
      operation: [0, 1, 2, 3],
      reward: [0.5, 1, 1.5, 2],
      point: [0, 0, 1, 1, -1, 0, 1, 2],
    };
    const steps = stepsOf(bodyOf(plain));
    expect(steps.map(({ action, reward }) => [action.operation, reward])).toEqual([
      ...[
        [0, 0.5],
        [1, 1],
        [2, 1.5],
        [3, 2],
      ],
    ]);
    expect(steps.map(({ action }) => action.selection)).toEqual([
      { kind: "point", point: [0, 0] },
      { kind: "point", point: [1, 1] },
      undefined,
      { kind: "point", point: [1, 2] },
    ]);
    expect(() => bodyOf({ ...plain, operation: [0, 0.5, 2, 3] })).toThrow(
      expect.objectContaining({ code: "STEPS_INVALID", fields: { path: "operation" } }),
    );
  });

  it("does not leave MessagePack streams", () => {
    expect(() => decodeNdjsonMessage('{"type":"steps","seq":0}')).toThrow(
      expect.objectContaining({ code: "RECORD_INVALID", hint: expect.stringContaining("MessagePack") }),
    );
  });
});

describe("a `steps` message that is refused as a whole", () => {
  it.each<[what: string, path: string, change: Change]>([
    ["has a field too many", "extra", set("extra", 1)],
    ["lacks its seq", "seq", without("seq")],
    ["has a negative seq", "seq", set("seq", -1)],
    ["counts its records wrongly", "records", set("records", 9)],
    ["lacks the count of its records", "records", without("records")],
    ["lacks its shape", "shape", without("shape")],
    ["has a shape of three", "shape", set("shape", [2, 2, 2])],
    ["has no rows", "shape", set("shape", [0, 2, 2, 3])],
    ["has a fraction of rows", "shape", set("shape", [1.5, 2, 2, 3])],
    ["has more steps than a message may", "shape", set("shape", [MAX_ROWS, 2, 2, 3])],
    ["has grids of 65 rows", "shape", set("shape", [2, 2, 65, 3])],
    ["has envs for other columns", "envs", set("envs", [1])],
    ["has an environment twice", "envs[1]", set("envs", [3, 3])],
    ["has a negative environment", "envs[0]", set("envs", [-1, 3])],
    ["has an environment that is a text", "envs[0]", set("envs", ["1", 3])],
    ["has no time", "time", without("time")],
    ["has a time that is a text", "time", set("time", "now")],
    ["has two times", "time", zeros("time", "f64", [2])],
    ["has tasks that are no texts", "tasks", set("tasks", [1])],
    ["has names that are no texts", "operation_names", set("operation_names", { 1: 2 })],
    ["has no object of arrays", "arrays", set("arrays", [])],
    ["has an array that there is not", "arrays.rewards", array("rewards", "f32", [2, 2], 0)],
    ["has an array of an unknown dtype", "arrays.reward", array("reward", "float", [2, 2], 0)],
    ["has an array that is no list", "arrays.reward", set("arrays", { reward: "f32" })],
    ["has an array of another shape", "arrays.reward", array("reward", "f32", [4], 0)],
    ["has an array of a shape that is no list", "arrays.reward", array("reward", "f32", 4, 0)],
    ["has an array at a crooked offset", "arrays.reward", array("reward", "f32", [2, 2], 4)],
    ["has an array at a negative offset", "arrays.reward", array("reward", "f32", [2, 2], -8)],
    ["has an array beyond its end", "arrays.reward", array("reward", "f32", [2, 2], 1 << 20)],
    ["has an array where another is", "arrays.metrics.a", array("metrics.a", "f32", [2, 2], 0)],
    ["has an array that begins within another", "arrays.operation", array("operation", "i32", [2, 2], 8)],
    ["lacks the grids", "after", noArray("after")],
    ["lacks the operations", "operation", noArray("operation")],
    ["lacks the rewards", "reward", noArray("reward")],
    ["lacks the grids of its starts", "start_grid", noArray("start_grid")],
    ["has grids that are no bytes", "after", array("after", "i8", [2, 2, 2, 3], 0)],
    ["has operations that are no integers", "operation", zeros("operation", "f32", [2, 2])],
    ["has two kinds of selections", "point", zeros("point", "i8", [2, 2, 2])],
    ["has a similarity among `info`", "info.similarity", zeros("info.similarity", "u8", [2, 2])],
    ["has an operation in a time", "arrays.time", zeros("time", "f64", [3])],
    ["has a raw part longer than itself", "raw", set("raw", 1 << 20)],
    ["has a raw part of a crooked length", "raw", shorten(4)],
    ["has bytes between head and arrays", "raw", shorten(8)],
    ["has starts that are no object", "starts", set("starts", [])],
    ["has a list of starts too many", "starts.when", start("when", [])],
    ["has lists of starts of different lengths", "starts.pair", start("pair", [1])],
    ["lacks a list of starts", "starts.task", edit((head) => delete head.starts["task"])],
    ["has a start behind the end", "starts.t[1]", start("t", [0, 3, 1])],
    ["has a start at a fraction", "starts.t[1]", start("t", [0, 0.5, 1])],
    ["has a start at null", "starts.t[1]", start("t", [0, null, 1])],
    ["has a start in a column that there is not", "starts.env[2]", start("env", [0, 1, 2])],
    ["has a start of a task that there is not", "starts.task[0]", start("task", [2, 0, 0])],
    ["has two starts at one place", "starts.t[2]", start("t", [0, 0, 0])],
    ["has a mode that there is not", "starts.mode[1]", start("mode", ["train", "eval", "test"])],
    ["has modes for other starts", "starts.mode", start("mode", ["train"])],
    ["has a key that is no text", "starts.key[0]", start("key", [1, null, null])],
    ["has metas that are no list", "starts.meta", start("meta", {})],
  ])("%s", (_, path, change) => {
    const body = changed(change);
    expect(() => expand(body)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^(STEPS|RECORD)_INVALID$/),
        fields: expect.objectContaining({ path }),
      }),
    );
  });

  it("has a name that could change what an object inherits", () => {
    const body = changed(zeros("info.__proto__", "u8", [2, 2]));
    expect(() => expand(body)).toThrow(expect.objectContaining({ code: "RECORD_KEY_REFUSED" }));
  });

  it("is refused with an error of ours, whatever stands in its head and its arrays", () => {
    const values = [
      null,
      true,
      -1,
      1.5,
      0,
      7,
      2 ** 53,
      Number.NaN,
      "x",
      "u8",
      [],
      [0, 0, 0],
      [2, 2],
      {},
      Uint8Array.of(1),
    ];
    const { head: whole, raw: bytes } = partsOf(bodyOf(smallColumns()));
    const places: [string, (string | number)?, (string | number)?][] = [
      ...Object.keys(whole).map((field): [string] => [field]),
      ...Object.keys(whole.starts).flatMap((field): [string, string, number?][] => [
        ["starts", field],
        ["starts", field, 1],
      ]),
      ...Object.keys(whole.arrays).flatMap((name): [string, string, number?][] => [
        ["arrays", name],
        ...[0, 1, 2].map((at): [string, string, number] => ["arrays", name, at]),
      ]),
    ];
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom(...values),
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 3 }),
        (place, value, changes) => {
          const head = structuredClone(whole);
          const raw = bytes.slice();
          let holder: Record<string, unknown> = head;
          for (const key of place.slice(0, -1)) holder = holder[key!] as Record<string, unknown>;
          holder[place.at(-1)!] = value;
          for (const [at, byte] of changes) raw[at] = byte;
          try {
            const { records, cursor } = expand(messageOf(head, raw));
            for (const record of records) parseRecord(record);
            expect(records.length + cursor.refused).toBeLessThanOrEqual(12);
          } catch (error) {
            expect(error).toBeInstanceOf(EpiscopeError);
            refused += 1;
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(1500);
  });

  it("says how many records it should be, and how many there are", () => {
    expect(() => expand(changed(set("records", 9)))).toThrow(
      "it says 9, but 4 steps, 3 starts and 1 ends make 8",
    );
  });

  it("says its seq, so that its producer can tell which it was", () => {
    const wrong = changed(array("reward", "f99", [2, 2], 0));
    expect(() => decodeMessagePack(wrong)).toThrow(
      expect.objectContaining({ fields: expect.objectContaining({ seq: 10, path: "arrays.reward" }) }),
    );
  });

  it("is cut short, or longer than it says", () => {
    const body = bodyOf(smallColumns());
    for (let length = 0; length < body.length; length++)
      expect(() => expand(body.subarray(0, length))).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(MESSAGE|STEPS)_INVALID$/) }),
      );
    expect(() => expand(joined([body, new Uint8Array(8)]))).toThrow(
      expect.objectContaining({ code: "STEPS_INVALID" }),
    );
    expect(() => decodeMessagePack(joined([encode({ type: "ack" }), new Uint8Array(1)]))).toThrow(
      expect.objectContaining({ code: "MESSAGE_INVALID" }),
    );
  });

  it("is not made longer than 64 MiB", () => {
    const rows = Math.ceil(MAX_MESSAGE_BYTES / 4096);
    const columns: StepColumns = {
      shape: [rows, 1, 64, 64],
      time: 0,
      after: new Uint8Array(rows * 4096),
      operation: new Uint8Array(rows),
      reward: new Uint8Array(rows),
    };
    expect(() => encodeSteps(columns, { seq: 0 })).toThrow(
      expect.objectContaining({ code: "STEPS_INVALID" }),
    );
  });
});
