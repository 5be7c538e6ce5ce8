import { pythonClass } from "../../src/errors.js";
import { type Factory, instantiate, type Resolver } from "../../src/index.js";
import {
  appendItem,
  BUILT_IN_RESOLVERS,
  type ContainerNode,
  createFromYaml,
  getItem,
  isContainer,
  isList,
  setFlags,
  setItem,
  type TreeFlags,
  toData,
} from "../../src/tree.js";
import type { Adapter } from "./adapter.js";
import type { Case, Json } from "./cases.js";
import { decodeData, encodeData } from "./data-encoding.js";
import { sameJson } from "./encoding.js";
import { errorMismatch } from "./error-classes.js";
import { CUSTOM_RESOLVERS } from "./omegaconf.js";
import { versionBaseOf } from "./world.js";

/** What a target of the cases returns: how it was called. */
class Call {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;

  constructor(name: string, args: readonly unknown[], options: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.args = args;
    this.options = options;
  }
}

/** The targets of the cases, and in which order they were called. */
class Targets {
  readonly calls: string[] = [];
  /** Those of the tree; a target can add to them. */
  readonly resolvers: Map<string, Resolver> = new Map(BUILT_IN_RESOLVERS);

  readonly registry: ReadonlyMap<string, Factory> = new Map<string, Factory>([
    ["vec.make", this.#counted("make", (options, args) => new Call("make", args, options))],
    [
      "vec.pair",
      this.#counted("pair", (options: Record<string, unknown>, args) => {
        const { left = args[0] ?? "L", right = args[1] ?? "R", ...rest } = options;
        this.#refuse(rest, args.length > 2);
        return new Call("pair", [], { left, right });
      }),
    ],
    [
      "vec.number",
      this.#counted("number", (options: Record<string, unknown>, args) => {
        const { value = args.length > 0 ? args[0] : 7, ...rest } = options;
        this.#refuse(rest, args.length > 1);
        return value;
      }),
    ],
    [
      "vec.fail",
      this.#counted("fail", () => {
        throw new Error("failed on purpose");
      }),
    ],
    [
      "vec.late",
      this.#counted("late", ({ value = "late value" }: Record<string, unknown>) => {
        this.resolvers.set("vec_late", { resolve: () => value as never });
        return "registered";
      }),
    ],
    [
      "vec.mutate",
      this.#counted("mutate", ({ node, ...rest }: Record<string, unknown>, args) => {
        this.#refuse(rest, args.length > 0);
        if (isList(node)) appendItem(node, "touched");
        else if (isContainer(node)) setItem(node, "touched", true);
        else if (Array.isArray(node)) node.push("touched");
        else (node as Record<string, unknown>)["touched"] = true;
        return node;
      }),
    ],
  ]);

  /** An argument that the signature does not have: Python refuses it before the target runs. */
  #refuse(rest: object, isTooMany: boolean): void {
    if (Object.keys(rest).length === 0 && !isTooMany) return;
    this.calls.pop();
    throw new TypeError("unexpected argument");
  }

  #counted(name: string, run: Factory): Factory {
    const counted: Factory = (options, args) => {
      this.calls.push(name);
      return run(options, args);
    };
    return Object.assign(counted, { target: name });
  }
}

