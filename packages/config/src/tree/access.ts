import type { ConfigKey } from "../values.js";
import { pythonInt } from "../yaml/scalars.js";
import { type AccessStyle, setContent, setItem } from "./assign.js";
import { createTree } from "./create.js";
import { MAX_TREE_DEPTH, treeTooDeep } from "./depth.js";
import { ConfigError, configError, InterpolationError, locate, withCode } from "./errors.js";
import {
  checkIndexType,
  childOf,
  dereference,
  indexOutOfRange,
  isNode,
  keyRoot,
  listIndex,
  type Memo,
  maybeResolve,
  missingValue,
  selectBelow,
  selectOne,
  splitKey,
  startMemo,
} from "./evaluate.js";
import { mergeWith } from "./merge.js";
import {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  DictNode,
  flag,
  fullKey,
  isContainer,
  ListNode,
  MISSING,
  normalizeKey,
  type RawValue,
  ValueNode,
  withFlags,
} from "./node.js";
import type { Origin } from "./origin.js";

/** Tells "no default" from a default of null. */
const NO_DEFAULT = Symbol("no default");

function resolveWithDefault(
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

/** The value under a key, interpolations resolved; a container gives its node. */
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
  /** For resolvers: how deep the selection already stands. */
  readonly depth?: number;
}

