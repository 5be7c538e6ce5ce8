import { EpiscopeError } from "@episcope/errors";
import type { Resolver } from "../../src/index.js";
import {
  appendItem,
  BUILT_IN_RESOLVERS,
  type ContainerNode,
  canSelect,
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
  insertItem,
  isContainer,
  isDict,
  isInterpolation,
  isList,
  isMissing,
  isTuple,
  type ListNode,
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
} from "../../src/tree.js";
import { Tuple } from "../../src/yaml.js";
import type { Adapter } from "./adapter.js";
import type { Case, Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { decodeData, encodeData } from "./data-encoding.js";
import { versionBaseOf } from "./world.js";

type Args = Readonly<Record<string, Json>>;

export const CUSTOM_RESOLVERS: ReadonlyMap<string, Resolver> = new Map<string, Resolver>([
  ["args", { resolve: ({ args }) => [...args] }],
  ["test", { resolve: ({ args }) => (args.length === 1 ? args[0] : [...args]) }],
  ["identity", { arity: { min: 1, max: 1 }, resolve: ({ args }) => args[0] }],
  ["first", { arity: { min: 1, max: 1 }, resolve: ({ args }) => firstOf(args[0]) }],
  ["null", { resolve: () => null }],
  ["concat", { resolve: ({ args }) => args.map(formatRaw).join("") }],
  [
    "mkdict",
    {
      resolve: ({ args }) =>
        new Map<string, RawValue>([
          ["a", 1],
          ["b", [...args]],
        ]),
    },
  ],
  ["mklist", { resolve: ({ args }) => [1, new Map([["c", [...args]]])] }],
  ["mktuple", { resolve: ({ args }) => new Tuple(args as never) }],
  ["ns.upper", { arity: { min: 1, max: 1 }, resolve: ({ args }) => (args[0] as string).toUpperCase() }],
]);

function firstOf(value: RawValue): RawValue {
  if (isList(value)) return getItem(value, 0);
  if (isDict(value)) return value.keys()[0];
  if (value instanceof Map) return value.keys().next().value;
  return (value as readonly RawValue[])[0];
}

function contextOf(testCase: Case): TreeContext {
  const input = testCase.input as Args;
  let count = 0;
  const counter: Resolver = { resolve: () => ++count };
  const names = (input["resolvers"] ?? []) as readonly string[];
  return {
    resolvers: new Map([
      ...BUILT_IN_RESOLVERS,
      ...names.map((name) => [name, name === "count" ? counter : CUSTOM_RESOLVERS.get(name)!] as const),
    ]),
    versionBase: versionBaseOf(testCase),
    environment: new Map(Object.entries((input["env"] ?? {}) as Record<string, string>)),
  };
}

export const runOmegaconfCase: Adapter = (testCase) =>
  compareOutcome(testCase, () => {
    const input = testCase.input as Args;
    const context = contextOf(testCase);
    const args = (input["args"] ?? {}) as Args;
    const text = input["yaml"] as string | null | undefined;
    if (text === null || text === undefined) {
      return { config: encodeData(toData(fromDotlist(args["list"] as string[], { context }))) };
    }
    const root = createFromYaml(text, { context });
    setFlags(root, (input["flags"] ?? {}) as TreeFlags);
    if (input["op"] !== "steps") return ask(root, context, input["op"] as string, args);
    let answer: Answer = {};
    for (const step of args["steps"] as readonly Args[])
      answer = ask(root, context, step["op"] as string, (step["args"] ?? {}) as Args);
    return answer;
  });

function ask(root: ContainerNode, context: TreeContext, op: string, args: Args): Answer {
  let node: ContainerNode = root;
  for (const key of (args["at"] ?? []) as readonly Json[]) {
    // The recording of `resolve` named a root, which has no key, by null.
    if (key === null && op === "resolve") continue;
    const child = getItem(node, decodeData(key));
    if (!isContainer(child)) throw new Error(`'at' leads to no container: ${String(key)}`);
    node = child;
  }
  const operation = OPERATIONS[op];
  if (operation === undefined) throw new Error(`unknown operation '${op}'`);
  return operation({ args, root, node, context });
}

interface Question {
  readonly args: Args;
  readonly root: ContainerNode;
  /** The node that is asked: the root, or one below. */
  readonly node: ContainerNode;
  readonly context: TreeContext;
}
type Answer = Readonly<Record<string, Json>>;

/** What is left of the config after the operation. */
function config({ root }: Question): Answer {
  return { config: encodeData(toData(root)) };
}

function value(result: RawValue): Answer {
  return { value: encodeData(data(result)) };
}

const OPERATIONS: Readonly<Record<string, (question: Question) => Answer>> = {
  create: config,
  get: ({ node, args }) => value(get(node, args)),
  select: ({ node, args }) =>
    value(
      select(node, args["key"] as string, {
        ...("default" in args ? { default: decodeData(args["default"]!) } : {}),
        ...pick(args, "throw_on_missing", "throwOnMissing"),
        ...pick(args, "throw_on_resolution_failure", "throwOnResolutionFailure"),
      }),
    ),
  set: (question) => {
    const { container, key } = target(question.node, question.args);
    setItem(container, key, decodeData(question.args["value"]!));
    return config(question);
  },
  insert: (question) => {
    insertItem(
      question.node as ListNode,
      question.args["index"] as number,
      decodeData(question.args["value"]!),
    );
    return config(question);
  },
  append: (question) => {
    appendItem(question.node as ListNode, decodeData(question.args["value"]!));
    return config(question);
  },
  slice: ({ node, args }) => {
    const items = [...node.children()].map((child) => getItem(node, child.key));
    const sliced = pythonSlice(items, args["slice"] as readonly (number | null)[]);
    return value(isTuple(node) ? new Tuple(sliced.map(data) as never) : sliced);
  },
  can_select: ({ node, args }) => value(canSelect(node, args["key"] as string)),
  delete: (question) => {
    const { container, key } = target(question.node, question.args);
    deleteItem(container, key);
    return config(question);
  },
  pop: (question) => {
    const popped = pop(question.node, (question.args["pop"] as readonly Json[]).map(decodeData));
    return { ...value(popped), ...config(question) };
  },
  update: (question) => {
    const { node, args } = question;
    update(node, args["key"] as string, decodeData(args["value"] ?? null), {
      ...pick(args, "merge", "merge"),
      ...pick(args, "force_add", "forceAdd"),
    });
    return config(question);
  },
  merge: (question) => {
    const { node, args, context } = question;
    const others = (args["with"] as readonly string[]).map((text) => createFromYaml(text, { context }));
    if (args["in_place"] !== true) return { config: encodeData(toData(merge(node, ...others))) };
    mergeWith(node, ...others);
    return config(question);
  },
  merge_with_dotlist: (question) => {
    mergeDotlist(question.node, question.args["list"] as string[]);
    return config(question);
  },
  resolve: (question) => {
    resolveAll(question.node);
    return config(question);
  },
  to_container: ({ node, args }) => ({
    value: encodeData(
      toData(node, {
        ...pick(args, "resolve", "resolve"),
        ...pick(args, "throw_on_missing", "throwOnMissing"),
      }),
    ),
  }),
  to_yaml: ({ node, args }) => ({
    text: toYaml(node, { ...pick(args, "resolve", "resolve"), ...pick(args, "sort_keys", "sortKeys") }),
  }),
  keys: ({ node }) => value(isDict(node) ? node.keys() : []),
  len: ({ node }) => value(node.size),
  contains: ({ node, args }) => value(contains(node, decodeData(args["key"]!))),
  is_missing: ({ node, args }) => value(isMissing(node, decodeData(args["key"]!))),
  is_interpolation: ({ node, args }) =>
    value("key" in args ? isInterpolation(node, decodeData(args["key"]!)) : isInterpolation(node)),
  missing_keys: ({ node }) => value(missingKeys(node).sort()),
  masked_copy: ({ node, args }) => {
    const keys = typeof args["keys"] === "string" ? [args["keys"]] : (args["keys"] as string[]);
    return { config: encodeData(toData(maskedCopy(node as DictNode, keys))) };
  },
  eval: ({ node, args }) => value(evaluateText(node, args["expr"] as string)),
  decode: ({ node, args }) => value(evaluateElement(node, args["expr"] as string)),
};

/** `list[start:stop:step]`. */
function pythonSlice<T>(
  items: readonly T[],
  [start = null, stop = null, step = null]: readonly (number | null)[],
): T[] {
  const by = step ?? 1;
  const length = items.length;
  const bound = (value: number | null, whole: number): number => {
    if (value === null) return whole;
    const at = value < 0 ? value + length : value;
    return by > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1);
  };
  const first = bound(start, by > 0 ? 0 : length - 1);
  const end = bound(stop, by > 0 ? length : -1);
  const result: T[] = [];
  for (let at = first; by > 0 ? at < end : at > end; at += by) result.push(items[at]!);
  return result;
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
