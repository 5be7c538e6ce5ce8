import { type ConfigKey, Float, isInteger, type ScalarValue } from "../scalar/values.js";
import { childOf, listIndex, missingValue } from "../tree/child.js";
import { InterpolationWork, type TreeContext } from "../tree/context.js";
import { convertValue, isScalar } from "../tree/convert.js";
import { ConfigError, configError, InterpolationError, interpolationError } from "../tree/errors.js";
import { callsResolver, type Expression, type Interpolation } from "../tree/expression.js";
import { parseElement } from "../tree/interpolation.js";
import { splitKey } from "../tree/key-path.js";
import { fullKey } from "../tree/keys.js";
import {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  DictNode,
  isContainer,
  type ListNode,
  type RawValue,
  rootOf,
  ValueNode,
} from "../tree/node.js";
import { formatRaw, isNode } from "../tree/repr.js";
import { treeRules } from "../tree/tree-rules.js";

/** How long a chain of interpolations may be. */
const MAX_INTERPOLATION_DEPTH = 250;
/** How many interpolations one value may lead to: each that names two others doubles their number. */
const MAX_INTERPOLATIONS = 5_000;
/** Longest text that interpolations may make. */
const MAX_TEXT = 10_000_000;

/** The nodes whose interpolation is being resolved, and how deep that has gone. */
export interface Memo {
  readonly nodes: Set<ConfigNode>;
  readonly depth: number;
  readonly work: InterpolationWork;
  /** What nodes were resolved to, where each is to be asked once. */
  readonly resolved?: Map<ConfigNode, ConfigNode> | undefined;
}

export function startMemo(
  depth = 0,
  resolved?: Map<ConfigNode, ConfigNode>,
  work: InterpolationWork = new InterpolationWork(MAX_INTERPOLATIONS),
): Memo {
  return { nodes: new Set(), depth, work, resolved };
}

const NO_RESOLVERS: TreeContext = { resolvers: new Map(), environment: new Map() };

/** The world of the tree that a node belongs to. */
export function contextOf(node: ConfigNode): TreeContext {
  return (rootOf(node) as ContainerNode).context ?? NO_RESOLVERS;
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
    node = childOf(container, key, { access: false });
    if (node === undefined && isIntegerText(key) && treeRules(container).integerKeys) {
      const numeric = container.peek(Number(key));
      if (numeric !== undefined && isInteger(numeric.key)) node = numeric;
    }
  } else {
    if (!isIntegerText(key)) {
      if (!throwOnTypeError) return undefined;
      // A plain TypeError in Python: unlike a ConfigTypeError, selecting does not swallow it.
      throw configError("CONFIG_KIND", `'${key}' is no index of a list`, { fields: { index: key } });
    }
    const index = Number(key.replaceAll("_", ""));
    const at = treeRules(container).negativeIndexes ? listIndex(container as ListNode, index) : index;
    node = at === undefined ? undefined : (container as ListNode).items[at];
  }
  if (node !== undefined && throwOnMissing && node.isMissing) throw missingValue(container, node.key);
  return node;
}

function isIntegerText(key: string): boolean {
  return /^\s*[-+]?[0-9](?:_?[0-9])*\s*$/.test(key);
}

interface SelectFlags {
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
  const steps = splitKey(key, treeRules(container));
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
  const known = memo?.resolved?.get(last);
  if (known !== undefined) return known;
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
    const resolved = maybeResolve(current, last, flags.throwOnResolutionFailure, memo);
    if (resolved !== undefined) memo?.resolved?.set(last, resolved);
    return resolved;
  } finally {
    memo?.nodes.delete(last);
  }
}

/** The container from which a key counts: the root, or with leading dots a parent. */
export function keyRoot(
  container: ContainerNode,
  key: string,
): { readonly root: ContainerNode; readonly key: string } {
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

/** As `dereference`, for a node in a known container. */
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
  if (!memo.work.take()) throw tooMuch(node, `leads to more than ${MAX_INTERPOLATIONS} interpolations`);
  const expression = (node as ValueNode | ContainerNode).parsed();
  let resolved: RawValue;
  try {
    resolved = evaluate(expression, parent, node, { ...memo, depth: memo.depth + 1 });
  } catch (error) {
    if (error instanceof InterpolationError && !throwOnFailure) return undefined;
    throw error;
  }
  return toNode(parent, node, resolved, throwOnFailure);
}

function tooDeep(node: ConfigNode): InterpolationError {
  return interpolationError(
    "INTERPOLATION_DEPTH",
    `a chain of interpolations is longer than ${MAX_INTERPOLATION_DEPTH}, last in '${fullKey(node)}'`,
    { hint: "Look for interpolations that lead back to each other.", fields: { key: fullKey(node) } },
  );
}

