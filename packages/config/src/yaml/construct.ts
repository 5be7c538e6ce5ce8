import { FORBIDDEN_KEYS } from "../scalar/forbidden-keys.js";
import { type ConfigKey, keyId, PathValue, type ScalarValue } from "../scalar/values.js";
import type { YamlMapping, YamlNode, YamlScalar } from "./composer.js";
import { duplicateKey, forbiddenYamlKey, invalidContent, invalidScalar, type YamlContext } from "./errors.js";
import { boolValue, floatValue, intValue, plainType } from "./scalars.js";

/** A tuple, out of `!!omap` or `!!pairs`; a config takes it as a list. */
export class Tuple {
  readonly items: readonly YamlValue[];
  constructor(items: readonly YamlValue[]) {
    this.items = items;
  }
}

/** What a YAML text holds: mappings are `Map`s with keys as written, in order; `!!set` is a `Set`. */
export type YamlValue =
  | ScalarValue
  | YamlValue[]
  | Map<ConfigKey | null, YamlValue>
  | Set<ConfigKey | null>
  | Tuple;

const PREFIX = "tag:yaml.org,2002:";
const PATH_TAGS = new Set([
  `${PREFIX}python/object/apply:pathlib.Path`,
  `${PREFIX}python/object/apply:pathlib.PosixPath`,
]);

/** The value of a node. Aliased nodes make equal, separate values. */
export function constructYaml(node: YamlNode, context: YamlContext): YamlValue {
  if (node.kind === "scalar" && node.tag === null) {
    return node.plain ? plainScalar(node, context) : node.text;
  }
  if (node.tag === null) {
    if (node.kind === "sequence") return node.items.map((item) => constructYaml(item, context));
    if (node.kind === "mapping") return constructMapping(node, context);
  }
  return constructTagged(node, context);
}

function plainScalar(node: YamlScalar, context: YamlContext): ScalarValue {
  const { text } = node;
  const type = plainType(text);
  switch (type) {
    case "str":
      return text;
    case "null":
      return null;
    case "merge":
    case "value":
      throw invalidContent(context, node.start, `'${text}' has a meaning of its own only as a key`);
    default:
      return typedScalar(type, node, context);
  }
}

function typedScalar(type: "bool" | "int" | "float", node: YamlScalar, context: YamlContext): ScalarValue {
  const value =
    type === "int" ? intValue(node.text) : type === "float" ? floatValue(node.text) : boolValue(node.text);
  if (value === undefined) throw invalidScalar(context, node.start, `'${node.text}' is no ${type}`);
  return value;
}

function constructTagged(node: YamlNode, context: YamlContext): YamlValue {
  const tag = node.tag!;
  if (PATH_TAGS.has(tag)) {
    if (node.kind !== "sequence") throw wrongKind(node, context, "a sequence node");
    return joinPath(
      node.items.map((item) => constructYaml(item, context)),
      node,
      context,
    );
  }
  if (tag.startsWith(PREFIX)) {
    const name = tag.slice(PREFIX.length);
    switch (name) {
      case "null":
        scalarText(node, context);
        return null;
      case "bool":
      case "int":
      case "float": {
        const text = scalarText(node, context);
        return typedScalar(
          name,
          { kind: "scalar", tag: null, start: node.start, text, plain: true },
          context,
        );
      }
      case "str":
        return scalarText(node, context);
      case "binary":
        return decodeBase64(scalarText(node, context), node, context);
      case "seq":
        if (node.kind !== "sequence") throw wrongKind(node, context, "a sequence node");
        return node.items.map((item) => constructYaml(item, context));
      case "map":
        if (node.kind !== "mapping") throw wrongKind(node, context, "a mapping node");
        return constructMapping(node, context);
      case "set":
        if (node.kind !== "mapping") throw wrongKind(node, context, "a mapping node");
        return new Set(constructMapping(node, context).keys());
      case "omap":
      case "pairs":
        return constructPairs(node, context);
      default:
    }
  }
  throw invalidContent(context, node.start, `could not determine a constructor for the tag '${tag}'`);
}

