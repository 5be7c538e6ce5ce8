import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EpiscopeError } from "@episcope/errors";
import { afterAll, describe, expect, it, vi } from "vitest";
import { composeSync, type Factory, instantiate, memorySource, type Registry } from "../src/index.js";
import {
  BUILT_IN_RESOLVERS,
  createFromYaml,
  createTree,
  type DictNode,
  getItem,
  isContainer,
  isDict,
  toYaml,
} from "../src/tree.js";

const context = { resolvers: BUILT_IN_RESOLVERS, environment: new Map<string, string>() };

const make: Factory = (options, args) => ({ kind: "made", options: { ...options }, args: [...args] });
const registry: Registry = new Map([
  ["make", make],
  [
    "fail",
    () => {
      throw new Error("no space");
    },
  ],
  ["raw", (options) => options],
]);

function run(text: string, overrides?: Record<string, unknown>): unknown {
  const tree = createFromYaml(text, { context });
  return instantiate(tree, { registry, ...(overrides === undefined ? {} : { overrides }) });
}

function failure(text: string): EpiscopeError {
  try {
    run(text);
  } catch (error) {
    if (error instanceof EpiscopeError) return error;
    throw error;
  }
  throw new Error(`'${text}' was instantiated`);
}

describe("instantiate", () => {
  it("calls the registered entry with the node's other keys, interpolations resolved", () => {
    expect(run("_target_: make\na: 1\nb: ${a}\nc: 1.0\n")).toEqual({
      kind: "made",
      options: { a: 1, b: 1, c: 1 },
      args: [],
    });
  });

  it("creates the nodes below first", () => {
    expect(
      run("_target_: make\ninner: {_target_: make, x: 1}\nlist: [{_target_: make, y: 2}]\n"),
    ).toMatchObject({
      options: {
        inner: { kind: "made", options: { x: 1 } },
        list: [{ kind: "made", options: { y: 2 } }],
      },
    });
  });

  it("leaves them alone where _recursive_ is false, also further down", () => {
    const made = run("_target_: make\n_recursive_: false\n_convert_: all\ninner: {_target_: make, x: 1}\n");
    expect(made).toMatchObject({ options: { inner: { _target_: "make", x: 1 } } });
  });

  it("hands over _args_, and overrides of the program", () => {
    expect(run("_target_: make\n_args_: [1, [2]]\n_convert_: all\na: 1\n", { a: 5, more: "x" })).toEqual({
      kind: "made",
      options: { a: 5, more: "x" },
      args: [1, [2]],
    });
  });

  it("merges overrides into the nodes below, which are created with both", () => {
    expect(run("_target_: make\na: {_target_: make, b: 2, c: 3}\n", { a: { b: 9 } })).toMatchObject({
      options: { a: { kind: "made", options: { b: 9, c: 3 } } },
    });
  });

  it("lets interpolations see the overrides, and leaves the config as it was", () => {
    const tree = createFromYaml("m: {_target_: make, y: '${.z}', z: 1}\n", { context });
    const node = getItem(tree, "m") as DictNode;
    expect(instantiate<unknown>(node, { registry, overrides: { z: 7 } })).toMatchObject({
      options: { y: 7, z: 7 },
    });
    expect(toYaml(tree)).toBe("m:\n  _target_: make\n  'y': ${.z}\n  z: 1\n");
  });

  it("takes instructions, positional arguments and objects of the program", () => {
    const logger = new (class Logger {})();
    const partial = run("_target_: make\na: {x: [1]}\n", {
      _partial_: true,
      _convert_: "all",
      logger,
    }) as Factory;
    expect(partial({}, ["last"])).toEqual({
      kind: "made",
      options: { a: { x: [1] }, logger },
      args: ["last"],
    });
    const tree = createFromYaml("_target_: make\n_args_: [1]\n", { context });
    expect(instantiate<unknown>(tree, { registry, args: [logger] })).toMatchObject({ args: [logger] });
  });

  it("takes plain data, such as a part of a composed config, and an object of functions and classes", () => {
    class Model {
      readonly layers: number;
      constructor({ layers }: { readonly layers: number }) {
        this.layers = layers;
      }
    }
    const { config } = composeSync({
      source: memorySource({ "config.yaml": "model: {_target_: Model, layers: 3}\n" }),
      name: "config",
    });
    const entries = { Model, double: ({ of }: { readonly of: number }) => of * 2 };
    const model = instantiate<Model>(config["model"] as object, { registry: entries });
    expect(model).toBeInstanceOf(Model);
    expect(model.layers).toBe(3);
    expect(instantiate({ _target_: "double", of: 4 } as const, { registry: entries })).toBe(8);
    expect(() => instantiate<unknown>({ _target_: "toString" }, { registry: entries })).toThrow(
      "is not registered",
    );
  });

  it("gives a function where _partial_ is true", () => {
    const partial = run("_target_: make\n_partial_: true\na: 1\n") as (more: object) => unknown;
    expect(partial({ b: 2 })).toEqual({ kind: "made", options: { a: 1, b: 2 }, args: [] });
    expect(partial({ a: 3 })).toMatchObject({ options: { a: 3 } });
  });

  it("hands containers over as trees or as data, as _convert_ says", () => {
    const value = (convert: string) =>
      (run(`_target_: make\n_convert_: ${convert}\nd: {x: [1]}\n`) as { options: { d: unknown } }).options.d;
    expect(isDict(value("none"))).toBe(true);
    expect(value("all")).toEqual({ x: [1] });
    expect(isContainer(value("partial"))).toBe(false);
    expect(value("object")).toEqual({ x: [1] });
  });

  it("refuses what is missing, wrong instructions, and reports what an entry throws", () => {
    expect(failure("_target_: make\na: ???\n").code).toBe("VALUE_MISSING");
    expect(failure("_target_: make\n_args_: 1\n")).toMatchObject({
      code: "INSTANTIATE_INVALID",
      fields: { instruction: "_args_" },
    });
    expect(failure("_target_: make\n_convert_: most\n").code).toBe("INSTANTIATE_INVALID");
    expect(failure("_target_: make\n_partial_: 1\n").code).toBe("INSTANTIATE_INVALID");
    expect(failure("_target_: 1\n").code).toBe("INSTANTIATE_INVALID");
    const failed = failure("a: {_target_: fail}\n");
    expect(failed).toMatchObject({ code: "INSTANTIATE_FAILED", fields: { key: "a", target: "fail" } });
    expect(failed.message).toContain("no space");
  });

  it("ends where nodes lead back to each other", () => {
    expect(failure("a: {b: '${c}'}\nc: {d: '${a}'}\n").code).toBe("CONFIG_DEPTH");
  });
});

