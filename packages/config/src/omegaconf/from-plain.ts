import type { ConfigKey } from "../scalar/values.js";
import { isScalar } from "../tree/convert.js";
import { MAX_TREE_DEPTH } from "../tree/depth.js";
import { configError } from "../tree/errors.js";
import { refuseForbidden } from "../tree/keys.js";
import type { RawValue } from "../tree/node.js";
import { isNode } from "../tree/repr.js";

/**
 * JavaScript data as values of the language: objects become maps, with their own enumerable keys in order. Scalars,
 * arrays, maps and trees are taken as they are.
 * @throws ConfigError VALUE_UNSUPPORTED for functions and the like, CONFIG_DEPTH for data that contains itself.
 */
export function fromPlain(data: unknown): RawValue {
  return convert(data, "", 0);
}

function convert(data: unknown, path: string, depth: number): RawValue {
  if (depth > MAX_TREE_DEPTH) {
    throw configError(
      "CONFIG_DEPTH",
      `the data is more than ${MAX_TREE_DEPTH} levels deep or contains itself`,
    );
  }
  if (data === undefined) return null;
  if (isScalar(data as RawValue) || isNode(data as RawValue)) return data as RawValue;
  if (Array.isArray(data)) return data.map((item, index) => convert(item, `${path}[${index}]`, depth + 1));
  if (typeof data === "object" && data !== null) {
    const map = new Map<ConfigKey | null, RawValue>();
    for (const [key, value] of data instanceof Map ? data : Object.entries(data)) {
      refuseForbidden(key);
      map.set(
        key as ConfigKey,
        convert(value, path === "" ? String(key) : `${path}.${String(key)}`, depth + 1),
      );
    }
    return map;
  }
  throw configError("VALUE_UNSUPPORTED", `a config cannot hold a ${typeof data}`, {
    fields: { key: path },
  });
}

/** Whether something is an object as JSON has them. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
