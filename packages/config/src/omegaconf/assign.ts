import { type ConfigKey, integer, isInteger, reprScalar } from "../scalar/values.js";
import { checkAccess, childOf } from "../tree/child.js";
import { convertValue, fitsStrictly, isScalar } from "../tree/convert.js";
import { checkDepth } from "../tree/depth.js";
import { ConfigError, configError, locate, withCode } from "../tree/errors.js";
import type { Expression } from "../tree/expression.js";
import { parseInterpolated } from "../tree/interpolation.js";
import { fullKey, normalizeKey, refuseForbidden } from "../tree/keys.js";
import {
  type ConfigNode,
  type ContainerNode,
  cloneNode,
  contentOf,
  DictNode,
  flag,
  isSpecialText,
  isTuple,
  ListNode,
  MISSING,
  type RawValue,
  ValueNode,
  withFlags,
} from "../tree/node.js";
import { isNode } from "../tree/repr.js";
import { treeRules } from "../tree/tree-rules.js";
import {
  ANY,
  elementType,
  isContainerType,
  isScalarType,
  type StructType,
  type TypeRef,
  typeText,
} from "../tree/types.js";
import { Tuple } from "../yaml/construct.js";
import { checkDictValue, checkListValue, describeValue, isMap, listItems } from "./assign-checks.js";
import { resolvesToNull } from "./evaluate.js";

/** The parsed form of a text that is an interpolation; undefined for another value. */
function parseSpecial(value: RawValue, node: ConfigNode): Expression | undefined {
  return typeof value === "string" && value.includes("${")
    ? parseInterpolated(value, treeRules(node))
    : undefined;
}

function isSpecialValue(value: RawValue): boolean {
  const content = isNode(value) ? contentOf(value) : value;
  return content === null || content === undefined || (typeof content === "string" && isSpecialText(content));
}

// Making nodes.

/** Makes a node of a type from plain data, or takes a node as it is. The caller puts it in place. */
function makeNode(
  value: RawValue,
  key: ConfigKey | undefined,
  type: TypeRef,
  parent: ContainerNode | undefined,
): ConfigNode {
  if (isNode(value)) {
    value.key = key;
    value.parent = parent;
    return value;
  }
  let node: ConfigNode;
  if (type.kind === "dict" || type.kind === "struct" || (type.kind === "any" && isMap(value))) {
    node = new DictNode(key, type);
  } else if (type.kind === "list" || (type.kind === "any" && listItems(value) !== undefined)) {
    node = new ListNode(key, type);
  } else {
    node = new ValueNode(null, key, type);
  }
  node.parent = parent;
  try {
    setContent(node, value, true);
  } catch (error) {
    throw locate(error, fullKey(node));
  }
  return node;
}

/** Makes the dict of a closed type with its defaults. */
export function makeStruct(
  struct: StructType,
  type: TypeRef,
  key: ConfigKey | undefined,
  parent: ContainerNode | undefined,
): DictNode {
  const node = new DictNode(key, type);
  node.parent = parent;
  fillStruct(node, struct);
  return node;
}

function fillStruct(node: DictNode, struct: StructType): void {
  for (const [name, field] of struct.fields) {
    refuseForbidden(name);
    const initial = field.initial as RawValue;
    let child: ConfigNode;
    if (field.type.kind === "struct" && (initial === undefined || isMap(initial))) {
      child = makeStruct(field.type.struct, field.type, name, node);
      if (isMap(initial)) {
        for (const [k, v] of initial) setItem(child as DictNode, k as ConfigKey, v);
      }
    } else {
      child = makeNode(initial === undefined ? MISSING : initial, name, field.type, node);
    }
    node.put(name, child);
  }
  node.schema = struct;
}

// Replacing a node's content.

/** Gives an existing node another value, converted to the node's type. */
export function setContent(node: ConfigNode, value: RawValue, fresh = false): void {
  if (node instanceof ValueNode) setScalar(node, value, fresh);
  else if (node instanceof DictNode) setDictContent(node, value);
  else setListContent(node as ListNode, value);
}

