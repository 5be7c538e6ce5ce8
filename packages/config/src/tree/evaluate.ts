import {
  type ConfigKey,
  Float,
  formatScalar,
  isInteger,
  quotePython,
  reprScalar,
  type ScalarValue,
} from "../values.js";
import { Tuple } from "../yaml/construct.js";
import type { TreeContext } from "./context.js";
import { convertValue, isScalar } from "./convert.js";
import {
  ConfigError,
  configError,
  InterpolationError,
  interpolationError,
  locate,
  shownKey,
} from "./errors.js";
import { type Expression, type Interpolation, parseElement } from "./interpolation.js";
import {
  type ConfigNode,
  ContainerNode,
  contentOf,
  DictNode,
  flag,
  fullKey,
  isContainer,
  ListNode,
  normalizeKey,
  type RawValue,
  rootOf,
  ValueNode,
} from "./node.js";

/** How many interpolations may stand one behind the other before the chain is given up. */
export const MAX_INTERPOLATION_DEPTH = 250;

/** The nodes whose interpolation is being resolved, and how deep that has gone. */
export interface Memo {
  readonly nodes: Set<ConfigNode>;
  readonly depth: number;
}

export function startMemo(depth = 0): Memo {
  return { nodes: new Set(), depth };
}

const NO_RESOLVERS: TreeContext = { resolvers: new Map(), environment: new Map() };

/** The world of the tree that a node belongs to. */
export function contextOf(node: ConfigNode): TreeContext {
  return (rootOf(node) as ContainerNode).context ?? NO_RESOLVERS;
}

export interface ChildOptions {
  /** Whether an unknown key of a struct is an error. Default true. */
  readonly access?: boolean;
  /** Whether a key of a wrong type is an error. Default true. */
  readonly key?: boolean;
  readonly throwOnMissingValue?: boolean;
  readonly throwOnMissingKey?: boolean;
}

/** Refuses a key that a struct or a typed dict has not got. */
export function checkAccess(dict: DictNode, key: ConfigKey): void {
  if (dict.peek(key) !== undefined) return;
  if (dict.schema !== undefined) {
    if (dict.struct === false || dict.schema.extra !== undefined) return;
    throw configError("KEY_NOT_ALLOWED", `key '${String(key)}' not in '${dict.schema.name}'`, {
      fields: { key: fullKey(dict, key), options: dict.keys().map(String) },
    });
  }
  if (flag(dict, "struct") === true) {
    throw configError("KEY_NOT_ALLOWED", `key '${String(key)}' is not in struct`, {
      hint: "Add the key to the config, or write the override with '+' to append it.",
      fields: { key: fullKey(dict, key), options: dict.keys().map(String) },
    });
  }
}

export function childOf(
  container: ContainerNode,
  key: unknown,
  options: ChildOptions = {},
): ConfigNode | undefined {
  return container instanceof DictNode
    ? dictChild(container, key, options)
    : listChild(container as ListNode, key, options);
}

function dictChild(dict: DictNode, key: unknown, options: ChildOptions): ConfigNode | undefined {
  let normal: ConfigKey;
  try {
    normal = normalizeKey(dict, key);
  } catch (error) {
    if ((options.access ?? true) && (options.key ?? true)) throw error;
    if (options.throwOnMissingKey === true) {
      throw configError("KEY_NOT_ALLOWED", `key '${String(key)}' is not in this dict`);
    }
    return undefined;
  }
  if (options.access ?? true) checkAccess(dict, normal);
  const node = dict.peek(normal);
  if (node === undefined) {
    if (options.throwOnMissingKey === true) {
      throw configError("KEY_NOT_FOUND", `key '${String(normal)}' is missing`, {
        fields: { key: fullKey(dict, normal), options: dict.keys().map(String) },
      });
    }
  } else if (options.throwOnMissingValue === true && node.isMissing) {
    throw missingValue(dict, normal);
  }
  return node;
}

/** The position that an index means, counted from the end where negative; undefined where there is none. */
export function listIndex(list: ListNode, index: number | bigint): number | undefined {
  const at = Number(index) < 0 ? Number(index) + list.size : Number(index);
  return at >= 0 && at < list.size ? at : undefined;
}

export function checkIndexType(key: unknown): number {
  if (isInteger(key)) return Number(key);
  if (typeof key === "boolean") return Number(key);
  throw configError("KEY_TYPE", `the index of a list is an integer, not '${String(key)}'`);
}