/** The node under a dotted key, interpolations resolved; undefined where there is none. */
export function selectNode(
  container: ContainerNode,
  key: string,
  options: SelectOptions = {},
): ConfigNode | undefined {
  const relative = options.absolute !== true && !key.startsWith(".") ? `.${key}` : key;
  try {
    const { root, key: rest } = keyRoot(container, relative);
    const memo: Memo | undefined = options.depth === undefined ? undefined : startMemo(options.depth);
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

/** The value under a dotted and bracketed key (`a.b[0]`); leading dots go to parents. */
export function select(container: ContainerNode, key: string, options: SelectOptions = {}): RawValue {
  const node = selectNode(container, key, options);
  if (node === undefined || node.isMissing) return options.default === undefined ? null : options.default;
  return contentOf(node);
}

export interface UpdateOptions {
  /** Whether a dict or list is merged into what is there (the default) or takes its place. */
  readonly merge?: boolean;
  /** Whether unknown keys may be added to structs. */
  readonly forceAdd?: boolean;
  /** Where the value comes from; kept at the changed node. */
  readonly origin?: Origin;
}

/** Sets the value under a dotted key, making dicts on the way. */
export function update(
  container: ContainerNode,
  key: string,
  value: RawValue,
  options: UpdateOptions = {},
): void {
  const steps = splitKey(key);
  let root = container;
  for (const step of steps.slice(0, -1)) {
    const next = selectOne(root, step, false, true);
    const at = root instanceof ListNode ? Number(step) : step;
    if (!isContainer(next)) {
      const add = () => setItem(root, at, new Map());
      if (options.forceAdd === true) withFlags(root, { struct: false }, add);
      else add();
      if (options.origin !== undefined) mark(root, at, options.origin);
    }
    const below = getItem(root, at);
    if (!isNode(below) || !isContainer(below)) {
      throw configError("CONFIG_KIND", `'${fullKey(root, at)}' cannot hold keys`, { fields: { key } });
    }
    root = below;
  }
  const last = steps.at(-1)!;
  let lastKey: string | number = last;
  if (root instanceof ListNode) {
    const index = pythonInt(last);
    if (index === undefined) {
      throw configError("CONFIG_VALUE", `'${last}' is no index of the list '${fullKey(root)}'`, {
        fields: { key },
      });
    }
    lastKey = Number(index);
  }
  const apply = () => {
    const mergeable = isNode(value) ? isContainer(value) : value instanceof Map || Array.isArray(value);
    if (options.merge !== false && mergeable) {
      const node = childOf(root, lastKey);
      if (isContainer(node)) {
        const source = isNode(value) ? (value as ContainerNode) : createTree(value);
        if (options.origin !== undefined && source.origin === undefined) source.origin = options.origin;
        try {
          mergeWith(node, source);
        } catch (error) {
          throw locate(error, fullKey(node));
        }
        return;
      }
    }
    setItem(root, lastKey, value, root instanceof DictNode ? "attribute" : "item");
    if (options.origin !== undefined) mark(root, lastKey, options.origin);
  };
  if (options.forceAdd === true) withFlags(root, { struct: false }, apply);
  else apply();
}

function mark(container: ContainerNode, key: ConfigKey, origin: Origin): void {
  const node = childOf(container, key, { access: false });
  if (node !== undefined) {
    node.origin = origin;
    node.from = undefined;
  }
}

/** Deletes a key, as `del container[key]`. */
export function deleteItem(container: ContainerNode, key: unknown): void {
  if (container instanceof ListNode) {
    if (flag(container, "readonly") === true) throw readonlyError(container, "delete from");
    const at = listIndex(container, checkIndexType(key));
    if (at === undefined) throw indexOutOfRange(container, Number(key));
    container.remove(at);
    return;
  }
  const dict = container as DictNode;
  const normal = normalizeKey(dict, key);
  if (flag(dict, "readonly") === true) throw readonlyError(dict, "delete from");
  checkRemovable(dict, "deletion");
  if (!dict.remove(normal)) {
    throw configError("KEY_NOT_FOUND", `key not found: '${String(normal)}'`, {
      fields: { key: fullKey(dict, normal) },
    });
  }
}

function readonlyError(container: ContainerNode, what: string): ConfigError {
  return configError("CONFIG_READONLY", `cannot ${what} a read-only config`, {
    fields: { key: fullKey(container) },
  });
}

function checkRemovable(dict: DictNode, what: string): void {
  if (flag(dict, "struct") === true) {
    throw configError("CONFIG_KIND", `a dict in struct mode does not support ${what}`, {
      fields: { key: fullKey(dict) },
    });
  }
  if (dict.schema !== undefined && dict.struct !== false) {
    throw configError("CONFIG_KIND", `${dict.schema.name} does not support ${what}`, {
      fields: { key: fullKey(dict) },
    });
  }
}

/** Takes a value out. `args` are a key or index and a default, as Python's `pop` takes them. */
export function pop(container: ContainerNode, args: readonly RawValue[]): RawValue {
  try {
    return container instanceof DictNode ? popKey(container, args) : popIndex(container as ListNode, args);
  } catch (error) {
    throw locate(error, fullKey(container, typeof args[0] === "string" ? args[0] : undefined));
  }
}

function popKey(dict: DictNode, args: readonly RawValue[]): RawValue {
  if (flag(dict, "readonly") === true) throw readonlyError(dict, "pop from");
  checkRemovable(dict, "pop");
  const key = normalizeKey(dict, args[0]);
  const node = childOf(dict, key, { access: false });
  const fallback = args.length > 1 ? (args[1] ?? null) : NO_DEFAULT;
  if (node === undefined) {
    if (fallback !== NO_DEFAULT) return fallback;
    throw configError("KEY_NOT_FOUND", `key not found: '${fullKey(dict, key)}'`, {
      fields: { key: fullKey(dict, key) },
    });
  }
  const value = resolveWithDefault(dict, key, node, fallback);
  deleteItem(dict, key);
  return value;
}

function popIndex(list: ListNode, args: readonly RawValue[]): RawValue {
  if (flag(list, "readonly") === true) throw readonlyError(list, "pop from");
  if (list.isNull) throw configError("CONFIG_KIND", "the list is null");
  if (list.isMissing) throw configError("VALUE_MISSING", "the list is missing");
  const key = args.length === 0 ? -1 : args[0];
  let index: number;
  try {
    index = checkIndexType(key);
  } catch (error) {
    throw error instanceof ConfigError ? withCode(error, "CONFIG_KIND", fullKey(list)) : error;
  }
  const at = listIndex(list, index);
  if (at === undefined) throw indexOutOfRange(list, index);
  const value = resolveWithDefault(list, at, list.items[at]!, null);
  list.remove(at);
  return value;
}

/** Whether a key has a value that is not missing; a broken interpolation counts. For a list: whether an item equals. */
export function contains(container: ContainerNode, key: RawValue): boolean {
  if (container instanceof DictNode) {
    let node: ConfigNode | undefined;
    let normal: ConfigKey;
    try {
      normal = normalizeKey(container, key);
    } catch {
      return false;
    }
    try {
      node = childOf(container, normal);
    } catch (error) {
      if (
        error instanceof ConfigError &&
        (error.code === "KEY_NOT_ALLOWED" || error.code === "KEY_NOT_FOUND")
      ) {
        return false;
      }
      throw error;
    }
    if (node === undefined) return false;
    try {
      resolveWithDefault(container, normal, node, NO_DEFAULT);
      return true;
    } catch (error) {
      if (error instanceof InterpolationError) return true;
      if (error instanceof ConfigError && error.code === "VALUE_MISSING") return false;
      throw error;
    }
  }
  const list = container as ListNode;
  if (list.isNull) throw configError("CONFIG_KIND", "the list is null");
  if (list.isMissing) throw configError("VALUE_MISSING", "the list is missing");
  for (const item of list.items) {
    if (equalValues(contentOf(dereference(item, true)), key)) return true;
  }
  return false;
}

function equalValues(left: RawValue, right: RawValue): boolean {
  if (isNode(left) && isContainer(left)) return equalContainers(left, right);
  const a = comparable(left);
  const b = comparable(right);
  return a === b || (typeof a === "bigint" && typeof b === "number" && a === BigInt(b));
}

function equalContainers(left: ContainerNode, right: RawValue): boolean {
  const other = isNode(right)
    ? right
    : right instanceof Map || Array.isArray(right)
      ? createTree(right)
      : undefined;
  if (left instanceof ListNode) {
    return (
      other instanceof ListNode &&
      left.size === other.size &&
      left.items.every((item, k) => equalValues(contentOf(item), contentOf(other.items[k]!)))
    );
  }
  const dict = left as DictNode;
  if (!(other instanceof DictNode) || other.size !== dict.size) return false;
  for (const [id, item] of dict.items) {
    const theirs = other.items.get(id);
    if (theirs === undefined || !equalValues(contentOf(item), contentOf(theirs))) return false;
  }
  return true;
}

/** Python's equality of scalars: `1`, `1.0` and `true` are equal. */
function comparable(value: RawValue): unknown {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Uint8Array) return `bytes:${value.join(",")}`;
  if (typeof value === "object" && value !== null)
    return value.valueOf() === value ? String(value) : value.valueOf();
  return value;
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

/** Replaces every interpolation by what it gives, in place. */
export function resolveAll(node: ConfigNode): void {
  resolveBelow(node, 1);
}

function resolveBelow(node: ConfigNode, depth: number): void {
  if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
  if (node.isInterpolation) {
    try {
      setContent(node, contentOf(dereference(node, true)));
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code !== "INTERPOLATION_MISSING") throw error;
      setContent(node, MISSING);
    }
  }
  if (!isContainer(node) || node.special !== undefined) return;
  for (const child of [...node.children()]) resolveChild(node, child, depth + 1);
}

function resolveChild(container: ContainerNode, node: ConfigNode, depth: number): void {
  if (!node.isInterpolation) {
    resolveBelow(node, depth);
    return;
  }
  let resolved: ConfigNode;
  try {
    resolved = dereference(node, true);
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== "INTERPOLATION_MISSING") throw error;
    setContent(node, MISSING);
    return;
  }
  if (isContainer(resolved)) resolveBelow(resolved, depth);
  if (isContainer(resolved) && node instanceof ValueNode) setItem(container, node.key, resolved);
  else setContent(node, contentOf(resolved));
}