function setScalar(node: ValueNode, value: RawValue, fresh: boolean): void {
  if (node.isResult || (!fresh && flag(node, "readonly") === true)) {
    throw configError("CONFIG_READONLY", "the value is read-only", { fields: { key: fullKey(node) } });
  }
  if (typeof value === "string") {
    const expression = parseSpecial(value, node);
    if (expression !== undefined || value === MISSING) {
      node.assign(value, expression);
      return;
    }
  }
  node.assign(convertValue(node.type, isNode(value) && value instanceof ValueNode ? value.value : value));
}

function setDictContent(node: DictNode, value: RawValue): void {
  checkDepth(node);
  checkDictValue(node, undefined, value);
  if (resolvesToNull(value, true)) {
    node.setSpecial(null);
    return;
  }
  const content = isNode(value) ? contentOf(value) : value;
  if (typeof content === "string" && isSpecialText(content)) {
    parseSpecial(content, node);
    node.setSpecial(content);
    return;
  }
  if (!(content instanceof DictNode) && !isMap(content)) {
    throw configError("VALUE_INVALID", `${describeValue(content)} cannot become a dict`);
  }
  node.expand();
  if (content instanceof DictNode) {
    node.struct = undefined;
    node.readonly = undefined;
    withFlags(node, { struct: false, readonly: false }, () => {
      for (const child of content.items.values()) setItem(node, child.key!, child);
    });
    node.schema = content.schema;
    return;
  }
  if (node.type.kind === "any") {
    // The common case: plain data into an untyped dict needs none of the checks of assigning.
    for (const [key, item] of content) {
      refuseForbidden(key);
      const normal = typeof key === "string" ? key : normalizeKey(node, key);
      checkAmbiguous(node, normal);
      node.put(normal, makeNode(isNode(item) ? cloneNode(item) : item, normal, ANY, node));
    }
    return;
  }
  withFlags(node, { struct: false, readonly: false }, () => {
    for (const [key, item] of content) setItem(node, key as ConfigKey, item);
  });
}

function setListContent(node: ListNode, value: RawValue): void {
  checkDepth(node);
  if (value === null || value === undefined || (isNode(value) && value.isNull)) {
    if (!node.type.optional) throw configError("VALUE_INVALID", "a list that is not optional cannot be null");
    node.setSpecial(null);
    return;
  }
  const content = isNode(value) ? contentOf(value) : value;
  if (typeof content === "string" && isSpecialText(content)) {
    parseSpecial(content, node);
    node.setSpecial(content);
    return;
  }
  const items = content instanceof ListNode ? content.items : listItems(content);
  if (items === undefined) {
    throw configError("VALUE_INVALID", `${describeValue(content)} cannot become a list`);
  }
  node.expand();
  const fromTuple = content instanceof Tuple || isTuple(content);
  if (fromTuple && treeRules(node).tuples) node.tuple = true;
  if (content instanceof ListNode) {
    node.struct = undefined;
    node.readonly = undefined;
  }
  withFlags(node, { struct: false, readonly: false }, () => {
    for (const item of items)
      append(node, isNode(item) && item instanceof ValueNode ? item.value : item, true);
  });
}

// Assigning.

/** How an unknown key is reported: as an attribute (`cfg.key = …`) or as an item (`cfg[key] = …`). */
export type AccessStyle = "attribute" | "item";

/** Sets a child of a container as `container[key] = value` does. */
export function setItem(
  container: ContainerNode,
  key: unknown,
  value: RawValue,
  style: AccessStyle = "item",
): void {
  try {
    if (container instanceof DictNode) {
      refuseForbidden(key);
      assignChild(container, normalizeKey(container, key), value);
    } else assignChild(container, key as ConfigKey, value);
  } catch (error) {
    if (style === "item" && error instanceof ConfigError && error.code === "KEY_NOT_ALLOWED") {
      throw withCode(error, "KEY_NOT_FOUND", fullKey(container, key as ConfigKey));
    }
    throw locate(error, fullKey(container, isInteger(key) || typeof key === "string" ? key : undefined));
  }
}

/** @internal Sets an item of a tuple, which only resolving does. */
export function putItem(container: ContainerNode, key: ConfigKey, value: RawValue): void {
  assignChild(container, key, value, false, true);
}

