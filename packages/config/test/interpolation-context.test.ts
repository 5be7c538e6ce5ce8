import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ComposeOptions, compose, composeSync, listDefaults, memorySource } from "../src/index.js";

const DB = {
  "db/pg.yaml": "kind: pg\n",
  "db/a_pg.yaml": "kind: a_pg\n",
  "db/d20240309.yaml": "kind: dated\n",
};

function kindOf(list: string, options: Partial<ComposeOptions> = {}): unknown {
  const source = memorySource({ ...DB, "config.yaml": `defaults: [${list}, _self_]\nx: 1\n` });
  return composeSync({ source, name: "config", ...options }).value("db.kind");
}

describe("interpolations in the defaults list see", () => {
  it("the environment", () => {
    expect(kindOf('{db: "${oc.env:X}"}', { env: { X: "pg" } })).toBe("pg");
  });

  it("the environment before a default", () => {
    expect(kindOf('{db: "${oc.env:X,a_pg}"}', { env: { X: "pg" } })).toBe("pg");
    expect(kindOf('{db: "${oc.env:X,a_pg}"}')).toBe("a_pg");
  });

  it("the time", () => {
    expect(kindOf('{db: "d${now:%Y%m%d}"}', { now: new Date(2024, 2, 9) })).toBe("dated");
  });

  it("the program's resolvers", () => {
    const resolvers = new Map([["mode", { resolve: () => "pg" }]]);
    expect(kindOf('{db: "${mode:async}"}', { resolvers })).toBe("pg");
  });

  it("the environment, from the value of an override", () => {
    expect(kindOf("{db: a_pg}", { env: { X: "pg" }, overrides: ["db=${oc.env:X}"] })).toBe("pg");
  });

  it("nothing of what another interpolation of their list chooses", () => {
    const more = { "db/nope.yaml": "kind: nope\n", "like/pg.yaml": "kind: like\n" };
    const list = 'defaults: [{db: "${like}"}, {like: "${oc.env:X}"}, _self_]\n';
    const source = memorySource({ ...DB, ...more, "config.yaml": list });
    expect(() => composeSync({ source, name: "config", env: { X: "pg" } })).toThrow(
      expect.objectContaining({ code: "DEFAULTS_INTERPOLATION" }),
    );
  });

  it("the environment when the list is only shown", () => {
    const source = memorySource({ ...DB, "config.yaml": 'defaults: [{db: "${oc.env:X}"}, _self_]\n' });
    const { choices } = listDefaults({ source, name: "config", env: { X: "pg" } });
    expect(choices.get("db")).toBe("pg");
  });

  it("by the rules of 1.1 the entries of their list, a `_self_` that is written among them", () => {
    const files = {
      "config.yaml": 'defaults:\n  - _self_\n  - db: pg\n  - like: "${defaults.1.db}"\n',
      "db/pg.yaml": "kind: pg\n",
      "like/pg.yaml": "kind: like pg\n",
    };
    const options = { source: memorySource(files), name: "config", versionBase: "1.1" } as const;
    expect(composeSync(options).value("like.kind")).toBe("like pg");
  });
});

describe("hydra.searchpath sees", () => {
  const conf = (path: string) =>
    memorySource({ "config.yaml": `defaults: [db: pg]\nfolder: more\nhydra: {searchpath: ["${path}"]}\n` });
  const openSource: ComposeOptions["openSource"] = (path) =>
    path === "file://more" ? memorySource({ "db/pg.yaml": "kind: pg\n" }) : undefined;

  it.each([
    ["the environment", "file://${oc.env:SITE}"],
    ["a default of the environment", "file://${oc.env:NONE,more}"],
    ["a resolver of the program", "file://${site:}"],
    ["a key of the primary config", "file://${folder}"],
  ])("%s", async (_, path) => {
    const composition = await compose({
      source: conf(path),
      name: "config",
      env: { SITE: "more" },
      resolvers: new Map([["site", { resolve: () => "more" }]]),
      openSource,
    });
    expect(composition.value("db.kind")).toBe("pg");
  });
});

it("a value that cannot be resolved composes; reading it fails", () => {
  const source = memorySource({ "config.yaml": "x: 1\n" });
  const composition = composeSync({ source, name: "config", overrides: ["+a=${oc.env:NOPE}"] });
  expect(composition.toYaml()).toBe("x: 1\na: ${oc.env:NOPE}\n");
  expect(() => composition.config).toThrow("'NOPE' not found");
  expect(() => composition.value("hydra.job.override_dirname")).toThrow("'NOPE' not found");
});

it("a name that ends in .yml is a file by the rules of 1.1, and an option called so later", () => {
  const source = memorySource({ "config.yml": "x: 1\n", "config.yml.yaml": "x: 2\n" });
  const x = (versionBase: "1.1" | "1.2") =>
    composeSync({ source, name: "config.yml", versionBase }).value("x");
  expect([x("1.1"), x("1.2")]).toEqual([1, 2]);
});

describe("toYaml with resolve", () => {
  const of = (text: string) => composeSync({ source: memorySource({ "config.yaml": text }), name: "config" });

  it("prints the mappings and lists that resolvers give", () => {
    const composition = of("gpus: ${oc.decode:'[0, 1]'}\nopts: \"${oc.decode:'{a: 1}'}\"\nsame: ${gpus}\n");
    const text = "gpus:\n- 0\n- 1\nopts:\n  a: 1\nsame:\n- 0\n- 1\n";
    expect(composition.toYaml({ resolve: true })).toBe(text);
    expect(composition.toYaml({ resolve: true, keepMissing: true })).toBe(text);
  });

  it("refuses what refers to a missing value, unless it is to be kept", () => {
    const composition = of("a: ???\nb: ${a}\n");
    expect(() => composition.toYaml({ resolve: true })).toThrow(
      expect.objectContaining({ code: "INTERPOLATION_MISSING" }),
    );
    expect(composition.toYaml({ resolve: true, keepMissing: true })).toBe("a: ???\nb: ???\n");
  });
});

it("${now:…} writes every pattern as Python does", () => {
  const { time, texts } = JSON.parse(readFileSync(new URL("strftime.json", import.meta.url), "utf8")) as {
    time: string;
    texts: Record<string, string>;
  };
  const now = Object.assign(new Date(time.slice(0, 19)), { microseconds: Number(time.slice(20)) });
  const source = memorySource({ "config.yaml": "x: ${now:${p}}\np: ''\n" });
  const written = Object.keys(texts).map((pattern) => {
    const quoted = pattern.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
    return [pattern, composeSync({ source, name: "config", now, overrides: [`p='${quoted}'`] }).value("x")];
  });
  expect(Object.fromEntries(written)).toEqual(texts);
});
