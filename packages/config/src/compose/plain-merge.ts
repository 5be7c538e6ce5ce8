import type { DefaultsList } from "../defaults/defaults-list.js";
import type { ConfigRepository, LoadedConfig } from "../defaults/repository.js";
import { HYDRA_CONFIG } from "../hydra/node-schema.js";
import type { Override } from "../override/override.js";
import { QuotedString } from "../override/value.js";
import { FORBIDDEN_KEYS } from "../scalar/forbidden-keys.js";
import { Float } from "../scalar/values.js";
import { parseInterpolated } from "../tree/interpolation.js";
import type { StructType, TypeRef } from "../tree/types.js";
import type { YamlValue } from "../yaml/construct.js";

/** A mapping that was merged; values are scalars, arrays and such mappings. */
type Merged = Map<string, unknown>;

/** Thrown when a config holds something that needs the tree; nothing of it is seen outside. */
const NEEDS_TREE = Symbol("needs the tree");

interface PlainMergeOptions {
  readonly list: DefaultsList;
  readonly repository: ConfigRepository;
  readonly overrides: readonly Override[];
}

/**
 * The program's config as frozen data, for the commonest configs: mappings with texts as keys, merged key by key,
 * scalars over scalars, lists over lists, and no interpolations, missing values or types in them. Then merging needs no
 * tree, which is built when somebody asks for more than the data. Undefined when the config is not of that kind: the
 * tree decides, and reports what is wrong.
 */
export function mergePlain(options: PlainMergeOptions): Readonly<Record<string, unknown>> | undefined {
  try {
    return merged(options);
  } catch (reason) {
    if (reason === NEEDS_TREE) return undefined;
    throw reason;
  }
}

function merged({ list, repository, overrides }: PlainMergeOptions): Readonly<Record<string, unknown>> {
  if (overrides.some(({ keyOrGroup }) => keyOrGroup.startsWith("hydra"))) throw NEEDS_TREE;
  const root: Merged = new Map();
  const seen = new Set<string>();
  for (const item of list.defaults) {
    if (seen.has(item.configPath)) throw NEEDS_TREE;
    seen.add(item.configPath);
    const loaded = repository.load(item.configPath)!;
    if (isHydraOwn(loaded)) {
      if (item.package !== "hydra" && !item.package.startsWith("hydra.")) throw NEEDS_TREE;
      continue;
    }
    if (
      !(loaded.value instanceof Map) ||
      loaded.stored !== undefined ||
      repository.schemaOf(loaded) !== undefined
    ) {
      throw NEEDS_TREE;
    }
    mergeMapping(packageOf(root, item.package), loaded.value, item.package === "" ? item.primary : undefined);
  }
  for (const override of list.configOverrides) applyPlain(root, override);
  return plainObject(root);
}

function isHydraOwn({ stored, source }: LoadedConfig): boolean {
  return stored === undefined
    ? source.scheme === "pkg" && source.path === "hydra.conf"
    : stored.provider === "hydra";
}

function packageOf(root: Merged, packageName: string): Merged {
  if (packageName === "") return root;
  if (packageName.startsWith("hydra") || packageName.includes("[")) throw NEEDS_TREE;
  let current = root;
  for (const step of packageName.split(".")) current = mappingAt(current, step);
  return current;
}

function mappingAt(parent: Merged, key: string): Merged {
  const known = parent.get(key);
  if (known !== undefined && !(known instanceof Map)) throw NEEDS_TREE;
  const created: Merged = new Map((known ?? []) as Merged);
  parent.set(key, created);
  return created;
}

/**
 * Merges the mapping of a whole file, its defaults list left out. At the root of the config (where `isPrimary` is not
 * undefined) the hydra node is left out too, if it is the primary config's and surely fits.
 */
function mergeMapping(
  target: Merged,
  source: ReadonlyMap<unknown, YamlValue>,
  isPrimary: boolean | undefined,
): void {
  for (const [key, value] of source) {
    if (typeof key !== "string") throw NEEDS_TREE;
    if (isPrimary !== undefined && key === "hydra") {
      if (!isPrimary || !(value instanceof Map) || !fitsStruct(value, HYDRA_CONFIG)) throw NEEDS_TREE;
    } else if (key !== "defaults") mergeValue(target, key, value);
  }
}

