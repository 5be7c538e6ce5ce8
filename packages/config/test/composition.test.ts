import { EpiscopeError } from "@episcope/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ComposeOptions,
  type Composition,
  composeSync,
  memorySource,
  type Resolver,
} from "../src/index.js";
import {
  createFromYaml,
  deleteItem,
  mergeWith,
  pop,
  resolveAll,
  select,
  setFlags,
  setItem,
  toPlain,
  update,
} from "../src/tree.js";
import { parseYaml } from "../src/yaml.js";

const source = memorySource({
  "config.yaml":
    "defaults: [db: mysql, _self_]\na: 1\nb: {c: 2, d: [1, 2]}\nhash: !!binary aGk=\nurl: ${db.host}:${a}\n",
  "db/mysql.yaml": "host: localhost\nopen: {deep: [x]}\n",
  "plain.yaml": "a: 1\nb: {c: 2, d: [1, 2]}\n",
});

/** All that a composition tells of its config, in a form that can be compared. */
function told(composition: Composition): unknown {
  return {
    config: composition.config,
    data: parseYaml(composition.toYaml({ resolve: true })),
    yaml: composition.toYaml(),
    values: ["a", "b", "b.c", "db.host", "hash"].map((key) => composition.value(key)),
    winner: composition.explain("b.c")?.winner.value,
  };
}

const CHANGES: Record<string, (composition: Composition) => void> = {
  "update of the tree": ({ tree }) => update(tree, "b.c", 99),
  "update of the job's tree": ({ job }) => update(job, "b.c", 99),
  "a new key": ({ tree }) => update(tree, "b.new", 99, { forceAdd: true }),
  "an item of a list": ({ job }) => update(job, "b.d.0", 99),
  "a merge": ({ tree }) => mergeWith(tree, createFromYaml("a: 99\nb: {c: 99}\n")),
  "a list that is replaced": ({ job }) => update(job, "b.d", [99]),
  "a deletion": ({ tree }) => update(tree, "b", null),
  resolving: ({ job }) => resolveAll(job),
  "Hydra's node": ({ tree }) => update(tree, "hydra.job.name", "other"),
  "bytes of a value": (composition) => void (composition.value("hash") as Uint8Array | undefined)?.fill(0),
  "bytes of the tree": ({ tree }) => void (tree.peek("hash") === undefined || setItem(tree, "hash", "gone")),
};

/** A tree that was changed before may refuse a change. */
function allowed(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof EpiscopeError)) throw error;
  }
}

describe("what is done to one composition", () => {
  const options = (name: string): ComposeOptions => ({ source, name, overrides: ["a=3"], now: new Date(0) });

  it.each(
    Object.keys(CHANGES).flatMap((change) => [
      [change, "config"],
      [change, "plain"],
    ]),
  )("%s of %s reaches neither another one of the same sources nor its own answers", (change, name) => {
    const before = told(composeSync(options(name)));
    const [one, two] = [composeSync(options(name)), composeSync(options(name))];
    CHANGES[change]!(one);
    expect(told(two)).toEqual(before);
    expect(told(one)).toEqual(before);
    expect(told(composeSync(options(name)))).toEqual(before);
  });

  it("reaches nothing in whatever order it is asked and changed", () => {
    const before = told(composeSync(options("config")));
    const step = fc.constantFrom(...Object.keys(CHANGES), "config", "toYaml", "value", "hydra");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), step), { maxLength: 8 }), (steps) => {
        const [one, two] = [composeSync(options("config")), composeSync(options("config"))];
        for (const [first, name] of steps) {
          const composition = first ? one : two;
          if (name === "config") void composition.config;
          else if (name === "toYaml") composition.toYaml();
          else if (name === "value") composition.value("url");
          else if (name === "hydra") composition.hydra();
          else allowed(() => CHANGES[name]!(composition));
        }
        expect(told(one)).toEqual(before);
        expect(told(two)).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });
});

describe("Hydra's node of a composition", () => {
  const now = new Date(2024, 2, 9, 12, 34, 56);

  it("is resolved, and shows what only a sweep sets as missing", () => {
    const hydra = composeSync({ source, name: "config", now }).hydra();
    expect(hydra).toMatchObject({
      run: { dir: "outputs/2024-03-09/12-34-56" },
      sweep: { subdir: "???" },
      job: { name: "app", num: "???", config_name: "config" },
    });
    expect(hydra).not.toHaveProperty("help");
  });

  it("knows the number of the job in a sweep", () => {
    const hydra = composeSync({ source, name: "config", now, jobNumber: 3 }).hydra();
    expect(hydra).toMatchObject({ sweep: { subdir: "3" }, job: { num: 3 } });
  });
});

