import { isPlainObject } from "../omegaconf/from-plain.js";
import { isScalar } from "../tree/convert.js";
import { MAX_TREE_DEPTH } from "../tree/depth.js";
import { configError } from "../tree/errors.js";
import { refuseForbidden } from "../tree/keys.js";
import { type ConfigNode, type RawValue, ValueNode } from "../tree/node.js";
import { isNode } from "../tree/repr.js";
import { ANY } from "../tree/types.js";
import { Tuple } from "../yaml/construct.js";

/**
 * Values of a program as values of a tree: plain objects become mappings; what no config holds (an instance of a class,
 * a function) is a node that is handed on as it is.
 */
export function callValue(value: unknown, depth = 0): RawValue {
  if (depth > MAX_TREE_DEPTH)
    throw configError(
      "CONFIG_DEPTH",
      `the data is more than ${MAX_TREE_DEPTH} levels deep or contains itself`,
    );
  if (value === undefined) return null;
  if (isScalar(value as RawValue) || isNode(value as RawValue)) return value as RawValue;
  if (Array.isArray(value)) return value.map((item) => callValue(item, depth + 1));
  if (value instanceof Map || isPlainObject(value)) {
    const entries = value instanceof Map ? [...value] : Object.entries(value as object);
    return new Map(
      entries.map(([key, item]) => {
        refuseForbidden(key);
        return [key, callValue(item, depth + 1)];
      }),
    );
  }
  if (value instanceof Tuple)
    return new Tuple(value.items.map((item) => callValue(item, depth + 1)) as never);
  return new ValueNode(value as RawValue, undefined, ANY, true) as ConfigNode;
}
