import { FORBIDDEN_KEYS } from "../scalar/forbidden-keys.js";
import { Float } from "../scalar/values.js";
import type { StructType } from "../tree/types.js";
import type { YamlValue } from "../yaml/construct.js";
import { storedKeyRefused, storedValueInvalid } from "./errors.js";

export function isStructType(node: unknown): node is StructType {
  return typeof node === "object" && node !== null && "fields" in node && node.fields instanceof Map;
}

/** What a stored node holds, as values of the language. */
export function storedValue(node: unknown): YamlValue {
  if (!isStructType(node)) return fromData(node, "");
  const list = node.fields.get("defaults")?.initial;
  return list === undefined ? new Map() : new Map([["defaults", fromData(list, "defaults")]]);
}

function fromData(data: unknown, key: string): YamlValue {
  if (data === null || data === undefined) return null;
  switch (typeof data) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return data;
    case "object":
      break;
    default:
      throw storedValueInvalid(key, typeof data);
  }
  if (data instanceof Float) return data;
  if (Array.isArray(data)) return data.map((item, index) => fromData(item, `${key}[${index}]`));
  const entries = data instanceof Map ? [...data] : Object.entries(data);
  return new Map(
    entries.map(([name, item]) => {
      const path = key === "" ? String(name) : `${key}.${name}`;
      if (FORBIDDEN_KEYS.has(String(name))) throw storedKeyRefused(path);
      return [name, fromData(item, path)];
    }),
  );
}
