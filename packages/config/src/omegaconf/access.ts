import type { ConfigKey } from "../scalar/values.js";
import { checkIndexType, childOf, indexOutOfRange, listIndex, missingValue } from "../tree/child.js";
import type { InterpolationWork } from "../tree/context.js";
import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { ConfigError, configError, locate, withCode } from "../tree/errors.js";
import { callsResolver } from "../tree/expression.js";
import { splitKey } from "../tree/key-path.js";
import { fullKey, normalizeKey } from "../tree/keys.js";
import {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  DictNode,
  isContainer,
  type ListNode,
  type RawValue,
  ValueNode,
} from "../tree/node.js";
import { isNode } from "../tree/repr.js";
import { treeRules } from "../tree/tree-rules.js";
import { pythonInt } from "../yaml/scalars.js";
import type { AccessStyle } from "./assign.js";
import { createTree } from "./create.js";
import {
  dereference,
  keyRoot,
  type Memo,
  maybeResolve,
  selectBelow,
  selectOne,
  startMemo,
} from "./evaluate.js";

/** Tells "no default" from a default of null. */
export const NO_DEFAULT: unique symbol = Symbol("no default");

/** The value of a child, resolved; where it is missing the fallback, or an error without one. */
export function resolveWithDefault(
  container: ContainerNode,
  key: ConfigKey,
  node: ConfigNode,
  fallback: RawValue | typeof NO_DEFAULT,
): RawValue {
  if (node.isMissing) {
    if (fallback !== NO_DEFAULT) return fallback;
    throw missingValue(container, key);
  }
  const resolved = maybeResolve(container, node, true);
  return contentOf(resolved!);
}

/** The value under a key, interpolations resolved; for a container its node. */
export function getItem(container: ContainerNode, key: unknown, style: AccessStyle = "item"): RawValue {
  try {
    if (container instanceof DictNode) {
      const node = childOf(container, key, { throwOnMissingKey: true, key: style === "item" })!;
      return resolveWithDefault(container, key as ConfigKey, node, NO_DEFAULT);
    }
    const list = container as ListNode;
    if (style === "attribute") {
      const index = typeof key === "string" ? pythonInt(key) : undefined;
      if (index === undefined) {
        throw configError("KEY_NOT_ALLOWED", "a list has no keys, only indices", {
          fields: { key: fullKey(list) },
        });
      }
      return getItem(list, index);
    }
    if (list.isMissing) throw configError("VALUE_MISSING", "the list is missing");
    const index = checkIndexType(key);
    if (list.isNull) throw configError("CONFIG_KIND", "the list is null");
    const at = listIndex(list, index);
    if (at === undefined) throw indexOutOfRange(list, index);
    return resolveWithDefault(list, at, list.items[at]!, NO_DEFAULT);
  } catch (error) {
    throw accessError(error, container, key, style);
  }
}

function accessError(error: unknown, container: ContainerNode, key: unknown, style: AccessStyle): unknown {
  if (!(error instanceof ConfigError)) return error;
  const path = fullKey(container, typeof key === "string" || typeof key === "number" ? key : undefined);
  if (container instanceof DictNode) {
    if (style === "item" && error.code === "KEY_NOT_ALLOWED") return withCode(error, "KEY_NOT_FOUND", path);
    if (style === "attribute" && error.code === "KEY_NOT_FOUND")
      return withCode(error, "KEY_NOT_ALLOWED", path);
  }
  return locate(error, path);
}

/** The value under a key, or the default where the key is unknown or its value missing. */
export function getOr(container: ContainerNode, key: unknown, fallback: RawValue = null): RawValue {
  if (container instanceof DictNode) {
    let node: ConfigNode;
    try {
      node = childOf(container, key, { throwOnMissingKey: true })!;
    } catch (error) {
      if (
        error instanceof ConfigError &&
        (error.code === "KEY_NOT_ALLOWED" || error.code === "KEY_NOT_FOUND")
      ) {
        return fallback;
      }
      throw error;
    }
    return resolveWithDefault(container, key as ConfigKey, node, fallback);
  }
  const list = container as ListNode;
  if (list.isNull) throw configError("CONFIG_KIND", "the list is null", { fields: { key: fullKey(list) } });
  if (list.isMissing)
    throw configError("VALUE_MISSING", "the list is missing", { fields: { key: fullKey(list) } });
  const index = checkIndexType(key);
  const at = listIndex(list, index);
  if (at === undefined) throw indexOutOfRange(list, index);
  return resolveWithDefault(list, at, list.items[at]!, fallback);
}

export interface SelectOptions {
  /** Given where the key is unknown or its value missing; null without it. */
  readonly default?: RawValue;
  readonly throwOnMissing?: boolean;
  /** Whether an interpolation that cannot be resolved is an error (the default) or counts as unknown. */
  readonly throwOnResolutionFailure?: boolean;
  /** Whether a key without leading dots counts from the root instead of from the container. */
  readonly absolute?: boolean;
  /** For resolvers: how deep the selection already is. */
  readonly depth?: number;
  readonly work?: InterpolationWork | undefined;
}

