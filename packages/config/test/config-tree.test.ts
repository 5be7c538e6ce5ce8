import { describe, expect, it } from "vitest";
import { ConfigError, pythonClass } from "../src/errors.js";
import type { Resolver } from "../src/index.js";
import {
  BUILT_IN_RESOLVERS,
  type ContainerNode,
  createFromYaml,
  createTree,
  type DictNode,
  deleteItem,
  evaluateText,
  fromDotlist,
  fromPlain,
  getItem,
  merge,
  mergeWith,
  missingKeys,
  placeOf,
  pop,
  resolveAll,
  select,
  selectNode,
  setFlags,
  setItem,
  toData,
  toPlain,
  toYaml,
  update,
} from "../src/tree.js";
import { growthOf } from "./processor-time.js";

const ENVIRONMENT = new Map([["HOME_DIR", "/home/me"]]);
const context = {
  resolvers: BUILT_IN_RESOLVERS,
  environment: ENVIRONMENT,
  now: () => new Date(2024, 2, 9, 12, 34, 56, 789),
};

function yaml(text: string): ContainerNode {
  return createFromYaml(text, { context });
}

function plain(text: string): unknown {
  return JSON.parse(JSON.stringify(toPlain(yaml(text))));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.code;
    throw error;
  }
  return "no error";
}

describe("merging", () => {
  it("goes key by key, replaces lists and keeps values where the later one is missing", () => {
    const first = yaml("a: {x: 1, y: 2}\nl: [1, 2, 3]\nm: 5\nk: 1\n");
    const second = yaml("a: {y: 3, z: 4}\nl: [9]\nm: ???\n");
    expect(toYaml(merge(first, second))).toBe("a:\n  x: 1\n  'y': 3\n  z: 4\nl:\n- 9\nm: 5\nk: 1\n");
    expect(toYaml(first)).toBe("a:\n  x: 1\n  'y': 2\nl:\n- 1\n- 2\n- 3\nm: 5\nk: 1\n");
  });

  it("into a struct takes known keys only", () => {
    const target = yaml("a: {x: 1}\n");
    setFlags(target, { struct: true });
    expect(codeOf(() => merge(target, yaml("a: {x: 2, typo: 1}\n")))).toBe("KEY_NOT_FOUND");
    expect(toPlain(merge(target, yaml("a: {x: 2}\n")))).toEqual({ a: { x: 2 } });
  });

  it("a dict with a list is refused", () => {
    expect(codeOf(() => merge(yaml("a: {x: 1}"), yaml("- 1")))).toBe("CONFIG_KIND");
  });

  it("into a read-only config in place is refused", () => {
    const target = yaml("a: 1");
    setFlags(target, { readonly: true });
    expect(codeOf(() => mergeWith(target, yaml("a: 2")))).toBe("CONFIG_READONLY");
  });

  it("remembers for every value its file and its place there", () => {
    const first = createFromYaml("# first\na:\n  x: 1\n  y: 2\n", { file: "one.yaml" });
    const second = createFromYaml("a: {x: 10}\n", { file: "two.yaml" });
    const third = createFromYaml("a:\n\n  x: 100\n", { file: "three.yaml" });
    const merged = merge(merge(first, second), third);
    const place = (key: string) => {
      const found = placeOf(selectNode(merged, key)!)!;
      if (found.origin.kind !== "file") throw new Error("no file");
      return { file: found.origin.file, ...found.origin.position(found.path) };
    };
    expect(place("a.x")).toEqual({ file: "three.yaml", line: 3, column: 3 });
    expect(place("a.y")).toEqual({ file: "one.yaml", line: 4, column: 3 });
  });
});