function wrongKind(node: YamlNode, context: YamlContext, expected: string): Error {
  return invalidContent(context, node.start, `expected ${expected}, but found ${node.kind}`);
}

/** The text of a scalar; for a mapping with the key `=`, the text of that key's value. */
function scalarText(node: YamlNode, context: YamlContext): string {
  if (node.kind === "scalar") return node.text;
  if (node.kind === "mapping") {
    for (let k = 0; k < node.keys.length; k++) {
      if (specialKey(node.keys[k]!) === "value") return scalarText(node.values[k]!, context);
    }
  }
  throw wrongKind(node, context, "a scalar node");
}

function specialKey(node: YamlNode): "merge" | "value" | undefined {
  if (node.kind !== "scalar") return undefined;
  if (node.tag === `${PREFIX}merge`) return "merge";
  if (node.tag === `${PREFIX}value`) return "value";
  if (!node.plain || node.text.length > 2) return undefined;
  if (node.text === "<<") return "merge";
  return node.text === "=" ? "value" : undefined;
}

function isTextKey(node: YamlNode): node is YamlScalar {
  if (node.kind !== "scalar") return false;
  if (node.tag !== null) return node.tag === `${PREFIX}str`;
  return !node.plain || plainType(node.text) === "str";
}

function constructMapping(node: YamlMapping, context: YamlContext): Map<ConfigKey | null, YamlValue> {
  const map = new Map<ConfigKey | null, YamlValue>();
  let { keys, values } = node;
  let duplicates = false;
  let plain = true;
  // A first pass over the keys: duplicates are looked for before merge keys bring in others.
  const seen = new Set<string>();
  for (const key of keys) {
    if (isTextKey(key)) {
      if (seen.has(key.text)) throw duplicateKey(context, key.start, key.text);
      seen.add(key.text);
    } else {
      plain = false;
      if (specialKey(key) === "merge") duplicates = true;
    }
  }
  if (duplicates) ({ keys, values } = flatten(node, context));
  const ids = plain ? undefined : new Map<unknown, ConfigKey | null>();
  for (let k = 0; k < keys.length; k++) {
    const keyNode = keys[k]!;
    const key = constructKey(keyNode, node, context);
    const value = constructYaml(values[k]!, context);
    if (ids === undefined || typeof key === "string") {
      map.set(key, value);
      continue;
    }
    // Equal keys of other types are one key: the first one written stays, with the last value.
    const id = keyId(key);
    const first = ids.get(id);
    if (first === undefined) ids.set(id, key);
    map.set(first === undefined ? key : first, value);
  }
  return map;
}

function constructKey(key: YamlNode, mapping: YamlMapping, context: YamlContext): ConfigKey | null {
  if (key.kind === "scalar" && specialKey(key) === "value") return key.text;
  const value = constructYaml(key, context);
  if (typeof value === "string") {
    if (FORBIDDEN_KEYS.has(value)) throw forbiddenYamlKey(context, key.start, value);
    return value;
  }
  if (Array.isArray(value) || value instanceof Map || value instanceof Set || value instanceof Tuple) {
    throw invalidContent(context, key.start, "found unhashable key while constructing a mapping");
  }
  if (value instanceof PathValue) {
    throw invalidContent(context, mapping.start, "a path cannot be a key");
  }
  return value;
}

