import type { ConfigKey } from "../scalar/values.js";
import { childOf } from "../tree/child.js";
import { ConfigError, configError, InterpolationError } from "../tree/errors.js";
import { normalizeKey } from "../tree/keys.js";
import {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  DictNode,
  isContainer,
  ListNode,
  type RawValue,
} from "../tree/node.js";
import { isNode } from "../tree/repr.js";
import { NO_DEFAULT, resolveWithDefault } from "./access.js";
import { createTree } from "./create.js";
import { dereference } from "./evaluate.js";

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
