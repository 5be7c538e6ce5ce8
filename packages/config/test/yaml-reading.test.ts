import { EpiscopeError } from "@episcope/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pythonClass } from "../src/errors.js";
import { emitYaml, Float, isFloat, parseYaml, YamlPositions, type YamlValue } from "../src/yaml.js";
import { growthOf, processorTime } from "./processor-time.js";

function failure(text: string): EpiscopeError {
  try {
    parseYaml(text, { file: "conf/a.yaml" });
  } catch (error) {
    if (error instanceof EpiscopeError) return error;
    throw error;
  }
  throw new Error(`'${text}' was accepted`);
}

describe("a plain scalar", () => {
  it.each<[string, unknown]>([
    ["yes", true],
    ["Off", false],
    ["y", "y"],
    ["~", null],
    ["", null],
    ["010", 8],
    ["0o10", "0o10"],
    ["0b101", 5],
    ["0x_1F", 31],
    ["1_000", 1000],
    ["1:30", 90],
    ["9007199254740993", 9007199254740993n],
    ["1e3", new Float(1000)],
    ["1.0", new Float(1)],
    ["-0.0", new Float(-0)],
    [".5", 0.5],
    [".5e3", ".5e3"],
    ["12:30.5", 750.5],
    ["2024-01-31", "2024-01-31"],
    ["1e", "1e"],
    ["???", "???"],
    ["${a.b}", "${a.b}"],
  ])("%s is read as OmegaConf reads it", (text, value) => {
    expect(parseYaml(`k: ${text}`)).toEqual(new Map([["k", value]]));
  });

  it("is infinite or no number only in YAML's own spelling", () => {
    expect(parseYaml("[.inf, -.INF, .NaN, inf, nan]")).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      "inf",
      "nan",
    ]);
  });
});

describe("a mapping", () => {
  it("keeps the order and the types of its keys", () => {
    const map = parseYaml("b: 1\n1: x\n'1': y\ntrue: z\n1.5: w\na: 2\n") as Map<unknown, unknown>;
    expect([...map.keys()]).toEqual(["b", 1, "1", 1.5, "a"]);
    // As in Python, `true` and `1` are one key: the first spelling stays, the last value wins.
    expect(map.get(1)).toBe("z");
  });

  it("takes the keys of a merge key without losing its own", () => {
    expect(parseYaml("base: &b {x: 1, y: 2}\nuse:\n  y: 3\n  <<: *b\n")).toEqual(
      new Map([
        [
          "base",
          new Map([
            ["x", 1],
            ["y", 2],
          ]),
        ],
        [
          "use",
          new Map([
            ["x", 1],
            ["y", 3],
          ]),
        ],
      ]),
    );
  });

  it("with a key twice is refused at the second one", () => {
    const error = failure("a: 1\nb: 2\na: 3\n");
    expect(error).toMatchObject({
      code: "YAML_DUPLICATE_KEY",
      fields: { file: "conf/a.yaml", line: 3, column: 1, key: "a" },
    });
    expect(error.message).toContain("conf/a.yaml:3:1: found duplicate key a\n3 | a: 3\n  | ^");
  });
});

describe("a text that is not YAML", () => {
  it.each<[string, string, string]>([
    ["a: \tb", "YAML_TOKEN", "ScannerError"],
    ["a: b: c", "YAML_TOKEN", "ScannerError"],
    ["a: 'b", "YAML_TOKEN", "ScannerError"],
    ["a: [1, 2", "YAML_STRUCTURE", "ParserError"],
    ["a:\n  b: 1\n c: 2\n", "YAML_STRUCTURE", "ParserError"],
    ["a: *b", "YAML_REFERENCE", "ComposerError"],
    ["a: 1\n---\nb: 2\n", "YAML_REFERENCE", "ComposerError"],
    ["a: !custom b", "YAML_CONTENT", "ConstructorError"],
    ["[1]: a", "YAML_CONTENT", "ConstructorError"],
    ["a: !!int x", "YAML_SCALAR", "ValueError"],
    ["a: \0", "YAML_CHARACTER", "ReaderError"],
    ["a: &x [*x]", "YAML_RECURSIVE_ALIAS", "RecursionError"],
  ])("%j is refused with code and place", (text, code, python) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(pythonClass(error)).toBe(python);
    expect(error.fields["line"]).toBeTypeOf("number");
    expect(error.fields["frame"]).toContain("^");
  });
});