describe("an interpolation", () => {
  it.each<[string, unknown]>([
    ["a: 1\nb: ${a}\n", { a: 1, b: 1 }],
    ["a: {b: 1, c: '${.b}', d: '${..e}'}\ne: 2\n", { a: { b: 1, c: 1, d: 2 }, e: 2 }],
    ["a: 1.0\nb: 'x${a}y'\n", { a: 1, b: "x1.0y" }],
    ["a: null\nb: yes\nc: '${a} ${b}'\n", { a: null, b: true, c: "None True" }],
    ["a: [1, {x: 2}]\nb: '${a[1].x}'\nc: '${a.0}'\n", { a: [1, { x: 2 }], b: 2, c: 1 }],
    ["a: b\nb: 7\nc: '${${a}}'\n", { a: "b", b: 7, c: 7 }],
    ["a: '\\${b}'\n", { a: "${b}" }],
    ["a: '\\\\${b}'\nb: 1\n", { a: "\\1", b: 1 }],
    ["a: ${oc.env:HOME_DIR}\nb: ${oc.env:NOPE,x}\n", { a: "/home/me", b: "x" }],
    ["a: '${oc.decode:\"[1, {b: 2}]\"}'\n", { a: [1, { b: 2 }] }],
    ["a: ${oc.select:nope,3}\n", { a: 3 }],
    [
      "a: {x: 1, y: 2}\nk: ${oc.dict.keys:a}\nv: ${oc.dict.values:a}\n",
      { a: { x: 1, y: 2 }, k: ["x", "y"], v: [1, 2] },
    ],
    ["a: ${oc.create:{x:1}}\n", { a: { x: 1 } }],
    ["a: ${now:%Y-%m-%d_%H-%M-%S}\n", { a: "2024-03-09_12-34-56" }],
  ])("in %j gives what OmegaConf gives", (text, expected) => {
    expect(plain(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ["a: ${b}", "INTERPOLATION_KEY"],
    ["a: ???\nb: ${a}", "INTERPOLATION_MISSING"],
    ["a: ${b}\nb: ${a}", "INTERPOLATION_FAILED"],
    ["a: {b: '${a}'}", "INTERPOLATION_FAILED"],
    ["a: ${nope:1}", "INTERPOLATION_RESOLVER"],
    ["a: ${oc.env:NOPE}", "INTERPOLATION_FAILED"],
    ["a: '${b'", "INTERPOLATION_SYNTAX"],
    ["a: {b: '${c}'}\nc: {d: '${a}'}", "CONFIG_DEPTH"],
    ["a: '${oc.select:a}'", "INTERPOLATION_DEPTH"],
    ["a: '${oc.decode:${b}}'\nb: \"${oc.decode:'${b}'}\"", "INTERPOLATION_FAILED"],
  ])("in %j that cannot be resolved is refused with %s", (text, code) => {
    expect(codeOf(() => plain(text))).toBe(code);
  });

  it("is followed as deep as the limit says, and no stack overflows", () => {
    const chain = (length: number) =>
      `${Array.from({ length }, (_, k) => `k${k}: \${k${k + 1}}`).join("\n")}\nk${length}: end\n`;
    expect(select(yaml(chain(200)), "k0")).toBe("end");
    expect(codeOf(() => select(yaml(chain(5000)), "k0"))).toBe("INTERPOLATION_DEPTH");
    const nested = (depth: number) => `\${oc.decode:${"[".repeat(depth)}\${b}${"]".repeat(depth)}}`;
    const tower = Array.from(
      { length: 200 },
      (_, k) => `k${k}: '\${oc.select:k${k + 1},${"[".repeat(90)}1${"]".repeat(90)}}'`,
    );
    expect(() => toPlain(yaml(`${tower.join("\n")}\nk200: 1\n`))).toThrow(ConfigError);
    expect(codeOf(() => evaluateText(yaml("b: 1"), nested(1000)))).toBe("INTERPOLATION_SYNTAX");
  });

  it("asks a cached resolver once for the same arguments", () => {
    let calls = 0;
    const count: Resolver = { cached: true, resolve: () => ++calls };
    const fresh: Resolver = { resolve: () => ++calls };
    const resolvers = new Map([...BUILT_IN_RESOLVERS, ["count", count], ["fresh", fresh]]);
    const tree = createFromYaml("a: ${count:x}\nb: ${count:x}\nc: ${count:y}\nd: ${fresh:}\n", {
      context: { resolvers, environment: new Map() },
    });
    expect(toPlain(tree)).toEqual({ a: 1, b: 1, c: 2, d: 3 });
    expect(select(tree, "a")).toBe(1);
    expect(select(tree, "d")).toBe(4);
  });

  it("never reads the environment of the process", () => {
    process.env["EPISCOPE_TEST_SECRET"] = "leaked";
    expect(codeOf(() => plain("a: ${oc.env:EPISCOPE_TEST_SECRET}"))).toBe("INTERPOLATION_FAILED");
    delete process.env["EPISCOPE_TEST_SECRET"];
  });

  it("warns of a deprecated key", () => {
    const warnings: string[] = [];
    const tree = createFromYaml("new: 1\nold: ${oc.deprecated:new}\n", {
      context: { ...context, warn: (message) => warnings.push(message) },
    });
    expect(select(tree, "old")).toBe(1);
    expect(warnings).toEqual(["'old' is deprecated. Change your code and config to use 'new'"]);
  });

  const long: readonly (readonly [string, (size: number) => string])[] = [
    ["a quoted text", (size) => `\${oc.select:nope,"${"x".repeat(size)}"}`],
    ["words", (size) => `\${oc.select:nope,${"x ".repeat(size)}}`],
    ["a list", (size) => `\${oc.select:nope,[${"1,".repeat(size)}1]}`],
    ["backslashes", (size) => `${"\\".repeat(size)} \${a}`],
    ["open brackets", (size) => `\${a[${"[".repeat(size)}`],
    ["many interpolations", (size) => `${"${a}".repeat(size / 4)}`],
  ];

  it.each(long)("takes time in proportion to its length: %s", (_, make) => {
    const tree = yaml("a: 1");
    expect(growthOf((size) => evaluateText(tree, make(size)), 25_000)).toBeLessThan(8);
  });

  it("is selected by a key in time proportional to the length of the key", () => {
    const tree = yaml("a: 1");
    expect(growthOf((size) => select(tree, `a${"[".repeat(size)}`), 250_000)).toBeLessThan(8);
  });
});

describe("changing a config", () => {
  it("by a dotted key makes dicts on the way, and merges or replaces", () => {
    const tree = yaml("a: {b: {c: 1}}\nl: [{x: 1}]\n");
    update(tree, "a.b", fromPlain({ d: 2 }));
    update(tree, "l[0].x", 5);
    update(tree, "new.key", null);
    expect(toPlain(tree)).toEqual({ a: { b: { c: 1, d: 2 } }, l: [{ x: 5 }], new: { key: null } });
    update(tree, "a.b", fromPlain({ e: 1 }), { merge: false });
    expect(select(tree, "a.b.c")).toBeNull();
  });

  it("of a struct needs force to add a key", () => {
    const tree = yaml("a: {b: 1}");
    setFlags(tree, { struct: true });
    expect(codeOf(() => update(tree, "a.c", 1))).toBe("KEY_NOT_ALLOWED");
    expect(codeOf(() => getItem(tree, "nope"))).toBe("KEY_NOT_FOUND");
    update(tree, "a.c", 1, { forceAdd: true });
    expect(select(tree, "a.c")).toBe(1);
    expect(codeOf(() => pop(tree, ["a"]))).toBe("CONFIG_KIND");
  });

  it("takes out and deletes", () => {
    const tree = yaml("a: 1\nb: [1, 2, 3]\n");
    expect(pop(tree, ["a"])).toBe(1);
    expect(pop(tree, ["a", "default"])).toBe("default");
    deleteItem(getItem(tree, "b") as ContainerNode, 1);
    expect(toPlain(tree)).toEqual({ b: [1, 3] });
  });

  it("by dotlist reads values as YAML", () => {
    expect(toYaml(fromDotlist(["a.b=[1, x]", "c=1e3", "d"]))).toBe(
      "a:\n  b:\n  - 1\n  - x\nc: 1000.0\nd: null\n",
    );
  });

  it("resolves all interpolations in place", () => {
    const tree = yaml("a: ${b}\nb: {c: '${d}'}\nd: 1\n");
    resolveAll(tree);
    expect(toYaml(tree)).toBe("a:\n  c: 1\nb:\n  c: 1\nd: 1\n");
  });

  it("names what is missing", () => {
    expect(missingKeys(yaml("a: ???\nb: [1, '???', {c: '???'}]\n"))).toEqual(["a", "b[1]", "b[2].c"]);
  });
});

describe("a key that could reach a prototype", () => {
  const keys = ["__proto__", "constructor", "prototype"];

  it.each(keys)("%s is refused at every door", (key) => {
    const tree = yaml("a: {b: 1}");
    const doors: (() => unknown)[] = [
      () => createTree(new Map([[key, 1]])),
      () => createTree(new Map([["a", new Map([[key, new Map([["polluted", 1]])]])]])),
      () => fromPlain(JSON.parse(`{"x": {"${key}": {"polluted": 1}}}`)),
      () => setItem(tree, key, 1),
      () => update(tree, key, 1),
      () => update(tree, `${key}.polluted`, 1, { forceAdd: true }),
      () => update(tree, `a.${key}.polluted`, 1),
      () => update(tree, `a[${key}]`, 1),
      () => update(tree, "a", new Map([[key, 1]])),
      () => fromDotlist([`${key}.polluted=1`]),
      () => evaluateText(tree, `\${oc.create:{${key}: 1}}`),
    ];
    for (const door of doors) expect(door).toThrow(/not allowed in a config/);
    expect(select(tree, key)).toBeNull();
    expect(codeOf(() => evaluateText(tree, `\${${key}}`))).toBe("INTERPOLATION_KEY");
    expect(codeOf(() => evaluateText(tree, `\${a.${key}.polluted}`))).toBe("INTERPOLATION_KEY");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("is refused also when somebody has changed the methods of strings", () => {
    const original = String.prototype.startsWith;
    try {
      String.prototype.startsWith = () => true;
      expect(() => update(yaml("a: 1"), "__proto__.polluted", 1)).toThrow();
    } finally {
      String.prototype.startsWith = original;
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("cannot come out of a config: plain data has no prototype", () => {
    const data = toPlain(yaml("a: {b: 1}")) as { a: object };
    expect(Object.getPrototypeOf(data)).toBeNull();
    expect(Object.getPrototypeOf(data.a)).toBeNull();
  });
});

it("data of a tree keeps order, key types and the difference of 1 and 1.0", () => {
  const text = "b: 1\n'2': 1.0\n1: x\nfalse:\n- 1000.0\na: 12345678901234567890\n";
  const tree = yaml(text);
  expect(toYaml(tree)).toBe(text);
  // Python cannot sort text among numbers, and leaves the order.
  expect(toYaml(tree, { sortKeys: true })).toBe(text);
  expect([...(toData(tree) as Map<unknown, unknown>).keys()]).toEqual(["b", "2", 1, false, "a"]);
});

it("an error of the tree knows its key, its code and the Python class that it stands for", () => {
  const tree = yaml("a: {b: '${nope.x}'}\n");
  try {
    toPlain(tree);
    throw new Error("no error");
  } catch (error) {
    expect(pythonClass(error)).toBe("InterpolationKeyError");
    expect(error).toMatchObject({ code: "INTERPOLATION_KEY", fields: { key: expect.stringContaining("") } });
    expect((error as Error).message).toContain("nope.x");
  }
});

it.each<[string, () => unknown]>([
  ["KEY_TYPE", () => createTree(new Map([[null, 1]]))],
  ["KEY_TYPE", () => getItem(yaml("- 1"), "a")],
  ["CONFIG_INDEX", () => getItem(yaml("- 1"), 3)],
  ["CONFIG_INDEX", () => select(yaml("a: 1"), "[a")],
  ["CONFIG_VALUE", () => update(yaml("- 1"), "x", 1)],
  ["VALUE_UNSUPPORTED", () => fromPlain({ a: () => 1 })],
  ["VALUE_UNSUPPORTED", () => yaml("a: !!set {x}")],
  ["VALUE_MISSING", () => getItem(yaml("a: ???"), "a")],
  ["VALUE_INVALID", () => createTree(5)],
])("%s is what the tree says where that is wrong", (code, run) => {
  expect(codeOf(run)).toBe(code);
});

it("a tree from data that contains itself is refused", () => {
  const list: unknown[] = [];
  list.push(list);
  expect(codeOf(() => fromPlain(list))).toBe("CONFIG_DEPTH");
  const map = new Map<string, unknown>();
  map.set("a", map);
  expect(codeOf(() => createTree(map as never))).toBe("CONFIG_DEPTH");
});

it("a dict node tells its keys in order", () => {
  expect(
    (
      createTree(
        new Map([
          ["b", 1],
          ["a", 2],
        ]),
      ) as DictNode
    ).keys(),
  ).toEqual(["b", "a"]);
});