export function tupleFixed(tuple: ContainerNode): ConfigError {
  return configError("CONFIG_KIND", "a tuple cannot be changed", { fields: { key: fullKey(tuple) } });
}

/** @internal Refuses a key beside which there is the same number, or text, as the other kind. */
export function checkAmbiguous(dict: DictNode, key: ConfigKey): void {
  if (dict.keyType.kind !== "any") return;
  const other = otherSpelling(key);
  if (other === undefined || !treeRules(dict).integerKeys) return;
  const present = dict.peek(other)?.key;
  if (present !== undefined && isInteger(present) !== isInteger(key)) {
    throw configError(
      "KEY_TYPE",
      `the keys ${reprScalar(present)} and ${reprScalar(key)} cannot stand together`,
      {
        fields: { key: fullKey(dict, key) },
      },
    );
  }
}

/** The text of an integer, and the integer of such a text; undefined for other keys. */
function otherSpelling(key: ConfigKey): ConfigKey | undefined {
  if (isInteger(key)) return String(key);
  if (typeof key !== "string" || !/^(?:0|-?[1-9][0-9]*)$/.test(key)) return undefined;
  return integer(BigInt(key));
}

/** Puts an item before a position, as Python's `list.insert`: positions beyond the ends are the ends. */
export function insertItem(list: ListNode, index: number, value: RawValue): void {
  const at = Math.min(Math.max(index < 0 ? index + list.size : index, 0), list.size);
  if (isTuple(list)) throw tupleFixed(list);
  if (list.special !== undefined) {
    throw configError("CONFIG_KIND", "nothing can be inserted into what is no list", {
      fields: { key: fullKey(list) },
    });
  }
  appendItem(list, value);
  const added = list.items.pop()!;
  list.items.splice(at, 0, added);
  for (let index = at; index < list.items.length; index++) list.items[index]!.key = index;
}

export function appendItem(list: ListNode, value: RawValue): void {
  append(list, value, false);
}

function append(list: ListNode, value: RawValue, isOpen: boolean): void {
  const index = list.size;
  try {
    assignChild(list, index, value, true, isOpen);
  } catch (error) {
    throw locate(error, fullKey(list, index));
  }
}

/** `isNew`: a list has no item at the index yet, and gets one. */
function assignChild(
  container: ContainerNode,
  key: ConfigKey,
  input: RawValue,
  isNew = false,
  isOpen = false,
): void {
  if (!isOpen && isTuple(container)) throw tupleFixed(container);
  if (container instanceof DictNode) checkAmbiguous(container, key);
  let value = input;
  if (isNode(value)) value = detached(value);
  if (container instanceof DictNode) checkDictValue(container, key, value);
  else checkListValue(container as ListNode, key, value);
  // OmegaConf 2.4 looks whether a struct has the key before it looks whether it may be changed.
  if (container instanceof DictNode && treeRules(container).resolveRaisesMissing) checkAccess(container, key);
  if (flag(container, "readonly") === true) {
    throw configError("CONFIG_READONLY", "the config is read-only", {
      hint: "Clear the readonly flag, or change a copy.",
      fields: { key: fullKey(container, key) },
    });
  }
  const target = isNew ? undefined : assignTarget(container, key);
  const type = typeOfChild(container, key);
  if (isNode(value)) {
    const typed = value instanceof ValueNode && value.type.kind !== "any" && value.type.kind !== "union";
    if (typed && type.kind !== "union") {
      adopt(container, key, value, target, type);
      return;
    }
    if (target !== undefined && target.type.kind !== "any") {
      replaceContent(
        target,
        value instanceof ValueNode || value.special !== undefined ? contentOf(value) : value,
      );
      return;
    }
    const special = isSpecialValue(value);
    if (
      (special && (isContainerType(type) || type.kind === "struct")) ||
      isScalarType(type) ||
      type.kind === "union"
    ) {
      place(container, key, makeNode(contentOf(value) as RawValue, key, type, container), target);
    } else {
      adopt(container, key, value, target, type);
    }
    return;
  }
  if (
    target !== undefined &&
    (target.type.kind !== "any" ||
      (target instanceof ValueNode && !target.isResult && (isScalar(value) || value === undefined)))
  ) {
    replaceContent(target, value);
    return;
  }
  place(container, key, makeNode(value, key, type, container), target);
}

