import type { ConfigKey } from "../scalar/values.js";
import { childOf } from "../tree/child.js";
import { ConfigError, configError, locate } from "../tree/errors.js";
import { fullKey } from "../tree/keys.js";
import {
  type ConfigNode,
  type ContainerNode,
  cloneNode,
  contentOf,
  DictNode,
  flag,
  isContainer,
  ListNode,
  ValueNode,
  withFlags,
} from "../tree/node.js";
import { treeRules } from "../tree/tree-rules.js";
import { ANY, elementType, isSubtype } from "../tree/types.js";
import { appendItem, checkAmbiguous, makeStruct, retype, setContent, setItem } from "./assign.js";
import { checkOptional } from "./assign-checks.js";
import { createTree } from "./create.js";
import { dereference, resolvesToNull } from "./evaluate.js";
import { fromPlain } from "./from-plain.js";

/**
 * Merges configs, and plain data, from left to right into a copy of the first: dicts key by key, lists replaced, `???` never over a
 * value. The inputs stay as they are.
 */
export function merge(first: ContainerNode, ...given: readonly object[]): ContainerNode {
  const others = given.map(treeOf);
  const target = cloneNode(first) as ContainerNode;
  target.parent = first.parent;
  const before = target.readonly;
  mergeInto(target, others, false);
  const turnedReadonly = others.some((other) => other.readonly === true);
  target.readonly = turnedReadonly ? true : before;
  return target;
}

/** Merges configs into an existing one. A failed merge may leave it half done. */
export function mergeWith(target: ContainerNode, ...others: readonly object[]): void {
  for (const other of others) mergeNodes(target, treeOf(other));
}

/** A tree as it is, and plain data as one. */
function treeOf(value: object): ContainerNode {
  return isContainer(value) ? value : createTree(fromPlain(value));
}

/** As `mergeWith`, with the target's readonly flag set aside. */
function mergeInto(
  target: ContainerNode,
  others: readonly ContainerNode[],
  readonly: boolean | undefined,
): void {
  withFlags(target, { readonly }, () => mergeWith(target, ...others));
}

function mergeNodes(dest: ContainerNode, src: ContainerNode): void {
  if (dest instanceof DictNode && src instanceof DictNode) mergeDict(dest, src);
  else if (dest instanceof ListNode && src instanceof ListNode) mergeList(dest, src);
  else {
    throw configError("CONFIG_KIND", "a dict and a list cannot be merged", {
      hint: "Give the key the same kind of value in both places, or replace it instead of merging.",
      fields: { key: fullKey(dest) },
    });
  }
  copyFlags(dest, src);
}

function copyFlags(dest: ContainerNode, src: ContainerNode): void {
  if (src.struct !== undefined) dest.struct = src.struct;
  if (src.readonly !== undefined) dest.readonly = src.readonly;
}

function adoptTypes(dest: ContainerNode, src: ContainerNode): void {
  if (dest instanceof DictNode && src instanceof DictNode && src.schema !== undefined)
    dest.schema = src.schema;
  if (dest.type.kind === "any" && src.type.kind !== "any") retype(dest, src.type);
}

function expand(node: ContainerNode): void {
  const { type } = node;
  if (node instanceof DictNode && type.kind === "struct") {
    node.expand();
    const fresh = makeStruct(type.struct, type, node.key, node.parent);
    for (const child of [...fresh.items.values()]) node.put(child.key!, child);
    node.schema = type.struct;
  } else node.expand();
}

function checkMerge(dest: DictNode, src: ConfigNode): void {
  checkOptional(dest, undefined, src);
  if (src.isMissing || dest.schema === undefined || src.isNull) return;
  if (src instanceof DictNode) {
    if (src.schema === undefined || isSubtype(src.schema, dest.schema)) return;
    throw configError(
      "VALUE_INVALID",
      `merge error: ${src.schema.name} is not a subclass of ${dest.schema.name}`,
      {
        fields: { key: fullKey(dest), expected: dest.schema.name },
      },
    );
  }
  throw configError("VALUE_INVALID", `merge error: the value is not a subclass of ${dest.schema.name}`, {
    fields: { key: fullKey(dest), expected: dest.schema.name },
  });
}