describe("a _target_ that is not registered", () => {
  const folder = mkdtempSync(join(tmpdir(), "episcope-canary-"));
  const canary = join(folder, "executed");
  const log = vi.spyOn(console, "log");
  afterAll(() => log.mockRestore());

  const payloads = [
    "os.system",
    "builtins.eval",
    "builtins.exec",
    "subprocess.run",
    "eval",
    "Function",
    "console.log",
    "process.exit",
    "globalThis.process.exit",
    "require",
    "import",
    "child_process",
    "node:child_process",
    "node:child_process#execSync",
    "child_process.execSync",
    "fs.writeFileSync",
    "node:fs#writeFileSync",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "constructor",
    "__proto__",
    "prototype",
    "constructor.constructor",
    "__proto__.polluted",
    "make.constructor",
    "make.__proto__",
    "make.call",
    "make ",
    " make",
    "MAKE",
    "ma\u212ae",
    "mаke",
    "./make.js",
    "../make",
    "/tmp/evil.mjs",
    "file:///tmp/evil.mjs",
    "http://example.invalid/evil.js",
    "https://example.invalid/evil.js",
    "data:text/javascript,globalThis.pwned=1",
    "@scope/package#export",
    "C:\\evil.js",
    "make\0",
    "make#default",
  ];

  it.each(payloads)("%j is refused with the list of those that are", (target) => {
    const tree = createTree(new Map([["_target_", target]]), { context });
    let thrown: unknown;
    try {
      instantiate(tree, { registry, overrides: { path: canary } });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: "TARGET_NOT_ALLOWED",
      fields: { options: ["make", "fail", "raw"] },
    });
    expect(existsSync(canary)).toBe(false);
    expect((globalThis as Record<string, unknown>)["pwned"]).toBeUndefined();
  });

  it("is refused also behind an interpolation, below other nodes, and in an override of the program", () => {
    expect(failure("t: os.system\na: {_target_: '${t}'}\n").code).toBe("TARGET_NOT_ALLOWED");
    expect(failure("_target_: make\na: [{b: {_target_: os.system}}]\n")).toMatchObject({
      code: "TARGET_NOT_ALLOWED",
      fields: { key: "a[0].b" },
    });
    expect(() => run("a: 1\n", { _target_: "os.system" })).toThrow(EpiscopeError);
    expect(log).not.toHaveBeenCalled();
  });

  it("gives an entry options that reach no prototype", () => {
    expect(Object.getPrototypeOf(run("_target_: raw\na: 1\n"))).toBeNull();
  });
});
