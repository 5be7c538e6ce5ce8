import type { EpisodeRecord, PlainValue } from "@episcope/records";
import { type EpisodeSource, episodeLogHead, stepLogEntries } from "@episcope/records/store";
import { paintingEpisode, sampleEpisodes } from "@episcope/records/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePickle, encodeEpisode, Float, GridArray, type PickleValue } from "../src/index.js";
// Inside: the writer of single values, for the law of the round trip.
import { PickleWriter } from "../src/pickle-writer.js";

function sourceOf(records: readonly EpisodeRecord[]): EpisodeSource {
  return { number: 1, records: () => records };
}

function bytesOf(episode: EpisodeSource): Uint8Array {
  return Buffer.concat([...encodeEpisode(episode, "abc")]);
}

function pickled(value: PickleValue): Uint8Array {
  const writer = new PickleWriter();
  writer.start();
  writer.value(value);
  writer.op(0x2e);
  return writer.take();
}

/** Arrays as the nested rows of the JSON export. */
function withRows(value: PickleValue): unknown {
  if (value instanceof GridArray) {
    const [rows, columns] = value.shape;
    return Array.from({ length: rows }, (_, row) => [
      ...value.data.subarray(row * columns, (row + 1) * columns),
    ]);
  }
  if (Array.isArray(value)) return value.map(withRows);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withRows(member as PickleValue)]),
  );
}

describe("the pickle of an episode", () => {
  it.each(sampleEpisodes().map((sample) => [sample.name, sample] as const))(
    "%s is the entry of the JSON export, with arrays for grids",
    (_, { records }) => {
      const { format, version, ...entry } = decodePickle(bytesOf(sourceOf(records))) as Record<
        string,
        PickleValue
      >;
      expect([format, version]).toEqual(["episcope-episode", 1]);
      const source = sourceOf(records);
      const expected = { ...episodeLogHead(source, "abc"), steps: [...stepLogEntries(source)] };
      const rows = withRows(entry as PickleValue) as typeof expected;
      // A mask is flat in JSON and has the grid's shape here.
      const flat = rows.steps.map((step) => {
        const { selection } = step.action;
        if (selection?.["kind"] !== "mask") return step;
        return {
          ...step,
          action: {
            ...step.action,
            selection: { ...selection, mask: (selection["mask"] as number[][]).flat() },
          },
        };
      });
      expect({ ...rows, steps: flat }).toEqual(expected);
    },
  );

  it("is the same bytes each time", () => {
    const episode = sourceOf(paintingEpisode());
    expect(bytesOf(episode)).toEqual(bytesOf(episode));
  });
});

describe("a pickle of ours", () => {
  const value = fc.letrec<{ value: PlainValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.string({ unit: "binary" }),
      fc.string().map((text) => `${text}\ud800\udc00\udfff`),
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(
        fc.string().filter((key) => !["__proto__", "constructor", "prototype"].includes(key)),
        tie("value"),
        { maxKeys: 5, noNullPrototype: true },
      ),
    ),
  })).value;

  it("gives back every value that went in", () => {
    fc.assert(
      fc.property(value, (plain) => {
        expect(decodePickle(pickled(plain as PickleValue))).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });

  it("gives back arrays and floats", () => {
    const array = new GridArray([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(decodePickle(pickled([array, new Float(1)]))).toEqual([array, 1]);
  });

  it("changed in any byte, or cut, is refused or gives plain data, and never anything else", () => {
    const bytes = bytesOf(sourceOf(paintingEpisode()));
    for (let at = 0; at < bytes.length; at++) {
      const changed = new Uint8Array(bytes);
      changed[at]! ^= 1 << (at % 8);
      for (const input of [changed, bytes.subarray(0, at)]) {
        try {
          decodePickle(input);
        } catch (error) {
          expect(error).toMatchObject({ code: "PICKLE_REFUSED" });
        }
      }
    }
  });
});

describe("a pickle from elsewhere", () => {
  it.each([
    ["os.system('x')", "80055f8c026f73948c0673797374656d9493948c017894859452942e".replace("5f", "")],
    ["a GLOBAL of another name", `8005${Buffer.from("cos\nsystem\n").toString("hex")}2e`],
    ["a class", "80048c08656c7365776865726594298194 2e".replaceAll(" ", "")],
    ["protocol 0", Buffer.from("(dp0\n.").toString("hex")],
    ["nothing", ""],
  ])("that is %s is refused", (_, hex) => {
    expect(() => decodePickle(Buffer.from(hex, "hex"))).toThrow(
      expect.objectContaining({ code: "PICKLE_REFUSED" }),
    );
  });

  it("of a hundred thousand levels, or a length beyond the file, is refused at once", () => {
    const deep = Buffer.concat([Buffer.from([0x80, 5]), Buffer.alloc(200_000, Buffer.from([0x5d, 0x28]))]);
    expect(() => decodePickle(deep)).toThrow(/nested deeper/);
    const long = Buffer.from("800596ffffffffffff0000", "hex");
    expect(() => decodePickle(long)).toThrow(/larger than the file|too early/);
  });
});
