import { formatScalar, quotePython, reprScalar, type ScalarValue } from "../scalar/values.js";
import { Tuple } from "../yaml/construct.js";
import { isScalar } from "./convert.js";
import { type ConfigNode, ContainerNode, type DictNode, ListNode, type RawValue, ValueNode } from "./node.js";

export function isNode(value: RawValue): value is ConfigNode {
  return value instanceof ValueNode || value instanceof ContainerNode;
}

/** As Python's `str()`. */
export function formatRaw(value: RawValue): string {
  if (value instanceof ValueNode) return formatRaw(value.value);
  return isScalar(value) ? formatScalar(value) : reprRaw(value);
}

/** As Python's `repr()`. */
function reprRaw(value: RawValue): string {
  if (value === undefined) return "None";
  if (value instanceof ValueNode) return reprRaw(value.value);
  if (value instanceof ContainerNode) {
    const { special } = value;
    if (special === null) return "None";
    if (special !== undefined) return quotePython(special);
    if (value instanceof ListNode) {
      const items = value.items.map(reprRaw).join(", ");
      return value.tuple ? `(${items}${value.size === 1 ? "," : ""})` : `[${items}]`;
    }
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
