import { EpiscopeError } from "@episcope/errors";
import { describe, expect, it } from "vitest";
import { structFromSchema, validateConfig } from "../src/index.js";
import {
  BUILT_IN_RESOLVERS,
  type ContainerNode,
  createFromYaml,
  createStruct,
  merge,
  missingKeys,
  setItem,
  toPlain,
  toYaml,
  update,
} from "../src/tree.js";

const SCHEMA = {
  title: "Server",
  type: "object",
  properties: {
    host: { type: "string" },
    port: { type: "integer", default: 8080, minimum: 1, maximum: 65535 },
    timeout: { type: "number", default: 1.5 },
    verbose: { type: "boolean", default: false },
    level: { enum: ["off", "info", "debug"], default: "info" },
    tags: { type: "array", items: { type: "string" }, default: [] },
    limits: { type: "object", additionalProperties: { type: "integer" }, default: { a: 1 } },
    user: { type: ["string", "null"], default: null },
    root: { type: "string", format: "path", default: "/srv/./www" },
    id: { type: ["integer", "string"], default: 1 },
    tls: {
      title: "Tls",
      type: "object",
      properties: { cert: { type: "string" }, depth: { $ref: "#/$defs/depth" } },
    },
    extra: {
      type: "object",
      properties: { known: { type: "integer", default: 1 } },
      additionalProperties: { type: "integer" },
    },
    free: {},
  },
  required: ["host"],
  additionalProperties: false,
  $defs: { depth: { type: "integer", default: 2 } },
} as const;

const context = { resolvers: BUILT_IN_RESOLVERS, environment: new Map<string, string>() };

function server(): ContainerNode {
  return createStruct(structFromSchema(SCHEMA), { context });
}

function failure(run: () => unknown): EpiscopeError {
  try {
    run();
  } catch (error) {
    if (error instanceof EpiscopeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a JSON Schema as structured config", () => {
  it("has its defaults, and misses what has none", () => {
    const tree = server();
    expect(toYaml(tree)).toBe(
      [
        "host: ???",
        "port: 8080",
        "timeout: 1.5",
        "verbose: false",
        "level: info",
        "tags: []",
        "limits:",
        "  a: 1",
        "user: null",
        "root: !!python/object/apply:pathlib.PosixPath",
        "- /",
        "- srv",
        "- www",
        "id: 1",
        "tls:",
        "  cert: ???",
        "  depth: 2",
        "extra:",
        "  known: 1",
        "free: ???",
        "",
      ].join("\n"),
    );
    expect(missingKeys(tree)).toEqual(["host", "tls.cert", "free"]);
  });

  it.each<[string, unknown, unknown]>([
    ["port", "9090", 9090],
    ["timeout", 2, 2],
    ["timeout", "1e3", 1000],
    ["verbose", "yes", true],
    ["verbose", 0, false],
    ["host", 12, "12"],
    ["level", "debug", "debug"],
    ["user", null, null],
    ["root", "a//b/", "a/b"],
    ["id", "x", "x"],
    ["limits.b", "7", 7],
    ["extra.other", "5", 5],
    ["free", true, true],
  ])("converts %s=%j as OmegaConf does", (key, value, expected) => {
    const tree = server();
    update(tree, key, value as never);
    const found = key
      .split(".")
      .reduce<unknown>((data, step) => (data as Record<string, unknown>)[step], toPlain(tree, {}));
    expect(found).toEqual(expected);
  });

  it.each<[string, unknown, string]>([
    ["port", "x", "VALUE_INVALID"],
    ["port", 1.5, "VALUE_INVALID"],
    ["port", null, "VALUE_INVALID"],
    ["verbose", "maybe", "VALUE_INVALID"],
    ["level", "loud", "VALUE_INVALID"],
    ["limits.b", "many", "VALUE_INVALID"],
    ["id", true, "VALUE_INVALID"],
    ["tls.nope", 1, "KEY_NOT_ALLOWED"],
    ["nope", 1, "KEY_NOT_ALLOWED"],
    ["extra.other", "x", "VALUE_INVALID"],
  ])("refuses %s=%j", (key, value, code) => {
    expect(failure(() => update(server(), key, value as never)).code).toBe(code);
  });

  it("refuses an interpolation that gives another type, when it is resolved", () => {
    const tree = server();
    update(tree, "port", "${level}");
    expect(failure(() => toPlain(tree))).toMatchObject({
      code: "INTERPOLATION_VALUE",
      fields: { key: "port" },
    });
  });

  it("names what would have been right", () => {
    expect(failure(() => update(server(), "level", "loud")).fields["options"]).toEqual([
      "off",
      "info",
      "debug",
    ]);
    expect(failure(() => update(server(), "prot", 1)).fields["options"]).toContain("port");
  });

  it("merges with a file of the same shape only", () => {
    expect(
      toPlain(merge(server(), createFromYaml("host: a\nport: '1'\ntls: {cert: c}\nfree: 1\n"))),
    ).toMatchObject({
      host: "a",
      port: 1,
      tls: { cert: "c", depth: 2 },
    });
    expect(failure(() => merge(server(), createFromYaml("prot: 1"))).code).toBe("KEY_NOT_FOUND");
  });

  it("is refused where it cannot be one", () => {
    expect(failure(() => structFromSchema({ type: "string" })).code).toBe("SCHEMA_UNSUPPORTED");
    expect(failure(() => structFromSchema({ type: "object", properties: { a: { type: "int" } } })).code).toBe(
      "SCHEMA_UNSUPPORTED",
    );
    expect(
      failure(() => structFromSchema({ type: "object", properties: { a: { $ref: "#/$defs/no" } } })).code,
    ).toBe("SCHEMA_UNSUPPORTED");
    const hostile = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"integer"}}}');
    expect(failure(() => structFromSchema(hostile)).code).toBe("SCHEMA_UNSUPPORTED");
  });

  it("may refer to itself", () => {
    const struct = structFromSchema({
      type: "object",
      properties: { name: { type: "string", default: "x" }, child: { $ref: "#" } },
    });
    expect(struct.fields.get("child")?.type.kind).toBe("struct");
  });
});

