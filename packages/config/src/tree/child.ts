import { type ConfigKey, isInteger } from "../scalar/values.js";
import { ConfigError, configError, locate, shownKey } from "./errors.js";
import { fullKey, normalizeKey } from "./keys.js";
import { type ConfigNode, type ContainerNode, DictNode, flag, type ListNode } from "./node.js";

interface ChildOptions {
  /** Whether an unknown key of a struct is an error. Default true. */
  readonly access?: boolean;
  /** Whether a key of a wrong type is an error. Default true. */
  readonly key?: boolean;
  readonly throwOnMissingValue?: boolean;
  readonly throwOnMissingKey?: boolean;
}

/** Refuses a key that a struct or a typed dict does not have. */
export function checkAccess(dict: DictNode, key: ConfigKey): void {
  if (dict.peek(key) !== undefined) return;
  if (dict.schema !== undefined) {
    if (dict.struct === false || dict.schema.extra !== undefined) return;
    throw configError("KEY_NOT_ALLOWED", `key '${String(key)}' not in '${dict.schema.name}'`, {
      fields: { key: fullKey(dict, key), options: dict.keys().map(String) },
    });
  }
  if (flag(dict, "struct") === true) {
    throw configError("KEY_NOT_ALLOWED", `key '${String(key)}' is not in struct`, {
      hint: "Add the key to the config, or write the override with '+' to append it.",
      fields: { key: fullKey(dict, key), options: dict.keys().map(String) },
    });
  }
}

export function childOf(
  container: ContainerNode,
  key: unknown,
  options: ChildOptions = {},
): ConfigNode | undefined {
  return container instanceof DictNode
    ? dictChild(container, key, options)
    : listChild(container as ListNode, key, options);
}

function dictChild(dict: DictNode, key: unknown, options: ChildOptions): ConfigNode | undefined {
  let normal: ConfigKey;
  try {
    normal = normalizeKey(dict, key);
  } catch (error) {
    if ((options.access ?? true) && (options.key ?? true)) throw error;
    if (options.throwOnMissingKey === true) {
      throw configError("KEY_NOT_ALLOWED", `key '${String(key)}' is not in this dict`);
    }
    return undefined;
  }
  if (options.access ?? true) checkAccess(dict, normal);
  const node = dict.peek(normal);
  if (node === undefined) {
    if (options.throwOnMissingKey === true) {
      throw configError("KEY_NOT_FOUND", `key '${String(normal)}' is missing`, {
        fields: { key: fullKey(dict, normal), options: dict.keys().map(String) },
      });
    }
  } else if (options.throwOnMissingValue === true && node.isMissing) {
    throw missingValue(dict, normal);
  }
  return node;
}

/** The position that an index means, counted from the end where negative; undefined where there is none. */
export function listIndex(list: ListNode, index: number | bigint): number | undefined {
  const at = Number(index) < 0 ? Number(index) + list.size : Number(index);
  return at >= 0 && at < list.size ? at : undefined;
}

export function checkIndexType(key: unknown): number {
  if (isInteger(key)) return Number(key);
  if (typeof key === "boolean") return Number(key);
  throw configError("KEY_TYPE", `the index of a list is an integer, not '${String(key)}'`);
}

export function indexOutOfRange(list: ListNode, index: number): ConfigError {
  return configError("CONFIG_INDEX", `index ${index} is out of range for a list of ${list.size}`, {
    fields: { key: fullKey(list, index) },
  });
}

function listChild(list: ListNode, key: unknown, options: ChildOptions): ConfigNode | undefined {
  try {
    if (list.isNull) throw configError("CONFIG_KIND", "the list is null");
    if (list.isMissing) throw configError("VALUE_MISSING", "the list is missing");
    const index =
      (options.access ?? true) || isInteger(key) || typeof key === "boolean"
        ? checkIndexType(key)
        : Number.NaN;
    const at = listIndex(list, index);
    if (at === undefined) throw indexOutOfRange(list, index);
    const node = list.items[at]!;
    if (options.throwOnMissingValue === true && node.isMissing) throw missingValue(list, at);
    return node;
  } catch (error) {
    if (
      error instanceof ConfigError &&
      error.code === "VALUE_MISSING" &&
      options.throwOnMissingValue === true
    ) {
      throw error;
    }
    if (options.access ?? true) throw locate(error, fullKey(list));
    return undefined;
  }
}

export function missingValue(container: ContainerNode, key: ConfigKey | undefined): ConfigError {
  const path = fullKey(container, key);
  return configError("VALUE_MISSING", `missing mandatory value: ${shownKey(path)}`, {
    hint: `Give the key a value, for instance with the override '${path}=...'.`,
    fields: { key: path },
  });
}
