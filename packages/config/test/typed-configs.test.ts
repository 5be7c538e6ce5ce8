// What the types know. `npm run typecheck` compiles this file in strict mode: each `@ts-expect-error` must be one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, expectTypeOf, it } from "vitest";
import { composeSync, instantiate, memorySource, type StandardSchema, validateConfig } from "../src/index.js";
import { loadConfig, saveConfig } from "../src/node.js";
import { SCHEMAS } from "../src/schema/meta-schemas.js";
import { create, merge, select, toPlain, toYaml, update } from "../src/tree.js";

const schema = {
  type: "object",
  required: ["db"],
  properties: {
    db: {
      type: "object",
      required: ["host", "port"],
      properties: { host: { type: "string" }, port: { type: "integer" }, level: { enum: ["low", "high"] } },
    },
    tags: { type: "array", items: { type: "string" } },
  },
} as const;

const source = memorySource({ "config.yaml": "db: {host: a, port: 1, level: low}\ntags: [x]\n" });

describe("compose with a schema", () => {
  it("gives the config the type that a JSON Schema describes", () => {
    const { config } = composeSync({ source, name: "config", schema });
    expectTypeOf(config.db.port).toEqualTypeOf<number>();
    expectTypeOf(config.db.level).toEqualTypeOf<"low" | "high" | undefined>();
    expectTypeOf(config.tags).toEqualTypeOf<readonly string[] | undefined>();
    expect(config.db.host).toBe("a");
    // @ts-expect-error: there is no such key
    expect(config.db.hots).toBeUndefined();
    // @ts-expect-error: a number is no text
    const host: number = config.db.host;
    expect(host).toBe("a");
    expect(() => {
      // @ts-expect-error: a composed config cannot be changed
      config.db.port = 2;
    }).toThrow();
  });

  it("checks at once, and says where the value was written", () => {
    const run = () => composeSync({ source, name: "config", schema, overrides: ["db.port=x"] });
    expect(run).toThrow("'db.port' is 'x', but must be of type integer (override db.port=x)");
  });

  it("takes a Standard Schema, such as zod makes them", () => {
    const standard: StandardSchema<{ readonly db: { readonly port: number } }> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          const { port } = (value as { db: { port: unknown } }).db;
          if (port === 1) return { value };
          return { issues: [{ message: "must be 1", path: ["db", { key: "port" }] }] };
        },
      },
    };
    const { config } = composeSync({ source, name: "config", schema: standard });
    expectTypeOf(config.db.port).toEqualTypeOf<number>();
    const run = () => composeSync({ source, name: "config", schema: standard, overrides: ["db.port=2"] });
    expect(run).toThrow("'db.port': must be 1 (override db.port=2)");
  });
});

describe("instantiate", () => {
  class Model {
    readonly layers: number;
    constructor({ layers }: { readonly layers: number }) {
      this.layers = layers;
    }
  }
  const registry = { Model, double: ({ of }: { readonly of: number }) => of * 2 };

  it("knows what the entries of a registry make", () => {
    const model = instantiate({ _target_: "Model", layers: 2 } as const, { registry });
    expectTypeOf(model).toEqualTypeOf<Model>();
    expectTypeOf(instantiate({ _target_: "double", of: 1 } as const, { registry })).toEqualTypeOf<number>();
    expect(model.layers).toBe(2);
  });

  it("refuses a name that the registry does not have", () => {
    // @ts-expect-error: there is no such entry
    expect(() => instantiate({ _target_: "Modle" } as const, { registry })).toThrow(
      "Registered: Model, double",
    );
  });

  it("takes the type that the program expects, where the config says nothing", () => {
    const model = instantiate<Model>(create("_target_: Model\nlayers: 3\n"), { registry });
    expectTypeOf(model).toEqualTypeOf<Model>();
    expect(model.layers).toBe(3);
  });
});

describe("trees in TypeScript", () => {
  it("are made of objects and texts, merged with objects and updated with objects", () => {
    const tree = merge(create({ a: { b: 1 }, names: { 0: "cat" } }), { a: { c: [2] } });
    update(tree, "a.d", { e: null });
    expect(toPlain(tree)).toEqual({ a: { b: 1, c: [2], d: { e: null } }, names: { 0: "cat" } });
    expect(toYaml(create("x: ${y}\ny: 1\n"), { resolve: true })).toBe("x: 1\n'y': 1\n");
  });

  it("call resolvers as plain functions, and wait for no promise", () => {
    const resolvers = {
      add: (a: number, b: number) => a + b,
      box: (text: string) => ({ text }),
      later: async () => 1,
    };
    const tree = create("sum: ${add:1,2.5}\nboxed: ${box:hi}\n", { resolvers });
    expect(toPlain(tree)).toEqual({ sum: 3.5, boxed: { text: "hi" } });
    expect(() => select(create("a: ${later:}", { resolvers }), "a")).toThrow("returns a promise");
    const { config } = composeSync({
      source: memorySource({ "c.yaml": "sum: ${add:1,2}" }),
      name: "c",
      resolvers,
    });
    expect(config).toEqual({ sum: 3 });
  });

  it("become plain, frozen data that JSON can hold, whatever the keys are", () => {
    const { config } = composeSync({
      source: memorySource({ "c.yaml": "names: {0: cat, 1: dog}\nx: {a: 1, 2: b, true: c}\n" }),
      name: "c",
    });
    expect(JSON.parse(JSON.stringify(config))).toEqual({
      names: { 0: "cat", 1: "dog" },
      x: { a: 1, 2: "b", true: "c" },
    });
    expect(Object.isFrozen(config["names"])).toBe(true);
    expect(() => toPlain(create("{1: a, '1': b}"))).toThrow("two keys are '1'");
  });

  it("are read from files and written to them, and know the file", () => {
    const folder = mkdtempSync(join(tmpdir(), "config-file-"));
    const file = join(folder, "a.yaml");
    writeFileSync(file, "a: 1\nb: ${a}\n");
    const config = loadConfig(file);
    saveConfig(config, join(folder, "b.yaml"), { resolve: true });
    expect(readFileSync(join(folder, "b.yaml"), "utf8")).toBe("a: 1\nb: 1\n");
    rmSync(folder, { recursive: true });
  });
});

describe("a JSON Schema that is none", () => {
  const wrong = { type: "object", properties: { port: { minimum: "3" } } };

  it("is refused, with what is wrong in it", () => {
    expect(() => validateConfig(wrong, { port: 1 })).toThrow(
      "schema is invalid: data/properties/port/minimum must be number",
    );
  });

  // Inside: the build compiles the schema of schemas from this module.
  it("is so by the schema of schemas that the build compiles ahead", () => {
    const draft07 = new Ajv({ strict: false }).compile(SCHEMAS["draft07"]!);
    expect([wrong, { required: "port" }, { type: "strng" }].map((schema) => draft07(schema))).toEqual([
      false,
      false,
      false,
    ]);
    expect(draft07({ type: "object", required: ["port"], $defs: { any: true } })).toBe(true);
  });
});