/** The keys of a mapping with those of its merge keys before them, so that its own keys win. */
function flatten(node: YamlMapping, context: YamlContext): { keys: YamlNode[]; values: YamlNode[] } {
  const keys: YamlNode[] = [];
  const values: YamlNode[] = [];
  const mergedKeys: YamlNode[] = [];
  const mergedValues: YamlNode[] = [];
  const take = (mapping: YamlMapping) => {
    const flat = flatten(mapping, context);
    for (const key of flat.keys) mergedKeys.push(key);
    for (const value of flat.values) mergedValues.push(value);
  };
  for (let k = 0; k < node.keys.length; k++) {
    const key = node.keys[k]!;
    const value = node.values[k]!;
    if (specialKey(key) !== "merge") {
      keys.push(key);
      values.push(value);
    } else if (value.kind === "mapping") {
      take(value);
    } else if (value.kind === "sequence") {
      for (const item of [...value.items].reverse()) {
        if (item.kind !== "mapping") {
          throw invalidContent(context, item.start, `expected a mapping for merging, but found ${item.kind}`);
        }
        take(item);
      }
    } else {
      throw invalidContent(
        context,
        value.start,
        `expected a mapping or list of mappings for merging, but found ${value.kind}`,
      );
    }
  }
  if (context.libyaml === true) withoutOwn(mergedKeys, mergedValues, keys);
  return { keys: [...mergedKeys, ...keys], values: [...mergedValues, ...values] };
}

/** Takes out the merged keys that the mapping has itself, in place: its own stand where they are written. */
function withoutOwn(keys: YamlNode[], values: YamlNode[], own: readonly YamlNode[]): void {
  const texts = new Set(own.filter(isTextKey).map(({ text }) => text));
  for (let k = keys.length - 1; k >= 0; k--) {
    const key = keys[k]!;
    if (!isTextKey(key) || !texts.has(key.text)) continue;
    keys.splice(k, 1);
    values.splice(k, 1);
  }
}

function constructPairs(node: YamlNode, context: YamlContext): YamlValue[] {
  if (node.kind !== "sequence") throw wrongKind(node, context, "a sequence");
  return node.items.map((item) => {
    if (item.kind !== "mapping" || item.keys.length !== 1) {
      throw invalidContent(context, item.start, "expected a mapping of length 1");
    }
    return new Tuple([constructYaml(item.keys[0]!, context), constructYaml(item.values[0]!, context)]);
  });
}

function joinPath(parts: readonly YamlValue[], node: YamlNode, context: YamlContext): PathValue {
  let path = "";
  for (const part of parts) {
    if (typeof part !== "string") throw invalidScalar(context, node.start, "a path is made of texts");
    path = part.startsWith("/") || path === "" ? part : `${path}/${part}`;
  }
  return new PathValue(normalizePath(path));
}

/** As `pathlib.PurePosixPath` writes a path: no empty and no `.` segments, no slash at the end. */
export function normalizePath(text: string): string {
  const root = /^\/\/(?!\/)/.test(text) ? "//" : text.startsWith("/") ? "/" : "";
  const body = text
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".")
    .join("/");
  return root + body || ".";
}

const NOT_ASCII = /[^\0-\x7f]/;

function decodeBase64(text: string, node: YamlNode, context: YamlContext): Uint8Array {
  if (NOT_ASCII.test(text)) throw invalidContent(context, node.start, "base64 data must be ASCII");
  const bytes = base64Bytes(text);
  if (bytes === undefined) throw invalidContent(context, node.start, "failed to decode base64 data");
  return bytes;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Lenient as Python's decoder: characters outside the alphabet are skipped; undefined where the padding is wrong. */
function base64Bytes(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  let padding = 0;
  for (const c of text) {
    if (c === "=") {
      // Padding that completes a group ends the data; what follows is not read.
      if (count >= 2) {
        padding += 1;
        if (count + padding >= 4) return Uint8Array.from(bytes);
      }
      continue;
    }
    const value = ALPHABET.indexOf(c);
    if (value < 0) continue;
    padding = 0;
    bits = (bits << 6) | value;
    count += 1;
    if (count === 2) bytes.push((bits >> 4) & 0xff);
    else if (count === 3) bytes.push((bits >> 2) & 0xff);
    else if (count === 4) {
      bytes.push(bits & 0xff);
      count = 0;
      bits = 0;
    }
  }
  return count === 0 ? Uint8Array.from(bytes) : undefined;
}