/** The type that a child of a container is to have; of a field its node knows it. */
function typeOfChild(container: ContainerNode, key: ConfigKey): TypeRef {
  if (container instanceof DictNode && container.schema?.extra !== undefined) {
    const field = typeof key === "string" ? container.schema.fields.get(key) : undefined;
    if (field === undefined) return container.schema.extra;
  }
  return elementType(container.type);
}

function detached(node: ConfigNode): ConfigNode {
  const copy = cloneNode(node);
  copy.parent = undefined;
  return copy;
}

function assignTarget(container: ContainerNode, key: ConfigKey): ConfigNode | undefined {
  if (container instanceof DictNode) {
    checkAccess(container, key);
    return container.peek(key);
  }
  return childOf(container, key);
}

/** In-place change that remembers the value before. */
function replaceContent(target: ConfigNode, value: RawValue): void {
  const before = cloneNode(target);
  before.parent = target.parent;
  before.from = target.from;
  before.origin = target.origin;
  setContent(target, value);
  target.replaced = { node: before, next: before.replaced };
  target.from = undefined;
  target.origin = undefined;
}

function place(
  container: ContainerNode,
  key: ConfigKey,
  node: ConfigNode,
  before: ConfigNode | undefined,
): void {
  if (before !== undefined) node.replaced = { node: before, next: before.replaced };
  if (container instanceof DictNode) container.put(key, node);
  else {
    const list = container as ListNode;
    const index = Number(key);
    list.put(index < 0 ? index + list.size : index, node);
  }
}

function adopt(
  container: ContainerNode,
  key: ConfigKey,
  node: ConfigNode,
  before: ConfigNode | undefined,
  type: TypeRef,
): void {
  node.parent = container;
  node.key = key;
  if (type.kind !== "any") retype(node, type);
  place(container, key, node, before);
}

// Types of nodes that get under a typed container.

/** Makes a node, with all below it, hold to a type. */
export function retype(node: ConfigNode, type: TypeRef): void {
  if (type.kind === "any") return;
  checkFits(node, type);
  node.type = type;
  if (node.special !== undefined) return;
  if (type.kind === "list" && node instanceof ListNode) {
    for (let k = 0; k < node.items.length; k++) retypeChild(node, k, type.element);
  } else if (type.kind === "dict" && node instanceof DictNode) {
    for (const key of node.keys()) {
      normalizeKey(node, key);
      retypeChild(node, key, type.element);
    }
  }
}

function retypeChild(container: ContainerNode, key: ConfigKey, type: TypeRef): void {
  let child =
    container instanceof DictNode ? container.peek(key)! : (container as ListNode).items[Number(key)]!;
  if (type.kind !== "any" && child.special !== undefined) {
    const before = child;
    child = makeNode(child.special, key, type, container);
    child.from = before.from;
    child.origin = before.origin;
    child.replaced = before.replaced;
    if (container instanceof DictNode) container.put(key, child);
    else (container as ListNode).put(Number(key), child);
  }
  retype(child, type);
}

function checkFits(node: ConfigNode, type: TypeRef): void {
  const { special } = node;
  if (special === null) {
    if (type.optional) return;
    throw configError("VALUE_INVALID", `null does not fit ${typeText(type)}`, {
      fields: { key: fullKey(node) },
    });
  }
  if (special !== undefined) return;
  const fits =
    node instanceof ValueNode
      ? (isScalarType(type) || type.kind === "union") &&
        (fitsStrictly(type, node.value) || (type.kind === "int" && typeof node.value === "boolean"))
      : node instanceof DictNode
        ? type.kind === "dict" || type.kind === "struct"
        : type.kind === "list";
  if (!fits) {
    throw configError("VALUE_INVALID", `the value of '${fullKey(node)}' does not fit ${typeText(type)}`, {
      fields: { key: fullKey(node), expected: typeText(type) },
    });
  }
}