it("bytes of the data of one composition are not those of another", () => {
  const [one, two] = [composeSync({ source, name: "config" }), composeSync({ source, name: "config" })];
  (one.config["hash"] as Uint8Array).fill(0);
  for (const composition of [two, composeSync({ source, name: "config" })]) {
    expect(composition.config["hash"]).toEqual(new TextEncoder().encode("hi"));
  }
});

it("a composition does not see what becomes of the options that it was made of", () => {
  const env: Record<string, string> = { HOST: "here" };
  const now = new Date(2024, 2, 9);
  const overrides = ["hydra.job.name=first"];
  const resolvers = new Map<string, Resolver>([["own", { resolve: () => "mine" }]]);
  const composition = composeSync({ source, name: "plain", overrides, env, now, resolvers });
  env["HOST"] = "there";
  now.setFullYear(1999);
  overrides.push("a=9");
  resolvers.clear();
  const { job } = composition;
  for (const [key, text] of [
    ["t", "${now:%Y}"],
    ["h", "${oc.env:HOST}"],
    ["r", "${own:}"],
  ] as const) {
    update(job, key, text, { forceAdd: true });
  }
  expect(toPlain(job)).toEqual({ a: 1, b: { c: 2, d: [1, 2] }, t: "2024", h: "here", r: "mine" });
});

describe("the tree that a composition hands out", () => {
  it("is the caller's: what is changed in it stays in it", () => {
    const composition = composeSync({ source, name: "config" });
    update(composition.tree, "b.c", 99);
    expect(select(composition.tree, "b.c")).toBe(99);
    setFlags(composition.tree, { struct: false });
    expect(pop(composition.tree, ["url"])).toBe("localhost:1");
    expect(composition.tree.peek("url")).toBeUndefined();
    setFlags(composition.job, { struct: false });
    deleteItem(composition.job, "a");
    expect(composition.job.keys()).toEqual(["db", "b", "hash", "url"]);
    expect(composition.config).toMatchObject({ a: 1, b: { c: 2 }, url: "localhost:1" });
  });

  it("knows the origins of its values", () => {
    const composition = composeSync({ source, name: "config", overrides: ["b.c=7"] });
    expect(composition.explain("b.c")).toMatchObject({
      winner: { override: "b.c=7" },
      losers: [{ file: "config.yaml", line: 3 }],
    });
  });
});

it("a cached resolver gives data, text, value and tree the same result", () => {
  let calls = 0;
  const counting: Resolver = { cached: true, resolve: () => ++calls };
  const composition = composeSync({
    source: memorySource({ "config.yaml": "x: ${count:}\n" }),
    name: "config",
    resolvers: new Map([["count", counting]]),
  });
  expect(composition.value("x")).toBe(1);
  expect(composition.config).toEqual({ x: 1 });
  expect(composition.toYaml({ resolve: true })).toBe("x: 1\n");
  resolveAll(composition.job);
  expect(calls).toBe(1);
});

it("a cached resolver in a changed tree does not reach the composition", () => {
  const cached: Resolver = { cached: true, resolve: ({ root }) => select(root, "a") };
  const composition = composeSync({
    source: memorySource({ "config.yaml": "a: 1\nx: ${a-of-root:}\n" }),
    name: "config",
    resolvers: new Map([["a-of-root", cached]]),
  });
  update(composition.job, "a", 99);
  expect(toPlain(composition.job)).toEqual({ a: 99, x: 99 });
  expect(composition.config).toEqual({ a: 1, x: 1 });
});

it("a resolver may compose from the same sources while the config is composed", () => {
  const inner: Resolver = {
    resolve: () => composeSync({ source, name: "config", overrides: ["a=5"] }).value("url") as string,
  };
  const outer = composeSync({
    source: memorySource({
      "config.yaml": "defaults: [db: mysql, _self_]\ndb: ${inner:}\nx: ${inner:}\n",
      "db/mysql.yaml": "host: a\n",
    }),
    name: "config",
    overrides: ["+y=${inner:}"],
    resolvers: new Map([["inner", inner]]),
  });
  expect(outer.config).toEqual({ db: "localhost:5", x: "localhost:5", y: "localhost:5" });
});