/** Mappings of files are taken over as they are, and copied when something has to be merged into them. */
function mergeValue(target: Merged, key: string, value: YamlValue): void {
  const known = target.get(key);
  if (known === undefined) target.set(key, value);
  else if (value instanceof Map) {
    if (!(known instanceof Map)) throw NEEDS_TREE;
    const own = new Map(known as Merged);
    for (const [inner, item] of value) mergeValue(own, textKey(inner), item);
    target.set(key, own);
  } else {
    if (known instanceof Map || Array.isArray(known) !== Array.isArray(value)) throw NEEDS_TREE;
    // What is replaced has to be plain too: the tree would have read it.
    plainData(known);
    target.set(key, value);
  }
}

function textKey(key: unknown): string {
  if (typeof key !== "string") throw NEEDS_TREE;
  return key;
}

function plainText(text: string): string {
  if (text === "???" || text.includes("${")) throw NEEDS_TREE;
  return text;
}

/** Whether a mapping surely is accepted for a structured config: known keys, texts for texts, and no lists. */
function fitsStruct(value: ReadonlyMap<unknown, YamlValue>, struct: StructType): boolean {
  for (const [key, item] of value) {
    const field = typeof key === "string" ? struct.fields.get(key) : undefined;
    if (field === undefined || key === "defaults" || !fitsType(item, field.type)) return false;
  }
  return true;
}

function fitsType(value: YamlValue, type: TypeRef): boolean {
  if (type.kind === "struct") return value instanceof Map && fitsStruct(value, type.struct);
  if (value === null) return type.optional && type.kind === "str";
  if (type.kind === "bool") return typeof value === "boolean";
  if (type.kind !== "str" || typeof value !== "string") return false;
  if (value.includes("${")) {
    // Throws where the grammar refuses it; then the tree says so.
    try {
      parseInterpolated(value);
    } catch {
      return false;
    }
  }
  return true;
}

function applyPlain(root: Merged, override: Override): void {
  const { keyOrGroup, type } = override;
  if (override.package !== undefined || type === "DEL") throw NEEDS_TREE;
  const value = overrideValue(override.value);
  const steps = keyOrGroup.split(".");
  const last = steps.pop()!;
  let parent: Merged = root;
  for (const step of steps) {
    const next = parent.get(step);
    if (!(next instanceof Map)) throw NEEDS_TREE;
    const own: Merged = new Map(next as Merged);
    parent.set(step, own);
    parent = own;
  }
  if (last === "" || FORBIDDEN_KEYS.has(last)) throw NEEDS_TREE;
  const known: unknown = parent.get(last);
  if (known === undefined ? type === "CHANGE" || Array.isArray(value) : !canReplace(known, value, type))
    throw NEEDS_TREE;
  if (known !== undefined) plainData(known);
  parent.set(last, value);
}

function canReplace(known: unknown, value: unknown, type: Override["type"]): boolean {
  if (known instanceof Map || Array.isArray(known) !== Array.isArray(value)) return false;
  // Adding what is there is an error, unless it is null, or a list.
  return type !== "ADD" || known === null || Array.isArray(known);
}

function overrideValue(value: Override["value"]): unknown {
  if (typeof value === "string") return plainText(value);
  if (value instanceof QuotedString) return plainText(value.text);
  if (value === null || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return value;
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return (value as readonly Override["value"][]).map(overrideValue);
  throw NEEDS_TREE;
}

/** Plain, frozen data: objects without prototype, arrays, scalars. */
function plainData(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return plainText(value);
    case "number":
    case "boolean":
    case "bigint":
      return value;
    default:
  }
  if (value === null) return null;
  if (value instanceof Float) return value.value;
  if (value instanceof Map) return plainObject(value as ReadonlyMap<unknown, unknown>);
  if (Array.isArray(value)) return Object.freeze(value.map(plainData));
  throw NEEDS_TREE;
}

function plainObject(mapping: ReadonlyMap<unknown, unknown>): Readonly<Record<string, unknown>> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of mapping) object[textKey(key)] = plainData(value);
  return Object.freeze(object);
}