export function indexOutOfRange(list: ListNode, index: number): ConfigError {
  return configError("CONFIG_INDEX", `index ${index} is out of range for a list of ${list.size}`, {
    fields: { key: fullKey(list, index) },
  });
}

function listChild(list: ListNode, key: unknown, options: ChildOptions): ConfigNode | undefined {
  try {
    if (list.isNull) throw configError("CONFIG_KIND", "the list is null");
    if (list.isMissing) throw configError("VALUE_MISSING", "the list is missing");
    const index =
      (options.access ?? true) || isInteger(key) || typeof key === "boolean"
        ? checkIndexType(key)
        : Number.NaN;
    const at = listIndex(list, index);
    if (at === undefined) throw indexOutOfRange(list, index);
    const node = list.items[at]!;
    if (options.throwOnMissingValue === true && node.isMissing) throw missingValue(list, at);
    return node;
  } catch (error) {
    if (
      error instanceof ConfigError &&
      error.code === "VALUE_MISSING" &&
      options.throwOnMissingValue === true
    ) {
      throw error;
    }
    if (options.access ?? true) throw locate(error, fullKey(list));
    return undefined;
  }
}

export function missingValue(container: ContainerNode, key: ConfigKey | undefined): ConfigError {
  const path = fullKey(container, key);
  return configError("VALUE_MISSING", `missing mandatory value: ${shownKey(path)}`, {
    hint: `Give the key a value, for instance with the override '${path}=...'.`,
    fields: { key: path },
  });
}

/** The child under one step of a dotted key; undefined where there is none. */
export function selectOne(
  container: ContainerNode,
  key: string,
  throwOnMissing: boolean,
  throwOnTypeError: boolean,
): ConfigNode | undefined {
  if (container.isNull) return undefined;
  let node: ConfigNode | undefined;
  if (container instanceof DictNode) {
    node = dictChild(container, key, { access: false });
  } else {
    if (!/^\s*[-+]?[0-9](?:_?[0-9])*\s*$/.test(key)) {
      if (!throwOnTypeError) return undefined;
      // A plain TypeError in Python: unlike a ConfigTypeError, selecting does not swallow it.
      throw configError("CONFIG_KIND", `'${key}' is no index of a list`, { fields: { index: key } });
    }
    const index = Number(key.replaceAll("_", ""));
    node = (container as ListNode).items[index];
  }
  if (node !== undefined && throwOnMissing && node.isMissing) throw missingValue(container, node.key);
  return node;
}

/**
 * The steps of a key as OmegaConf takes it apart: `a.b`, `a[b]` and `[a].b` alike; a leading dot gives an empty
 * first step. Throws where there is none.
 */