/** The node under a dotted key, interpolations resolved; undefined where there is none. */
export function selectNode(
  container: ContainerNode,
  key: string,
  options: SelectOptions = {},
): ConfigNode | undefined {
  const relative = options.absolute !== true && !key.startsWith(".") ? `.${key}` : key;
  let start: ReturnType<typeof keyRoot>;
  try {
    start = keyRoot(container, relative);
  } catch (error) {
    if (error instanceof ConfigError && treeRules(container).selectsAboveRoot) return undefined;
    throw error;
  }
  try {
    const { root, key: rest } = start;
    const memo: Memo | undefined =
      options.depth === undefined ? undefined : startMemo(options.depth, undefined, options.work);
    return selectBelow(
      root,
      rest,
      {
        throwOnMissing: options.throwOnMissing ?? false,
        throwOnResolutionFailure: options.throwOnResolutionFailure ?? true,
      },
      memo,
    );
  } catch (error) {
    // Only a step into a value is forgiven; a wrong index is not (as in OmegaConf).
    if (error instanceof ConfigError && error.code === "CONFIG_KIND" && error.located) return undefined;
    throw error;
  }
}

/**
 * Where a key below a container leads: the container that holds the node, its key there, and the node with its
 * interpolation followed; undefined where there is none.
 */
export function locateNode(
  container: ContainerNode,
  key: string,
): { readonly parent: ContainerNode; readonly key: ConfigKey; readonly node: ConfigNode } | undefined {
  const steps = splitKey(key, treeRules(container));
  let parent = container;
  for (const step of steps.slice(0, -1)) {
    const next = isIndexable(parent, step) ? selectOne(parent, step, false, true) : undefined;
    const content = next === undefined ? undefined : dereference(next, true);
    if (content === undefined || !isContainer(content)) return undefined;
    parent = content;
  }
  const last = steps.at(-1)!;
  const held = isIndexable(parent, last) ? selectOne(parent, last, false, true) : undefined;
  if (held === undefined) return undefined;
  return { parent, key: held.key!, node: dereference(held, true) };
}

function isIndexable(container: ContainerNode, step: string): boolean {
  return container instanceof DictNode || pythonInt(step) !== undefined;
}

/** The value under a dotted and bracketed key (`a.b[0]`); leading dots go to parents. */
export function select(container: ContainerNode, key: string, options: SelectOptions = {}): RawValue {
  const node = selectNode(container, key, options);
  if (node === undefined || node.isMissing) return options.default === undefined ? null : options.default;
  return contentOf(node);
}

/** Whether a dotted key leads to a value that is not missing; an interpolation that cannot be resolved leads nowhere. */
export function canSelect(container: ContainerNode, key: string): boolean {
  try {
    const node = selectNode(container, key);
    return node !== undefined && !node.isMissing;
  } catch {
    return false;
  }
}

/** Whether the value under a key is `???`; false where there is no such key. */
export function isMissing(container: ContainerNode, key: unknown): boolean {
  try {
    return childOf(container, key)?.isMissing ?? false;
  } catch (error) {
    if (
      error instanceof ConfigError &&
      (error.code === "KEY_NOT_ALLOWED" ||
        error.code === "KEY_NOT_FOUND" ||
        error.code === "INTERPOLATION_RESOLVER")
    ) {
      return false;
    }
    throw error;
  }
}

export function isInterpolation(container: ContainerNode, key?: unknown): boolean {
  const node = key === undefined ? container : childOf(container, key);
  return node?.isInterpolation ?? false;
}

/** The full keys of all values that are `???`, in the order of the tree. */
export function missingKeys(container: ContainerNode): string[] {
  if (treeRules(container).missingThroughInterpolations) return missingThroughInterpolations(container);
  const found = new Set<string>();
  const gather = (node: ContainerNode, depth: number) => {
    if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
    for (const child of node.children()) {
      const key = child.key!;
      if (child.isMissing) found.add(fullKey(node, key));
      else {
        const value = getItem(node, key);
        if (isNode(value) && isContainer(value)) gather(value, depth + 1);
      }
    }
  };
  if (container.special === undefined) gather(container, 1);
  return [...found];
}

/** As `missingKeys`: interpolations to missing values count too, and those with resolvers are passed over. */
function missingThroughInterpolations(container: ContainerNode): string[] {
  const found = new Set<string>();
  const gather = (node: ContainerNode, depth: number): void => {
    if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
    for (const child of node.children()) {
      if (child.isMissing) found.add(fullKey(child));
      else if (!child.isInterpolation || !callsResolver((child as ValueNode | ContainerNode).parsed())) {
        const value = valueOrMissing(node, child, found);
        if (isNode(value) && isContainer(value)) gather(value, depth + 1);
      }
    }
  };
  if (container.special === undefined) gather(container, 1);
  return [...found];
}

function valueOrMissing(parent: ContainerNode, child: ConfigNode, found: Set<string>): RawValue {
  try {
    return getItem(parent, child.key!);
  } catch (error) {
    if (!isMissingError(error)) throw error;
    found.add(fullKey(child));
    return undefined;
  }
}

function isMissingError(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as ConfigError;
    if (code === "INTERPOLATION_MISSING" || code === "VALUE_MISSING") return true;
  }
  return false;
}

/** A copy with only some of the top keys. */
export function maskedCopy(dict: DictNode, keys: readonly ConfigKey[]): DictNode {
  if (dict.isNull) throw configError("CONFIG_KIND", "a null dict has no keys to copy");
  if (dict.isMissing) throw configError("VALUE_MISSING", "a missing dict has no keys to copy");
  const wanted = keys.map((key) => normalizeKey(new DictNode(undefined), key));
  const content = new Map<ConfigKey, RawValue>();
  for (const child of dict.items.values()) {
    if (wanted.includes(child.key!))
      content.set(child.key!, child instanceof ValueNode ? child.value : child);
  }
  const copy = createTree(content) as DictNode;
  if (dict.context !== undefined) copy.context = dict.context;
  return copy;
}
