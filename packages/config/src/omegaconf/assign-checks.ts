// Whether a dict or a list may take a value, before anything is changed.
import { type ConfigKey, typeName } from "../scalar/values.js";
import { checkIndexType, childOf } from "../tree/child.js";
import { isScalar } from "../tree/convert.js";
import { configError } from "../tree/errors.js";
import { fullKey } from "../tree/keys.js";
import { contentOf, DictNode, flag, ListNode, MISSING, type RawValue, ValueNode } from "../tree/node.js";
import { isNode } from "../tree/repr.js";
import { elementType, isSubtype, type StructType, typeText } from "../tree/types.js";
import { Tuple } from "../yaml/construct.js";
import { resolvesToNull } from "./evaluate.js";

export function isMap(value: RawValue): value is ReadonlyMap<ConfigKey | null, RawValue> {
  return value instanceof Map;
}

export function listItems(value: RawValue): readonly RawValue[] | undefined {
  if (Array.isArray(value)) return value as readonly RawValue[];
  return value instanceof Tuple ? (value.items as readonly RawValue[]) : undefined;
}

export function describeValue(value: RawValue): string {
  if (isScalar(value)) return `'${String(value)}' (${typeName(value)})`;
  return value instanceof ListNode || listItems(value) !== undefined ? "a list" : "this kind of value";
}

type ValueClass = "null" | "list" | "dict" | "scalar" | StructType;

function classOf(value: RawValue): ValueClass {
  if (value instanceof DictNode) {
    if (value.isNull || value.isMissing) return "null";
    return value.schema ?? "dict";
  }
  if (value instanceof ListNode || listItems(value) !== undefined) return "list";
  if (isMap(value)) return "dict";
  const content = value instanceof ValueNode ? value.value : value;
  if (content === null || content === undefined) return "null";
  return "scalar";
}

/** Whether a dict, or its child under `key`, may take the value. */
export function checkDictValue(dict: DictNode, key: ConfigKey | undefined, value: RawValue): void {
  const content = isNode(value) ? contentOf(value) : value;
  if (typeof content === "string" && content.includes("${")) return;
  if (content === null || content === undefined) {
    checkOptional(dict, key, value);
    return;
  }
  if (content === MISSING) return;
  const target = key === undefined ? dict : childOf(dict, key);
  if (!(target instanceof DictNode) || target.type.kind === "any") return;
  const given = classOf(value);
  const type = target.type;
  if (type.kind === "dict") {
    if (given === "dict" || typeof given === "object") return;
    throw configError("VALUE_INVALID", `${describeValue(value)} cannot be assigned to ${typeText(type)}`, {
      fields: { key: fullKey(target), expected: typeText(type) },
    });
  }
  if (
    type.kind === "struct" &&
    given !== "null" &&
    !(typeof given === "object" && isSubtype(given, type.struct))
  ) {
    throw configError(
      "VALUE_INVALID",
      `invalid type assigned: ${typeof given === "object" ? given.name : given} is not a subclass of ${type.struct.name}`,
      { fields: { key: fullKey(target), expected: typeText(type) } },
    );
  }
}

export function checkOptional(dict: DictNode, key: ConfigKey | undefined, value: RawValue): void {
  if (!resolvesToNull(value, false)) return;
  let optional: boolean;
  if (key === undefined) optional = dict.type.optional;
  else {
    const child = childOf(dict, key);
    optional = child === undefined ? elementType(dict.type).optional : child.type.optional;
  }
  if (!optional) {
    throw configError("VALUE_INVALID", `the field '${fullKey(dict, key)}' is not optional`, {
      fields: { key: fullKey(dict, key) },
    });
  }
}

export function checkListValue(list: ListNode, key: unknown, value: RawValue): void {
  const index = checkIndexType(key);
  if (flag(list, "readonly") === true) {
    throw configError("CONFIG_READONLY", "the list is read-only", { fields: { key: fullKey(list) } });
  }
  if (index >= 0 && index < list.size) {
    const target = list.items[index];
    if ((value === null || value === undefined) && target?.type.optional === false) {
      throw configError("VALUE_INVALID", `'${fullKey(list, index)}' is not optional and cannot be null`);
    }
  }
  const content = isNode(value) ? contentOf(value) : value;
  if (content === MISSING) return;
  const type = elementType(list.type);
  const given = classOf(value);
  const wrong =
    (given === "null" && !type.optional) ||
    (type.kind === "struct" &&
      given !== "null" &&
      !(typeof given === "object" && isSubtype(given, type.struct)));
  if (wrong) {
    throw configError("VALUE_INVALID", `invalid item for a list of ${typeText(type)}`, {
      fields: { key: fullKey(list, index), expected: typeText(type) },
    });
  }
}