export function splitKey(key: string): string[] {
  if (!key.includes("[")) return key.split(".");
  const head = /^\.*[^.[]*/.exec(key)![0];
  const steps = head.split(".");
  if (key[head.length] === "[" && steps.at(-1) === "") steps.pop();
  let close = -2;
  for (let pos = head.length; pos < key.length; ) {
    const c = key[pos];
    if (c === ".") {
      let end = pos + 1;
      while (end < key.length && key[end] !== "." && key[end] !== "[") end += 1;
      steps.push(key.slice(pos + 1, end));
      pos = end;
      continue;
    }
    if (c === "[") {
      if (close !== -1 && close < pos) close = key.indexOf("]", pos);
      const step = close === -1 ? undefined : key.slice(pos + 1, close);
      if (step !== undefined && !step.includes("\n")) {
        steps.push(step);
        pos = close + 1;
        continue;
      }
    }
    // As in OmegaConf, what is no step is passed over.
    pos += 1;
  }
  if (steps.length === 0) {
    throw configError("CONFIG_INDEX", `'${key}' is no key`, {
      hint: "Close the bracket: '[key]'.",
      fields: { key },
    });
  }
  return steps;
}

export interface SelectFlags {
  readonly throwOnMissing: boolean;
  readonly throwOnResolutionFailure: boolean;
}

/** Follows a key below a container, resolving interpolations on the way. */
export function selectBelow(
  container: ContainerNode,
  key: string,
  flags: SelectFlags,
  memo: Memo | undefined,
): ConfigNode | undefined {
  if (key === "") return container;
  const steps = splitKey(key);
  let current: ContainerNode = container;
  for (let k = 0; k < steps.length - 1; k++) {
    let next = selectOne(current, steps[k]!, flags.throwOnMissing, flags.throwOnResolutionFailure);
    if (next !== undefined) next = dereference(next, flags.throwOnResolutionFailure, memo);
    if (next === undefined) return undefined;
    if (!isContainer(next)) {
      const error = configError(
        "CONFIG_KIND",
        `cannot reach '${key}': '${steps.slice(0, k + 1).join(".")}' is a value and has no '${steps[k + 1]}'`,
        { fields: { key } },
      );
      error.located = true;
      throw error;
    }
    current = next;
  }
  const last = selectOne(current, steps.at(-1)!, flags.throwOnMissing, flags.throwOnResolutionFailure);
  if (last === undefined) return undefined;
  if (memo !== undefined) {
    if (memo.nodes.has(last)) {
      throw interpolationError(
        "INTERPOLATION_FAILED",
        `interpolation of '${fullKey(last)}' leads back to itself`,
        {
          fields: { key: fullKey(last) },
        },
      );
    }
    memo.nodes.add(last);
  }
  try {
    return maybeResolve(current, last, flags.throwOnResolutionFailure, memo);
  } finally {
    memo?.nodes.delete(last);
  }
}

/** The container from which a key counts: the root, or with leading dots a parent. */
export function keyRoot(container: ContainerNode, key: string): { root: ContainerNode; key: string } {
  if (!key.startsWith(".")) return { root: rootOf(container), key };
  let root: ContainerNode = container;
  let rest = key.slice(1);
  while (rest.startsWith(".")) {
    if (root.parent === undefined) {
      throw configError("KEY_NOT_FOUND", `'${key}' goes above the root of the config`, { fields: { key } });
    }
    root = root.parent;
    rest = rest.slice(1);
  }
  return { root, key: rest };
}

/** The node that a node's interpolation leads to, or the node itself. */
export function dereference(node: ConfigNode, throwOnFailure: true, memo?: Memo): ConfigNode;
export function dereference(node: ConfigNode, throwOnFailure: boolean, memo?: Memo): ConfigNode | undefined;
export function dereference(node: ConfigNode, throwOnFailure: boolean, memo?: Memo): ConfigNode | undefined {
  if (!node.isInterpolation) return node;
  const { parent } = node;
  if (parent === undefined) {
    if (!throwOnFailure) return undefined;
    throw interpolationError(
      "INTERPOLATION_FAILED",
      "an interpolation in place of the whole config cannot be resolved",
    );
  }
  return resolveInterpolation(parent, node, throwOnFailure, memo ?? startMemo());
}

/** As `dereference`, for a node that stands in a known container. */
export function maybeResolve(
  parent: ContainerNode,
  node: ConfigNode,
  throwOnFailure: boolean,
  memo?: Memo,
): ConfigNode | undefined {
  if (!node.isInterpolation) return node;
  return resolveInterpolation(parent, node, throwOnFailure, memo ?? startMemo());
}

function resolveInterpolation(
  parent: ContainerNode,
  node: ConfigNode,
  throwOnFailure: boolean,
  memo: Memo,
): ConfigNode | undefined {
  if (memo.depth >= MAX_INTERPOLATION_DEPTH) throw tooDeep(node);
  const expression = (node as ValueNode | ContainerNode).parsed();
  let resolved: RawValue;
  try {
    resolved = evaluate(expression, parent, node, { nodes: memo.nodes, depth: memo.depth + 1 });
  } catch (error) {
    if (error instanceof InterpolationError && !throwOnFailure) return undefined;
    throw error;
  }
  return toNode(parent, node, resolved, throwOnFailure);
}

function tooDeep(node: ConfigNode): InterpolationError {
  return interpolationError(
    "INTERPOLATION_DEPTH",
    `interpolations stand more than ${MAX_INTERPOLATION_DEPTH} deep, last in '${fullKey(node)}'`,
    { hint: "Look for interpolations that lead back to each other.", fields: { key: fullKey(node) } },
  );
}

/** The result as a node, converted where the node that holds the interpolation is typed. */
function toNode(
  parent: ContainerNode,
  node: ConfigNode,
  resolved: RawValue,
  throwOnFailure: boolean,
): ConfigNode | undefined {
  let result = resolved;
  if (node instanceof ValueNode && node.type.kind !== "any" && node.type.kind !== "union") {
    const value = isNode(resolved) ? contentOf(resolved) : resolved;
    let converted: ScalarValue;
    try {
      converted = convertValue(node.type, value);
    } catch (error) {
      if (!throwOnFailure) return undefined;
      throw interpolationError(
        "INTERPOLATION_VALUE",
        `while resolving '${String(node.value)}': ${(error as Error).message}`,
        { cause: error, fields: { key: fullKey(node) } },
      );
    }
    if (
      !isScalar(value) ||
      typeof value !== typeof converted ||
      value instanceof Float !== converted instanceof Float
    ) {
      result = converted;
    }
  }
  if (isNode(result)) return result;
  const wrapped = new ValueNode(result ?? null, node.key, undefined, true);
  wrapped.parent = parent;
  return wrapped;
}

export function isNode(value: RawValue): value is ConfigNode {
  return value instanceof ValueNode || value instanceof ContainerNode;
}

/** Evaluates a parsed text at a node. What is no interpolation error becomes one. */
export function evaluate(
  expression: Expression,
  parent: ContainerNode,
  node: ConfigNode,
  memo: Memo,
): RawValue {
  try {
    return new Evaluation(parent, node, memo).value(expression);
  } catch (error) {
    if (error instanceof InterpolationError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw interpolationError("INTERPOLATION_FAILED", `while resolving the interpolation: ${reason}`, {
      cause: error,
      fields: { key: fullKey(node) },
    });
  }
}

class Evaluation {
  private readonly parent: ContainerNode;
  private readonly node: ConfigNode;
  private readonly memo: Memo;
  /** How deep in arguments, lists and dicts the evaluation stands. */
  private nesting = 0;

  constructor(parent: ContainerNode, node: ConfigNode, memo: Memo) {
    this.parent = parent;
    this.node = node;
    this.memo = memo;
  }

  value(expression: Expression): RawValue {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "text":
        return this.text(expression.parts);
      case "list":
        return expression.items.map((item) => this.argument(item.value));
      case "dict": {
        const map = new Map<ConfigKey | null, RawValue>();
        for (const [key, value] of expression.entries) map.set(key, this.argument(value));
        return map;
      }
      case "node":
      case "resolver":
        return this.interpolation(expression);
    }
  }

  private get depth(): number {
    return this.memo.depth + this.nesting;
  }

  private argument(expression: Expression | undefined): RawValue {
    if (expression === undefined) return "";
    this.nesting += 1;
    if (this.depth >= MAX_INTERPOLATION_DEPTH) throw tooDeep(this.node);
    const value = this.value(expression);
    this.nesting -= 1;
    return isNode(value) ? contentOf(value) : value;
  }

  private text(parts: readonly (string | Interpolation)[]): string {
    let text = "";
    for (const part of parts) text += typeof part === "string" ? part : formatRaw(this.interpolation(part));
    return text;
  }

  private interpolation(inter: Interpolation): RawValue {
    if (inter.kind === "node") return this.follow(this.name(inter.parts, "a key"));
    return this.call(this.name(inter.name, "the name of a resolver"), inter);
  }

  private name(parts: readonly (string | Interpolation)[], what: string): string {
    if (parts.length === 1 && typeof parts[0] === "string") return parts[0];
    let name = "";
    for (const part of parts) {
      if (typeof part === "string") {
        name += part;
        continue;
      }
      const value = this.interpolation(part);
      const content = isNode(value) ? contentOf(value) : value;
      if (typeof content !== "string") {
        throw interpolationError(
          "INTERPOLATION_FAILED",
          `'${part.text}' stands for ${what} and must give text, but it gives ${formatRaw(content)}`,
        );
      }
      name += content;
    }
    return name;
  }

  private follow(path: string): ConfigNode {
    let root: ContainerNode;
    let key: string;
    try {
      ({ root, key } = keyRoot(this.parent, path));
    } catch (error) {
      throw interpolationError("INTERPOLATION_KEY", (error as Error).message, { fields: { key: path } });
    }
    let target: ConfigNode | undefined;
    try {
      target = selectBelow(
        root,
        key,
        { throwOnMissing: true, throwOnResolutionFailure: true },
        { nodes: this.memo.nodes, depth: this.depth },
      );
    } catch (error) {
      if (error instanceof ConfigError && error.code === "VALUE_MISSING") {
        throw interpolationError(
          "INTERPOLATION_MISSING",
          `interpolation to a missing value: ${error.message}`,
          {
            ...(error.hint === undefined ? {} : { hint: error.hint }),
            fields: error.fields,
          },
        );
      }
      throw error;
    }
    if (target === undefined) {
      throw interpolationError("INTERPOLATION_KEY", `interpolation key '${path}' not found`, {
        fields: { key: path, at: fullKey(this.node) },
      });
    }
    for (let n: ConfigNode | undefined = this.parent; n !== undefined; n = n.parent) {
      if (n === target) {
        throw interpolationError(
          "INTERPOLATION_FAILED",
          `'${path}' is a parent of the node that refers to it`,
          {
            fields: { key: fullKey(this.node) },
          },
        );
      }
    }
    return target;
  }

  private call(name: string, inter: Interpolation & { kind: "resolver" }): RawValue {
    const args = inter.args.map((arg) => this.argument(arg.value));
    const root = rootOf(this.parent);
    const context = root.context ?? NO_RESOLVERS;
    const resolver = context.resolvers.get(name);
    if (resolver === undefined) {
      throw interpolationError("INTERPOLATION_RESOLVER", `no resolver '${name}' is registered`, {
        fields: { key: fullKey(this.node), options: [...context.resolvers.keys()] },
      });
    }
    const { arity } = resolver;
    if (arity !== undefined && (args.length < arity.min || args.length > arity.max)) {
      const range = arity.min === arity.max ? String(arity.min) : `${arity.min} to ${arity.max}`;
      throw interpolationError(
        "INTERPOLATION_FAILED",
        `resolver '${name}' takes ${range} arguments, not ${args.length}`,
        { fields: { key: fullKey(this.node) } },
      );
    }
    const warn = context.warn ?? (() => {});
    if (inter.args.some((arg) => arg.value === undefined)) {
      warn(`In '${inter.text}' some arguments are empty: write them as empty quoted texts.`);
    }
    const run = () =>
      resolver.resolve({
        args,
        parent: this.parent,
        node: this.node,
        root,
        context,
        warn,
        depth: this.depth,
      });
    if (resolver.cached !== true) return run();
    root.cache ??= new Map();
    let results = root.cache.get(name);
    if (results === undefined) {
      results = new Map();
      root.cache.set(name, results);
    }
    const id = inter.args.map((arg) => arg.text).join("\0");
    if (!results.has(id)) results.set(id, run());
    return results.get(id);
  }
}

/** As Python's `str()`. */
export function formatRaw(value: RawValue): string {
  if (value instanceof ValueNode) return formatRaw(value.value);
  return isScalar(value) ? formatScalar(value) : reprRaw(value);
}

/** As Python's `repr()`. */
export function reprRaw(value: RawValue): string {
  if (value === undefined) return "None";
  if (value instanceof ValueNode) return reprRaw(value.value);
  if (value instanceof ContainerNode) {
    const { special } = value;
    if (special === null) return "None";
    if (special !== undefined) return quotePython(special);
    if (value instanceof ListNode) return `[${value.items.map(reprRaw).join(", ")}]`;
    return `{${[...(value as DictNode).items.values()].map((n) => `${reprScalar(n.key!)}: ${reprRaw(n)}`).join(", ")}}`;
  }
  if (Array.isArray(value)) return `[${value.map(reprRaw).join(", ")}]`;
  if (value instanceof Tuple) {
    return `(${value.items.map(reprRaw).join(", ")}${value.items.length === 1 ? "," : ""})`;
  }
  if (value instanceof Map) {
    return `{${[...value].map(([k, v]) => `${reprScalar(k)}: ${reprRaw(v)}`).join(", ")}}`;
  }
  if (value instanceof Set) return value.size === 0 ? "set()" : `{${[...value].map(reprScalar).join(", ")}}`;
  return reprScalar(value as ScalarValue);
}

/** Whether a value is null, also behind interpolations; one that cannot be resolved is not. */
export function resolvesToNull(value: RawValue, throwOnFailure: boolean): boolean {
  if (!isNode(value)) return value === null || value === undefined;
  if (!value.isInterpolation) return value.isNull;
  const target = dereference(value, throwOnFailure);
  return target?.isNull === true;
}

/** What a text gives as the value of a new child of a container: its interpolations resolved. */
export function evaluateText(container: ContainerNode, text: string): RawValue {
  const node = new ValueNode(text, undefined);
  node.parent = container;
  if (node.isInterpolation) node.parsed();
  return contentOf(dereference(node, true));
}

/** What a text gives as one element of the interpolation grammar, the rule of `oc.decode`. */
export function evaluateElement(container: ContainerNode, text: string): RawValue {
  const value = evaluate(parseElement(text), container, container, startMemo());
  return isNode(value) ? contentOf(value) : value;
}