export const runInstantiateCase: Adapter = (testCase) => {
  const { input, expect } = testCase;
  const targets = new Targets();
  let value: Json;
  let calls: readonly string[];
  try {
    const made = run(testCase, targets);
    calls = [...targets.calls];
    value = plainContainers(encode(made));
  } catch (error) {
    if (expect.error === undefined)
      return `expected a result, got ${error instanceof Error ? error.message : String(error)}`;
    // The error of a target as it is.
    if (expect.error.class === "RuntimeError" && (error as Error).message === "failed on purpose")
      return undefined;
    if (error instanceof TypeError && expect.error.class === "TypeError") return undefined;
    return errorMismatch(error, expect.error.class);
  }
  const expected = plainContainers(expect.ok?.["value"] ?? null);
  if (expect.ok === undefined) return `expected ${expect.error?.class}, got ${JSON.stringify(value)}`;
  if (!sameJson(value, expected)) return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(value)}`;
  const expectedCalls = expect.ok["calls"] as Json;
  if (sameJson(calls, expectedCalls)) return undefined;
  return `${JSON.stringify(input)}: expected the calls ${JSON.stringify(expectedCalls)}, got ${calls.join(", ")}`;
};

function run(testCase: Case, { registry, resolvers }: Targets): unknown {
  const { input } = testCase;
  const names = (input["resolvers"] ?? []) as readonly string[];
  const versionBase = versionBaseOf(testCase);
  let count = 0;
  for (const name of names)
    resolvers.set(name, name === "count" ? { resolve: () => ++count } : CUSTOM_RESOLVERS.get(name)!);
  const root = createFromYaml(input["yaml"] as string, {
    context: {
      resolvers,
      environment: new Map(Object.entries((input["env"] ?? {}) as Record<string, string>)),
      versionBase,
    },
  });
  for (const [path, value] of (input["set"] ?? []) as readonly (readonly [Json[], Json])[]) {
    let container: ContainerNode = root;
    for (const key of path.slice(0, -1)) container = getItem(container, key) as ContainerNode;
    setItem(container, path.at(-1), decodeData(value));
  }
  setFlags(root, (input["flags"] ?? {}) as TreeFlags);
  let node: ContainerNode = root;
  for (const key of (input["at"] ?? []) as readonly Json[]) node = getItem(node, key) as ContainerNode;
  const overrides: Record<string, unknown> = Object.fromEntries(
    Object.entries((input["kwargs"] ?? {}) as Record<string, Json>).map(([key, value]) => [
      key,
      decodeData(value),
    ]),
  );
  for (const [key, text] of Object.entries((input["config_kwargs"] ?? {}) as Record<string, string>))
    overrides[key] = createFromYaml(text, { context: { resolvers, environment: new Map(), versionBase } });
  const args = ((input["args"] ?? []) as readonly Json[]).map(decodeData);
  const made = instantiate<unknown>(node, { registry, overrides, args, isolate: input["isolate"] === true });
  const more = input["call"] as
    | { readonly args?: Json[]; readonly kwargs?: Record<string, Json> }
    | undefined;
  if (more === undefined) return made;
  return (made as (options: object, args: readonly unknown[]) => unknown)(more.kwargs ?? {}, more.args ?? []);
}

function encode(value: unknown): Json {
  if (value instanceof Call) {
    return {
      $call: value.name,
      args: value.args.map(encode),
      kwargs: Object.entries(value.options).map(([key, item]) => [key, encode(item)]),
    };
  }
  if (typeof value === "function") return encodePartial(value as (more?: object) => unknown);
  if (isContainer(value)) {
    try {
      return encodeData(toData(value, { resolve: true }));
    } catch (error) {
      return { $error: pythonClass(error) ?? "?" };
    }
  }
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)]));
  return encodeData(value as never);
}

/** A partial of `make` is called to see what it holds. */
function encodePartial(partial: (more?: object) => unknown): Json {
  if (partial.name !== "vec.make") return { $partial: partial.name.slice("vec.".length) };
  const { args, kwargs } = encode(partial()) as Record<string, Json>;
  return { $partial: "make", args: args!, kwargs: kwargs! };
}

/**
 * Containers without the word whether they are configs: here what holds created objects is handed over as plain data.
 * Whole floats are numbers, tuples lists: JavaScript has no others.
 */
function plainContainers(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => plainContainers(item as Json));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Readonly<Record<string, Json>>;
  if ("$tuple" in object) return plainContainers(object["$tuple"]!);
  if ("$config" in object) return plainContainers(object["$config"]!);
  if (typeof object["$float"] === "string") return Number(object["$float"].replace("inf", "Infinity"));
  if ("$partial" in object && object["$partial"] !== "make") return { $partial: object["$partial"]! };
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, plainContainers(item)]));
}
