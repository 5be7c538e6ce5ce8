import {
  type ConfigKey,
  EnumValue,
  Float,
  formatScalar,
  PathValue,
  type ScalarValue,
} from "../scalar/values.js";
import { childOf, missingValue } from "../tree/child.js";
import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { ConfigError, configError, locate } from "../tree/errors.js";
import { fullKey } from "../tree/keys.js";
import {
  type ConfigNode,
  ContainerNode,
  DictNode,
  isTuple,
  MISSING,
  type RawValue,
  type ValueNode,
} from "../tree/node.js";
import { isNode } from "../tree/repr.js";
import { treeRules } from "../tree/tree-rules.js";
import { Tuple, type YamlValue } from "../yaml/construct.js";
import { emitYaml, type YamlOutput } from "../yaml/emit.js";
import { dereference, startMemo } from "./evaluate.js";

/** A tree as data: maps with keys as written, arrays, scalars with their types. */
export type TreeData = ScalarValue | readonly TreeData[] | ReadonlyMap<ConfigKey | null, TreeData> | Tuple;

export interface ToDataOptions {
  /** Whether interpolations are resolved; otherwise their text is kept. */
  readonly resolve?: boolean;
  /** Whether `???` is an error; otherwise the text is kept. */
  readonly throwOnMissing?: boolean;
  /** Whether members of enumerations become their names. */
  readonly enumToText?: boolean;
}

/** The content of a tree as maps and arrays. */
export function toData(node: ContainerNode, options: ToDataOptions = {}): TreeData {
  const once = options.resolve === true && treeRules(node).asksResolversOnce;
  return containerData(node, once ? { ...options, resolved: new Map() } : options, 1);
}

interface DataOptions extends ToDataOptions {
  /** What nodes were resolved to, where each is to be asked once. */
  readonly resolved?: Map<ConfigNode, ConfigNode>;
}

function resolvedNode(node: ConfigNode, { resolved }: DataOptions): ConfigNode {
  const known = resolved?.get(node);
  if (known !== undefined) return known;
  const found = dereference(node, true, startMemo(0, resolved));
  resolved?.set(node, found);
  return found;
}

function containerData(node: ContainerNode, options: DataOptions, depth: number): TreeData {
  if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
  const { special } = node;
  if (special === null) return null;
  if (special === MISSING) {
    if (options.throwOnMissing === true) throw missingValue(node, undefined);
    return MISSING;
  }
  let source = node;
  if (special !== undefined) {
    if (options.resolve !== true) return special;
    const resolved = resolvedNode(node, options);
    if (!(resolved instanceof ContainerNode)) return rawData((resolved as ValueNode).value, options, depth);
    source = resolved;
  }
  if (source instanceof DictNode) {
    const map = new Map<ConfigKey | null, TreeData>();
    for (const child of source.items.values()) {
      const key = child.key!;
      map.set(
        options.enumToText === true && key instanceof EnumValue ? key.name : key,
        childData(source, child, options, depth + 1),
      );
    }
    return map;
  }
  const list: TreeData[] = [];
  for (const child of source.children()) list.push(childData(source, child, options, depth + 1));
  return isTuple(source) ? new Tuple(list as readonly YamlValue[]) : list;
}

function childData(
  container: ContainerNode,
  child: ConfigNode,
  options: DataOptions,
  depth: number,
): TreeData {
  let node = child;
  if (options.throwOnMissing === true)
    childOf(container, child.key, { throwOnMissingValue: true, access: false });
  if (options.resolve === true && node.isInterpolation) {
    try {
      node = resolvedNode(node, options);
    } catch (error) {
      throw error instanceof ConfigError ? locate(error, fullKey(child)) : error;
    }
  }
  return node instanceof ContainerNode
    ? containerData(node, options, depth)
    : rawData((node as ValueNode).value, options, depth);
}

function rawData(value: RawValue, options: DataOptions, depth: number): TreeData {
  if (value instanceof EnumValue && options.enumToText === true) return value.name;
  if (value instanceof Uint8Array) return value.slice();
  if (isNode(value))
    return value instanceof ContainerNode
      ? containerData(value, options, depth + 1)
      : rawData((value as ValueNode).value, options, depth);
  if (depth > MAX_TREE_DEPTH) throw resultTooDeep();
  // The result of a resolver may hold trees among plain data.
  if (Array.isArray(value)) return value.map((item) => rawData(item as RawValue, options, depth + 1));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, rawData(item as RawValue, options, depth + 1)]));
  }
  return (value ?? null) as TreeData;
}

function resultTooDeep(): ConfigError {
  return configError("CONFIG_DEPTH", `the result of a resolver is more than ${MAX_TREE_DEPTH} levels deep`);
}

/** Plain JavaScript data: objects without prototype, arrays, strings, numbers, booleans, null. */
type PlainData = unknown;

/**
 * A tree as a program wants it, which JSON can hold: dicts become objects without a prototype, with keys that are no
 * texts written as ones; floats become numbers, paths text, members of enumerations their names. JavaScript puts keys
 * that read as integers first, in ascending order; `toData` keeps the order.
 * @throws ConfigError KEY_TYPE where a dict has both `1` and `"1"`.
 */
export function toPlain(node: ContainerNode, options: ToDataOptions = { resolve: true }): PlainData {
  return plain(toData(node, options));
}

/** One resolved value in the form that `toPlain` returns. */
export function plainValue(value: RawValue): PlainData {
  return plain(rawData(value, { resolve: true }, 1));
}

function plain(value: TreeData): PlainData {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) {
    const entries = value as ReadonlyMap<ConfigKey | null, TreeData>;
    const object: Record<string, unknown> = Object.create(null);
    for (const [key, item] of entries) {
      const name = typeof key === "string" ? key : plainKey(key);
      if (name in object) throw keysAlike(name);
      object[name] = plain(item);
    }
    return object;
  }
  if (value instanceof Float) return value.value;
  if (value instanceof PathValue) return value.text;
  if (value instanceof EnumValue) return value.name;
  if (value instanceof Tuple) return value.items.map((item) => plain(item as TreeData));
  return value;
}

/** A key that is no text, as JSON writes it. */
function plainKey(key: Exclude<ConfigKey, string> | null): string {
  if (key === null || typeof key === "boolean") return String(key);
  return key instanceof EnumValue ? key.name : formatScalar(key);
}

function keysAlike(name: string): ConfigError {
  return configError("KEY_TYPE", `two keys are '${name}' in plain data: one a text, the other not`, {
    hint: "Give one of them another name; `toData` keeps them apart.",
    fields: { key: name },
  });
}

export interface ToYamlOptions {
  readonly resolve?: boolean;
  readonly sortKeys?: boolean;
}

/** The tree as YAML, letter for letter as `OmegaConf.to_yaml` writes it. */
export function toYaml(node: ContainerNode, options: ToYamlOptions = {}): string {
  const data = toData(node, { resolve: options.resolve ?? false, enumToText: true });
  return emitYaml(data as YamlOutput, {
    sortKeys: options.sortKeys ?? false,
    libyaml: treeRules(node).libyaml,
  });
}