function mergeDict(dest: DictNode, src: DictNode): void {
  if (src.isNull || src.isInterpolation) {
    setContent(dest, src.special as null | string);
    adoptTypes(dest, src);
    return;
  }
  checkMerge(dest, src);
  const expands = dest.isInterpolation || dest.isMissing || (dest.isNull && treeRules(dest).updatesThrough);
  if (expands && !src.isMissing) expand(dest);
  if (dest.isNull && src.size > 0) {
    throw configError("CONFIG_KIND", `'${fullKey(dest)}' is null and cannot be merged into`, {
      fields: { key: fullKey(dest) },
    });
  }
  if (!src.isMissing) {
    const simple = dest.type.kind === "any" && dest.schema === undefined && flag(dest, "readonly") !== true;
    const open = simple && flag(dest, "struct") !== true;
    for (const [id, srcNode] of src.items) {
      const destNode = simple ? dest.items.get(id) : childOf(dest, srcNode.key, { access: false });
      if (simple) {
        // Untyped values and new keys are most of every merge and need no further check.
        if (destNode === undefined ? open : canReplace(destNode, srcNode)) {
          if (destNode === undefined) checkAmbiguous(dest, srcNode.key!);
          const copy = cloneNode(srcNode);
          copy.parent = dest;
          if (destNode !== undefined) {
            copy.key = destNode.key;
            copy.replaced = { node: destNode, next: destNode.replaced };
          }
          dest.items.set(id, copy);
          continue;
        }
        if (
          destNode instanceof DictNode &&
          destNode.schema === undefined &&
          destNode.special === undefined &&
          srcNode instanceof DictNode &&
          srcNode.special === undefined
        ) {
          mergeNodes(destNode, srcNode);
          continue;
        }
      }
      mergeChild(dest, src, srcNode, destNode);
    }
  }
  adoptTypes(dest, src);
}

function canReplace(dest: ConfigNode, src: ConfigNode): boolean {
  return (
    dest instanceof ValueNode &&
    src instanceof ValueNode &&
    dest.type === ANY &&
    src.type === ANY &&
    !src.isMissing
  );
}

function mergeChild(dest: DictNode, src: DictNode, srcNode: ConfigNode, found: ConfigNode | undefined): void {
  let destNode = found;
  const key = srcNode.key as ConfigKey;
  const missing = srcNode.isMissing;
  if (destNode instanceof DictNode) checkMerge(destNode, srcNode);
  if (isContainer(destNode) && destNode.isNull && !missing && !resolvesToNull(srcNode, true))
    expand(destNode);
  if (destNode?.isInterpolation === true) {
    const target = dereference(destNode, false);
    if (isContainer(target)) {
      setItem(dest, key, target);
      destNode = childOf(dest, key);
    }
  }
  const element = elementType(dest.type);
  if (destNode === undefined && element.kind === "struct" && !missing) {
    setItem(dest, key, makeStruct(element.struct, element, key, dest));
    destNode = childOf(dest, key);
  }
  if (destNode === undefined) {
    if (src.schema !== undefined) withFlags(dest, { struct: false }, () => setItem(dest, key, srcNode));
    else setItem(dest, key, srcNode);
    return;
  }
  if (isContainer(destNode)) {
    if (isContainer(srcNode)) mergeNodes(destNode, srcNode);
    else if (!missing) setItem(dest, key, srcNode);
    return;
  }
  if (isContainer(srcNode)) {
    setItem(dest, key, srcNode);
    return;
  }
  try {
    if (destNode.type.kind === "any") {
      let node = srcNode;
      if (missing) {
        // The value stays, but must fit the type that the missing one has.
        node = cloneNode(srcNode);
        node.parent = undefined;
        const before = destNode;
        setContent(node, contentOf(before), true);
        node.from = before.from;
        node.origin = before.origin;
      }
      setItem(dest, key, node);
    } else if (!missing) {
      const before = cloneNode(destNode);
      before.from = destNode.from;
      before.origin = destNode.origin;
      setContent(destNode, contentOf(srcNode));
      destNode.replaced = { node: before, next: before.replaced };
      destNode.from = srcNode;
      destNode.origin = undefined;
    }
  } catch (error) {
    throw error instanceof ConfigError ? locate(error, fullKey(dest, key)) : error;
  }
}

function mergeList(dest: ListNode, src: ListNode): void {
  if (src.isNull || src.isInterpolation) {
    setContent(dest, src.special as null | string);
    return;
  }
  if (src.isMissing) return;
  const before = new ListNode(dest.key, dest.type);
  before.parent = dest.parent;
  before.from = dest.from;
  before.origin = dest.origin;
  before.replaced = dest.replaced;
  before.items = dest.items;
  const special = dest.special;
  if (special !== undefined) before.setSpecial(special);
  const element = elementType(dest.type);
  if (element.kind === "any" && flag(dest, "readonly") !== true) {
    dest.expand();
    for (let k = 0; k < src.items.length; k++) dest.put(k, cloneNode(src.items[k]!));
  } else {
    const temporary = new ListNode(dest.key, dest.type);
    temporary.parent = dest.parent;
    temporary.readonly = dest.readonly;
    temporary.struct = dest.struct;
    for (const item of src.items) {
      if (element.kind === "struct" && item instanceof DictNode && item.special === undefined) {
        const struct = makeStruct(element.struct, element, item.key, undefined);
        mergeNodes(struct, item);
        appendItem(temporary, struct);
      } else appendItem(temporary, item instanceof ValueNode ? item.value : item);
    }
    dest.expand();
    for (let k = 0; k < temporary.items.length; k++) dest.put(k, temporary.items[k]!);
  }
  dest.replaced = { node: before, next: before.replaced };
  dest.from = src;
  dest.origin = undefined;
}