describe("validating a config", () => {
  const check = (text: string, options = {}) =>
    validateConfig(SCHEMA, createFromYaml(text, { file: "conf/a.yaml", context }), options);

  it("finds nothing wrong with a right one", () => {
    expect(check("host: a\nport: 80\nlevel: 'off'\ntls: {cert: x}\nlimits: {a: 1}\n")).toEqual([]);
  });

  it("gives all problems at once, in order, each with its place", () => {
    const problems = check(
      "host: ???\nport: 70000\nlevle: info\nlevel: degub\ntags: [1]\nlimits: {a: x}\ntls:\n  cert: ${nope}\n",
    );
    expect(problems).toMatchObject([
      { code: "VALUE_MISSING", key: "host", file: "conf/a.yaml", line: 1, column: 1 },
      { code: "VALUE_NOT_ALLOWED", key: "port", line: 2, message: "'port' is 70000, but must be <= 65535" },
      { code: "UNKNOWN_KEY", key: "levle", line: 3, suggestion: "level" },
      {
        code: "VALUE_NOT_ALLOWED",
        key: "level",
        line: 4,
        suggestion: "debug",
        options: ["off", "info", "debug"],
      },
      { code: "VALUE_TYPE", key: "tags[0]", line: 5, column: 8 },
      { code: "VALUE_TYPE", key: "limits.a", line: 6 },
      { code: "UNRESOLVED", key: "tls.cert", line: 8, column: 3 },
    ]);
  });

  it("says that a bare off is a boolean", () => {
    expect(check("host: a\nlevel: off\n")).toMatchObject([{ code: "VALUE_NOT_ALLOWED", hint: /quotes/ }]);
  });

  it("names a required key, and the override that gave a wrong value", () => {
    const tree = createFromYaml("port: 1\n", { context });
    update(tree, "port", "x", { origin: { kind: "override", text: "port=x", index: 0 } });
    expect(validateConfig(SCHEMA, tree)).toMatchObject([
      { code: "MISSING_KEY", key: "host" },
      { code: "VALUE_TYPE", key: "port", override: "port=x" },
    ]);
  });

  it("leaves out the hydra node", () => {
    expect(check("host: a\nhydra: {job: {name: x}}\n")).toEqual([]);
  });

  it("can leave missing values for later", () => {
    expect(check("host: ???\n", { missing: false })).toEqual([]);
  });

  it("ends where interpolations lead back to each other", () => {
    expect(failure(() => check("host: a\nfree: {b: '${tls}'}\ntls: {cert: '${free}'}\n")).code).toBe(
      "CONFIG_DEPTH",
    );
  });
});

it("a value of a struct field is not a dict of another kind", () => {
  const tree = server();
  expect(failure(() => setItem(tree, "tls", new Map([["cert", "x"]]))).code).toBe("VALUE_INVALID");
});