function tooMuch(node: ConfigNode, problem: string): InterpolationError {
  return interpolationError("INTERPOLATION_LIMIT", `'${fullKey(node)}' ${problem}`, {
    hint: "Look for values that each refer to the one before more than once.",
    fields: { key: fullKey(node) },
  });
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
  /** How deep in arguments, lists and dicts the evaluation is. */
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
    for (const part of parts) {
      text += typeof part === "string" ? part : formatRaw(this.interpolation(part));
      if (text.length > MAX_TEXT) throw tooMuch(this.node, `becomes longer than ${MAX_TEXT} characters`);
    }
    return text;
  }

  private interpolation(inter: Interpolation): RawValue {
    if (inter.kind === "node") return this.follow(this.name(inter.parts, "a key"));
    return this.call(this.name(inter.name, "the name of a resolver"), inter);
  }

  nameOf(inter: Interpolation & { kind: "node" }): string {
    return this.name(inter.parts, "a key");
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
      const raw = isNode(value) ? contentOf(value) : value;
      const content = isInteger(raw) && treeRules(this.parent).integerKeys ? String(raw) : raw;
      if (typeof content !== "string") {
        throw interpolationError(
          "INTERPOLATION_FAILED",
          `'${part.text}' is used as ${what} and must be text, but it is ${formatRaw(content)}`,
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
        { ...this.memo, depth: this.depth },
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
        work: this.memo.work,
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

/**
 * The node that a chain of plain interpolations leads to; undefined where a resolver or a text is part of the chain.
 * @throws InterpolationError where it leads nowhere, or back to itself.
 */
export function updateTarget(
  node: ConfigNode,
  seen: ReadonlySet<ConfigNode> = new Set(),
): ConfigNode | undefined {
  const expression = (node as ValueNode | ContainerNode).parsed();
  const { parent } = node;
  const isPlainText =
    expression.kind === "literal" ||
    (expression.kind === "text" && expression.parts.every((part) => typeof part === "string"));
  if (isPlainText) throw interpolationError("INTERPOLATION_FAILED", "the text refers to nothing");
  if (expression.kind !== "node" || parent === undefined || callsResolver(expression)) return undefined;
  if (seen.has(node))
    throw interpolationError("INTERPOLATION_FAILED", "the interpolation leads back to itself");
  const path = new Evaluation(parent, node, startMemo()).nameOf(expression);
  const { root, key } = keyRoot(parent, path);
  const steps = key === "" ? [] : splitKey(key, treeRules(root));
  let target: ConfigNode = root;
  for (const [index, step] of steps.entries()) {
    if (!isContainer(target))
      throw interpolationError("INTERPOLATION_FAILED", `'${path}' leads through a value`, {
        fields: { key: path },
      });
    let child = selectOne(target, step, false, true);
    if (child === undefined) {
      throw interpolationError("INTERPOLATION_KEY", `interpolation key '${path}' not found`, {
        fields: { key: path },
      });
    }
    if (child.isMissing) {
      throw interpolationError("INTERPOLATION_MISSING", `interpolation to a missing value: ${path}`, {
        fields: { key: path },
      });
    }
    if (child.isInterpolation) child = updateTarget(child, new Set([...seen, node]));
    if (child === undefined) return undefined;
    target = child;
    if (index === steps.length - 1) break;
  }
  for (let n: ConfigNode | undefined = parent; n !== undefined; n = n.parent)
    if (n === target) throw interpolationError("INTERPOLATION_FAILED", `'${path}' is a parent of the node`);
  return isContainer(target) ? target : undefined;
}

/** Whether a value is null, also behind interpolations; one that cannot be resolved is not. */
export function resolvesToNull(value: RawValue, throwOnFailure: boolean): boolean {
  if (!isNode(value)) return value === null || value === undefined;
  if (!value.isInterpolation) return value.isNull;
  const target = dereference(value, throwOnFailure);
  return target?.isNull === true;
}

/** The value that a text would have as a new child of a container, its interpolations resolved. */
export function evaluateText(container: ContainerNode, text: string): RawValue {
  const node = new ValueNode(text, undefined);
  node.parent = container;
  if (node.isInterpolation) node.parsed();
  return contentOf(dereference(node, true));
}

/** The value of a text read as one element of the interpolation grammar, the rule of `oc.decode`. */
export function evaluateElement(container: ContainerNode, text: string): RawValue {
  const value = evaluate(parseElement(text, treeRules(container)), container, container, startMemo());
  return isNode(value) ? contentOf(value) : value;
}
