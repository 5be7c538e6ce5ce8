import { FORBIDDEN_KEYS } from "../scalar/forbidden-keys.js";
import { type ConfigKey, EnumValue, isFloat, isInteger, keyId } from "../scalar/values.js";
import { configError } from "./errors.js";
import { type ConfigNode, type DictNode, ListNode } from "./node.js";
import { keyTypeText } from "./types.js";

/** How a key is shown inside a full key. */
function keyText(key: ConfigKey): string {
  if (typeof key === "string") return key;
  if (key instanceof EnumValue) return key.name;
  return keyId(key) === 1 && key === true ? "True" : key === false ? "False" : String(key);
}

/** The path from the root, as a user writes it: `a.b[0].c`. */
export function fullKey(node: ConfigNode, child?: ConfigKey): string {
  const steps: [boolean, string][] = [];
  if (child !== undefined && child !== "") steps.push([node instanceof ListNode, keyText(child)]);
  for (let n: ConfigNode = node; n.key !== undefined; n = n.parent) {
    steps.push([n.parent instanceof ListNode, keyText(n.key)]);
    if (n.parent === undefined) break;
  }
  let text = "";
  for (const [inList, key] of steps.reverse()) {
    if (inList) text += `[${key}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}

/** Refuses keys that could reach a prototype in a careless consumer of the config. */
export function refuseForbidden(key: unknown): void {
  if (typeof key === "string" && FORBIDDEN_KEYS.has(key)) {
    throw configError("FORBIDDEN_KEY", `the key '${key}' is not allowed in a config`, {
      hint: "Choose another name.",
      fields: { key },
    });
  }
}

/** Checks a key against the key type of a dict and converts it. */
export function normalizeKey(dict: DictNode, key: unknown): ConfigKey {
  const type = dict.keyType;
  if (type.kind === "any") {
    if (isConfigKey(key)) return key;
    throw configError("KEY_TYPE", `a key of type ${describe(key)} is not possible`, {
      hint: "Use text, a number, a boolean or bytes.",
    });
  }
  if (type.kind === "bool" && isConfigKey(key) && (keyId(key) === 0 || keyId(key) === 1))
    return keyId(key) === 1;
  if (type.kind === "enum") {
    const member = enumMember(type.enum, key);
    if (member !== undefined) return member;
    throw configError("KEY_TYPE", `the key '${String(key)}' is none of ${type.enum.name}`, {
      fields: { options: [...type.enum.members.keys()] },
    });
  }
  const fits =
    (type.kind === "str" && typeof key === "string") ||
    (type.kind === "int" && (isInteger(key) || typeof key === "boolean")) ||
    (type.kind === "float" && isFloat(key)) ||
    (type.kind === "bool" && typeof key === "boolean") ||
    (type.kind === "bytes" && key instanceof Uint8Array);
  if (!fits) {
    throw configError(
      "KEY_TYPE",
      `the key ${String(key)} (${describe(key)}) does not fit the key type ${keyTypeText(type)}`,
    );
  }
  return key as ConfigKey;
}

function isConfigKey(key: unknown): key is ConfigKey {
  return (
    typeof key === "string" ||
    typeof key === "number" ||
    typeof key === "bigint" ||
    typeof key === "boolean" ||
    isFloat(key) ||
    key instanceof Uint8Array ||
    key instanceof EnumValue
  );
}

function describe(key: unknown): string {
  if (key === null || key === undefined) return "NoneType";
  return typeof key === "object" ? key.constructor.name : typeof key;
}

/** The member that a value names: itself, its name (with or without the type's name), or its number. */
export function enumMember(
  type: { readonly name: string; readonly members: ReadonlyMap<string, string | number> },
  value: unknown,
): EnumValue | undefined {
  if (value instanceof EnumValue) return value.type === type.name ? value : undefined;
  if (typeof value === "string") {
    const name = value.startsWith(`${type.name}.`) ? value.slice(type.name.length + 1) : value;
    const number = type.members.get(name);
    return number === undefined ? undefined : new EnumValue(type.name, name, number);
  }
  if (typeof value === "number" && Number.isInteger(value)) {
    for (const [name, number] of type.members)
      if (number === value) return new EnumValue(type.name, name, value);
  }
  return undefined;
}
