import type { ConfigKey } from "../scalar/values.js";
import { checkIndexType, childOf, indexOutOfRange, listIndex } from "../tree/child.js";
import { ConfigError, configError, locate, withCode } from "../tree/errors.js";
import { splitKey } from "../tree/key-path.js";
import { fullKey, normalizeKey } from "../tree/keys.js";
import {
  type ContainerNode,
  DictNode,
  flag,
  isContainer,
  isTuple,
  ListNode,
  type RawValue,
  withFlags,
} from "../tree/node.js";
import type { Origin } from "../tree/origin.js";
import { isNode } from "../tree/repr.js";
import { treeRules } from "../tree/tree-rules.js";
import { pythonInt } from "../yaml/scalars.js";
import { getItem, NO_DEFAULT, resolveWithDefault } from "./access.js";
import { setItem, tupleFixed } from "./assign.js";
import { createTree } from "./create.js";
import { selectOne, updateTarget } from "./evaluate.js";
import { fromPlain, isPlainObject } from "./from-plain.js";
import { mergeWith } from "./merge.js";

export interface UpdateOptions {
  /** Whether a dict or list is merged into what is there (the default) or replaces it. */
  readonly merge?: boolean;
  /** Whether unknown keys may be added to structs. */
  readonly forceAdd?: boolean;
  /** Where the value comes from; kept at the changed node. */
  readonly origin?: Origin;
}

/** Sets the value, also plain data, under a dotted key, making dicts on the way. */
export function update(
  container: ContainerNode,
  key: string,
  given: RawValue | object,
  options: UpdateOptions = {},
): void {
  const value = isPlainObject(given) ? fromPlain(given) : (given as RawValue);
  const rules = treeRules(container);
  if (rules.updatesThrough) {
    updateThrough(container, key, value, options);
    return;
  }
  const steps = splitKey(key, rules);
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
  setLast(root, lastKey, value, options);
}

/** Sets, or merges, the value under the last step of a key. */
function setLast(root: ContainerNode, lastKey: ConfigKey, value: RawValue, options: UpdateOptions): void {
  const apply = () => {
    const mergeable = isNode(value) ? isContainer(value) : value instanceof Map || Array.isArray(value);
    if (options.merge !== false && mergeable) {
      const node = childOf(root, lastKey);
      if (isContainer(node) && !isTuple(node)) {
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
    const isAttribute = root instanceof DictNode && typeof lastKey === "string";
    setItem(root, lastKey, value, isAttribute ? "attribute" : "item");
    if (options.origin !== undefined) mark(root, lastKey, options.origin);
  };
  if (options.forceAdd === true) withFlags(root, { struct: false }, apply);
  else apply();
}

/** As OmegaConf 2.4 does: interpolations to containers are followed, integer keys found, null is no container. */
function updateThrough(container: ContainerNode, key: string, value: RawValue, options: UpdateOptions): void {
  const steps = splitKey(key, treeRules(container));
  let root = container;
  for (const step of steps.slice(0, -1)) {
    let next = selectOne(root, step, false, true);
    const at = next?.key ?? (root instanceof ListNode ? Number(step) : step);
    if (next?.isInterpolation === true) next = updateTarget(next) ?? next;
    if (isContainer(next) && next.isNull) {
      throw configError("CONFIG_KIND", `'${key}' cannot be set: '${fullKey(root, at)}' is null`, {
        fields: { key },
      });
    }
    if (isContainer(next) && !next.isInterpolation) {
      root = next;
      continue;
    }
    const parent = root;
    const add = () => setItem(parent, at, new Map());
    if (options.forceAdd === true) withFlags(parent, { struct: false }, add);
    else add();
    if (options.origin !== undefined) mark(parent, at, options.origin);
    root = getItem(parent, at) as ContainerNode;
  }
  const last = steps.at(-1)!;
  if (root instanceof DictNode) {
    const found = selectOne(root, last, false, true);
    setLast(root, found?.key ?? last, value, options);
    return;
  }
  const index = pythonInt(last);
  if (index === undefined) {
    throw configError("CONFIG_VALUE", `'${last}' is no index of the list '${fullKey(root)}'`, {
      fields: { key },
    });
  }
  setLast(root, Number(index), value, options);
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
    if (isTuple(container)) throw tupleFixed(container);
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
  if (isTuple(list)) throw tupleFixed(list);
  if (at === undefined) throw indexOutOfRange(list, index);
  const value = resolveWithDefault(list, at, list.items[at]!, null);
  list.remove(at);
  return value;
}
