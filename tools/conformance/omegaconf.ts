import type { Resolver } from "@episcope/config";
import {
  BUILT_IN_RESOLVERS,
  type ContainerNode,
  contains,
  createFromYaml,
  type DictNode,
  deleteItem,
  evaluateElement,
  evaluateText,
  formatRaw,
  fromDotlist,
  getItem,
  getOr,
  isContainer,
  isDict,
  isInterpolation,
  isList,
  isMissing,
  maskedCopy,
  merge,
  mergeDotlist,
  mergeWith,
  missingKeys,
  pop,
  type RawValue,
  resolveAll,
  select,
  setFlags,
  setItem,
  type TreeContext,
  type TreeFlags,
  toData,
  toYaml,
  update,
} from "@episcope/config/tree";
import { EpiscopeError } from "@episcope/errors";
import type { Adapter } from "./adapter.js";
import type { Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { decodeData, encodeData } from "./data-encoding.js";

type Args = Readonly<Record<string, Json>>;

const CUSTOM_RESOLVERS: ReadonlyMap<string, Resolver> = new Map<string, Resolver>([
  ["args", { resolve: ({ args }) => [...args] }],
  ["test", { resolve: ({ args }) => (args.length === 1 ? args[0] : [...args]) }],
  ["identity", { arity: { min: 1, max: 1 }, resolve: ({ args }) => args[0] }],
  ["first", { arity: { min: 1, max: 1 }, resolve: ({ args }) => firstOf(args[0]) }],
  ["null", { resolve: () => null }],
  ["concat", { resolve: ({ args }) => args.map(formatRaw).join("") }],
  ["ns.upper", { arity: { min: 1, max: 1 }, resolve: ({ args }) => (args[0] as string).toUpperCase() }],
]);

function firstOf(value: RawValue): RawValue {
  if (isList(value)) return getItem(value, 0);
  if (isDict(value)) return value.keys()[0];
  if (value instanceof Map) return value.keys().next().value;
  return (value as readonly RawValue[])[0];
}

function contextOf(input: Args): TreeContext {
  const names = (input["resolvers"] ?? []) as readonly string[];
  return {
    resolvers: new Map([
      ...BUILT_IN_RESOLVERS,
      ...names.map((name) => [name, CUSTOM_RESOLVERS.get(name)!] as const),
    ]),
    environment: new Map(Object.entries((input["env"] ?? {}) as Record<string, string>)),
  };
}

export const runOmegaconfCase: Adapter = (testCase) =>
  compareOutcome(testCase, () => {
    const input = testCase.input as Args;
    const context = contextOf(input);
    const args = (input["args"] ?? {}) as Args;
    const text = input["yaml"] as string | null | undefined;
    if (text === null || text === undefined) {
      return { config: encodeData(toData(fromDotlist(args["list"] as string[], { context }))) };
    }
    const root = createFromYaml(text, { context });
    setFlags(root, (input["flags"] ?? {}) as TreeFlags);
    let node: ContainerNode = root;
    for (const key of (args["at"] ?? []) as readonly Json[]) {
      // The recording of `resolve` named a root, which has no key, by null.
      if (key === null && input["op"] === "resolve") continue;
      const child = getItem(node, decodeData(key));
      if (!isContainer(child)) throw new Error(`'at' leads to no container: ${String(key)}`);
      node = child;
    }
    return run(input["op"] as string, args, root, node, context);
  });

function run(
  op: string,
  args: Args,
  root: ContainerNode,
  node: ContainerNode,
  context: TreeContext,
): Readonly<Record<string, Json>> {
  const config = () => ({ config: encodeData(toData(root)) });
  const value = (result: RawValue) => ({ value: encodeData(data(result)) });
  switch (op) {
    case "create":
      return config();
    case "get":
      return value(get(node, args));
    case "select":
      return value(
        select(node, args["key"] as string, {
          ...("default" in args ? { default: decodeData(args["default"]!) } : {}),
          ...pick(args, "throw_on_missing", "throwOnMissing"),
          ...pick(args, "throw_on_resolution_failure", "throwOnResolutionFailure"),
        }),
      );
    case "set": {
      const { container, key } = target(node, args);
      setItem(container, key, decodeData(args["value"]!));
      return config();
    }
    case "delete": {
      const { container, key } = target(node, args);
      deleteItem(container, key);
      return config();
    }
    case "pop": {
      const popped = pop(node, (args["pop"] as readonly Json[]).map(decodeData));
      return { ...value(popped), ...config() };
    }
    case "update":
      update(node, args["key"] as string, decodeData(args["value"] ?? null), {
        ...pick(args, "merge", "merge"),
        ...pick(args, "force_add", "forceAdd"),
      });
      return config();
    case "merge": {
      const others = (args["with"] as readonly string[]).map((text) => createFromYaml(text, { context }));
      if (args["in_place"] !== true) return { config: encodeData(toData(merge(node, ...others))) };
      mergeWith(node, ...others);
      return config();
    }
    case "resolve":
      resolveAll(node);
      return config();
    case "to_container":
      return {
        value: encodeData(
          toData(node, {
            ...pick(args, "resolve", "resolve"),
            ...pick(args, "throw_on_missing", "throwOnMissing"),
          }),
        ),
      };
    case "to_yaml":
      return {
        text: toYaml(node, { ...pick(args, "resolve", "resolve"), ...pick(args, "sort_keys", "sortKeys") }),
      };
    case "keys":
      return value(isDict(node) ? node.keys() : []);
    case "len":
      return value(node.size);
    case "contains":
      return value(contains(node, decodeData(args["key"]!)));
    case "is_missing":
      return value(isMissing(node, decodeData(args["key"]!)));
    case "is_interpolation":
      return value("key" in args ? isInterpolation(node, decodeData(args["key"]!)) : isInterpolation(node));
    case "missing_keys":
      return value(missingKeys(node).sort());
    case "masked_copy": {
      const keys = typeof args["keys"] === "string" ? [args["keys"]] : (args["keys"] as string[]);
      return { config: encodeData(toData(maskedCopy(node as DictNode, keys))) };
    }
    case "merge_with_dotlist":
      mergeDotlist(node, args["list"] as string[]);
      return config();
    case "eval":
      return value(evaluateText(node, args["expr"] as string));
    case "decode":
      return value(evaluateElement(node, args["expr"] as string));
    default:
      throw new Error(`unknown operation '${op}'`);
  }
}

function pick(args: Args, name: string, option: string): Record<string, boolean> {
  return typeof args[name] === "boolean" ? { [option]: args[name] as boolean } : {};
}

function target(node: ContainerNode, args: Args): { container: ContainerNode; key: RawValue } {
  const path = (args["path"] as readonly Json[]).map(decodeData);
  let container = node;
  for (const key of path.slice(0, -1)) {
    const next = getItem(container, key);
    if (!isContainer(next)) throw new EpiscopeError("CASE_PATH", "the path leads through a value");
    container = next;
  }
  return { container, key: path.at(-1) };
}

function get(node: ContainerNode, args: Args): RawValue {
  const path = (args["path"] as readonly Json[]).map(decodeData);
  let current: RawValue = node;
  for (const key of path) {
    if (!isContainer(current)) throw new EpiscopeError("CASE_PATH", "the path leads through a value");
    if (args["style"] === "get") current = getOr(current, key, decodeData(args["default"] ?? null));
    // Only text can be an attribute: other keys of such a path were asked for as items.
    else
      current = getItem(
        current,
        key,
        args["style"] === "attr" && typeof key === "string" ? "attribute" : "item",
      );
  }
  return current;
}

/** A container as its unresolved data. */
function data(value: RawValue): RawValue {
  if (isContainer(value)) return toData(value);
  if (Array.isArray(value)) return value.map(data);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, data(item)]));
  return value;
}