describe("a hostile text", () => {
  const lines = (count: number, line: (k: number) => string) =>
    Array.from({ length: count }, (_, k) => line(k)).join("\n");
  const payloads: [string, () => string][] = [
    [
      "aliases that double",
      () => `a0: &a0 [x]\n${lines(40, (k) => `a${k + 1}: &a${k + 1} [*a${k}, *a${k}]`)}`,
    ],
    [
      "aliases that grow tenfold",
      () => `a0: &a0 [x]\n${lines(12, (k) => `a${k + 1}: &a${k + 1} [${`*a${k},`.repeat(10)}]`)}`,
    ],
    [
      "merge keys that double",
      () => `a0: &a0 {x: 1}\n${lines(40, (k) => `a${k + 1}: &a${k + 1} {<<: [*a${k}, *a${k}]}`)}`,
    ],
    [
      "mappings that double",
      () => `a0: &a0 {x: 1}\n${lines(40, (k) => `a${k + 1}: &a${k + 1} {l: *a${k}, r: *a${k}}`)}`,
    ],
    ["one anchor used often", () => `a: &a [${"x,".repeat(1000)}]\nb: [${"*a,".repeat(1000)}]`],
    ["open brackets", () => "[".repeat(1_000_000)],
    ["open braces", () => "{".repeat(1_000_000)],
    ["braces with keys", () => "{a: ".repeat(300_000)],
    ["brackets and braces", () => "[{a: ".repeat(300_000)],
    ["dashes", () => "- ".repeat(1_000_000)],
    ["question marks", () => "? ".repeat(1_000_000)],
    ["deeper lines", () => lines(2000, (k) => `${" ".repeat(k)}a:`)],
    ["100 MB of text", () => "a".repeat(100_000_000)],
    ["100 MB of comments", () => "# comment\n".repeat(10_000_000)],
    ["100 MB of brackets", () => "[".repeat(100_000_000)],
    ["more than 10 MB", () => `a: ${"b".repeat(10_000_001)}`],
    ["a million values", () => `[${"a,".repeat(1_000_000)}]`],
    ["a million lines", () => "- a\n".repeat(1_000_000)],
    ["a million empty lists", () => `[${"[],".repeat(1_000_000)}]`],
    ["an alias inside its anchor", () => "a: &a {b: [*a]}"],
  ];

  /** Reading 2 MB that are in order. */
  const usual = `${"- [a, b, 'c d']\n".repeat(45_000)}${"# a comment\n".repeat(110_000)}`;

  it.each(payloads)("of %s ends in a typed error, soon", { timeout: 300_000 }, (_name, make) => {
    const text = make();
    const before = process.memoryUsage().heapUsed;
    const error = failure(text);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6);
    expect(["YAML_LIMIT", "YAML_RECURSIVE_ALIAS"]).toContain(error.code);
    expect(processorTime(() => parseYaml(text), 1)).toBeLessThan(
      10 * processorTime(() => parseYaml(usual), 1),
    );
  });

  it.each(["__proto__", "constructor", "prototype"])("with the key %s is refused", (key) => {
    for (const text of [`${key}: {polluted: 1}`, `a:\n  "${key}": 1`, `{<<: {${key}: 1}}`, `? ${key}\n: 1`]) {
      expect(failure(text)).toMatchObject({ code: "FORBIDDEN_KEY", fields: { key } });
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  const long: readonly (readonly [string, (size: number) => string])[] = [
    ["escapes", (size) => `a: "${"\\\\".repeat(size)}"`],
    ["words", (size) => `a: ${"x ".repeat(size)}`],
    ["a block scalar", (size) => `a: |\n${"  line\n".repeat(size / 4)}`],
    ["comments", (size) => `${"# c\n".repeat(size)}`],
    ["digits", (size) => `a: ${"1_".repeat(size)}x`],
  ];

  it.each(long)("takes time in proportion to its length: %s", { timeout: 300_000 }, (_, make) => {
    expect(growthOf((size) => parseYaml(make(size)), 200_000)).toBeLessThan(8);
  });
});

it("a position leads to the key as it is written", () => {
  const positions = new YamlPositions("# head\na:\n  b: [x, {c: 1}]\n1: one\n");
  expect(positions.of(["a", "b"])).toEqual({ line: 3, column: 3 });
  expect(positions.of(["a", "b", 1, "c"])).toEqual({ line: 3, column: 11 });
  expect(positions.of([1])).toEqual({ line: 4, column: 1 });
});

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc
    .bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
    .map((n) => (n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n)),
  fc.double().map((n) => (Number.isInteger(n) ? new Float(n) : n)),
  fc.string({ unit: "grapheme", maxLength: 120 }),
  fc.stringMatching(/^[ab:#'"\n ,\-[\]{}&*!|>%@`?\\0-9.]{0,100}$/),
);
const { tree } = fc.letrec<{ tree: YamlValue; list: YamlValue[]; map: Map<string, YamlValue> }>((tie) => ({
  tree: fc.oneof({ depthSize: "small" }, scalar, tie("list"), tie("map")),
  list: fc.array(tie("tree"), { maxLength: 4 }),
  map: fc
    .array(fc.tuple(fc.string({ unit: "grapheme", maxLength: 20 }), tie("tree")), { maxLength: 4 })
    .map(
      (entries) =>
        new Map(entries.filter(([key]) => !["__proto__", "constructor", "prototype"].includes(key))),
    ),
}));

it("what is written as YAML reads back as the same values", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const content = new Map<string, YamlValue>([["k", value]]);
      const back = parseYaml(emitYaml(content as never));
      expect(comparable(back)).toEqual(comparable(content));
    }),
    { numRuns: 300 },
  );
});

/** Floats told apart from integers, and -0 from 0, which a test for equality does not do. */
function comparable(value: YamlValue): unknown {
  if (isFloat(value)) return { float: String(Object.is(Number(value), -0) ? "-0" : Number(value)) };
  if (Array.isArray(value)) return value.map(comparable);
  if (value instanceof Map) return [...value].map(([key, item]) => [key, comparable(item)]);
  return value;
}
