import type { DefaultsList } from "../defaults/defaults-list.js";
import type { ConfigRepository, LoadedConfig } from "../defaults/repository.js";
import { hydraStore } from "../hydra/hydra-defaults.js";
import { hydraSource } from "../hydra/hydra-source.js";
import { HYDRA_CONFIG } from "../hydra/node-schema.js";
import { isHydraOverride, type Override } from "../override/override.js";
import { QuotedString } from "../override/value.js";
import { FORBIDDEN_KEYS } from "../scalar/forbidden-keys.js";
import { Float } from "../scalar/values.js";
import { parseInterpolated } from "../tree/interpolation.js";
import type { StructType, TypeRef } from "../tree/types.js";
import type { VersionBase } from "../version/version-base.js";
import type { YamlValue } from "../yaml/construct.js";

/** A mapping that was merged; values are scalars, arrays and such mappings. */
type Merged = Map<string, unknown>;

/** What a config can hold that only the tree can merge, or refuse. */
export const TREE_REASONS = [
  "a config that is no mapping",
  "a config that is merged twice",
  "a registered config",
  "a config with a schema",
  "a package below a value",
  "a package in brackets",
  "a package of Hydra's node",
  "Hydra's config elsewhere",
  "Hydra's node in a config",
  "a key that is no text",
  "a mapping over a value",
  "a value over a mapping, or a list over no list",
  "an interpolation",
  "a missing value",
  "a value without a plain form",
  "an override of Hydra's node",
  "an override with a package",
  "an override that deletes, extends a list or has brackets",
  "an override below no mapping",
  "an override of a forbidden key",
  "an override of an unknown key",
  "an override with another kind of value",
  "an override that adds what is there",
  "an override with a mapping or a sweep",
] as const;

export type TreeReason = (typeof TREE_REASONS)[number];

/** Thrown when the tree has to decide; nothing of it is seen outside. */
class NeedsTree {
  readonly reason: TreeReason;
  constructor(reason: TreeReason) {
    this.reason = reason;
  }
}

/** The data, or why the tree is needed. */
export type PlainMerge =
  | { readonly config: Readonly<Record<string, unknown>>; readonly reason?: never }
  | { readonly config?: never; readonly reason: TreeReason };

interface PlainMergeOptions {
  readonly list: DefaultsList;
  readonly repository: ConfigRepository;
  readonly overrides: readonly Override[];
  /** Whether Hydra's node is known to take the overrides that are its own: it was composed with them before. */
  readonly hydraSettled?: boolean;
}

/**
 * The program's config as frozen data, for the commonest configs: mappings with texts as keys, merged key by key,
 * scalars over scalars, lists over lists, and no interpolations, missing values or types in them. Merging those needs
 * no tree, which takes three to five times as long; it is built when more than the data is asked for. For every other
 * config the tree decides, and reports what is wrong: this merge refuses nothing.
 */
export function mergePlain(options: PlainMergeOptions): PlainMerge {
  try {
    return { config: merged(options) };
  } catch (error) {
    if (error instanceof NeedsTree) return { reason: error.reason };
    throw error;
  }
}

function merged(options: PlainMergeOptions): Readonly<Record<string, unknown>> {
  const { list, repository } = options;
  const isSettled = (override: Override): boolean =>
    options.hydraSettled === true && isHydraOverride(override);
  const overrides = options.overrides.filter((override) => !isSettled(override));
  if (overrides.some((override) => override.keyOrGroup.startsWith("hydra") || isHydraOverride(override)))
    throw new NeedsTree("an override of Hydra's node");
  const root: Merged = new Map();
  const seen = new Set<string>();
  for (const item of list.defaults) {
    if (seen.has(item.configPath)) throw new NeedsTree("a config that is merged twice");
    seen.add(item.configPath);
    const loaded = repository.load(item.configPath)!;
    if (isHydraOwn(loaded, repository.versionBase)) {
      // In its own place it fits, and nothing of the program's config depends on it.
      if (item.package !== (loaded.header ?? groupOf(item.configPath)))
        throw new NeedsTree("Hydra's config elsewhere");
      continue;
    }
    if (loaded.stored !== undefined) throw new NeedsTree("a registered config");
    if (!(loaded.value instanceof Map)) throw new NeedsTree("a config that is no mapping");
    if (repository.schemaOf(loaded) !== undefined) throw new NeedsTree("a config with a schema");
    mergeMapping(packageOf(root, item.package), loaded.value, item.package === "" ? item.primary : undefined);
  }
  for (const override of list.configOverrides) if (!isSettled(override)) applyPlain(root, override);
  return plainObject(root);
}

/** Whether a config is one of those that come with Hydra: what they do to its node is known. */
function isHydraOwn({ file, stored, source }: LoadedConfig, versionBase: VersionBase): boolean {
  return stored === undefined
    ? source === hydraSource(versionBase)
    : stored === hydraStore(versionBase).get(file);
}

/** The package of a config that says nothing about it: `hydra.job_logging` of `hydra/job_logging/default`. */
function groupOf(configPath: string): string {
  return configPath.slice(0, configPath.lastIndexOf("/")).replaceAll("/", ".");
}

function packageOf(root: Merged, packageName: string): Merged {
  if (packageName === "") return root;
  if (packageName.startsWith("hydra")) throw new NeedsTree("a package of Hydra's node");
  if (packageName.includes("[")) throw new NeedsTree("a package in brackets");
  let current = root;
  for (const step of packageName.split(".")) current = mappingAt(current, step);
  return current;
}

function mappingAt(parent: Merged, key: string): Merged {
  const known = parent.get(key);
  if (known !== undefined && !(known instanceof Map)) throw new NeedsTree("a package below a value");
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
    if (typeof key !== "string") throw new NeedsTree("a key that is no text");
    if (isPrimary !== undefined && key === "hydra") {
      if (!isPrimary || !(value instanceof Map) || !fitsStruct(value, HYDRA_CONFIG))
        throw new NeedsTree("Hydra's node in a config");
    } else if (key !== "defaults") mergeValue(target, key, value);
  }
}

/** Mappings of files are taken over as they are, and copied when something has to be merged into them. */
function mergeValue(target: Merged, key: string, value: YamlValue): void {
  const known = target.get(key);
  if (known === undefined) target.set(key, value);
  else if (value instanceof Map) {
    if (!(known instanceof Map)) throw new NeedsTree("a mapping over a value");
    const own = new Map(known as Merged);
    for (const [inner, item] of value) mergeValue(own, textKey(inner), item);
    target.set(key, own);
  } else {
    if (!isSameKind(known, value)) throw new NeedsTree("a value over a mapping, or a list over no list");
    // What is replaced has to be plain too: the tree would have read it.
    plainData(known);
    target.set(key, value);
  }
}

function textKey(key: unknown): string {
  if (typeof key !== "string") throw new NeedsTree("a key that is no text");
  return key;
}

function plainText(text: string): string {
  if (text === "???") throw new NeedsTree("a missing value");
  if (text.includes("${")) throw new NeedsTree("an interpolation");
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
  if (override.package !== undefined) throw new NeedsTree("an override with a package");
  if (type === "DEL" || type === "EXTEND_LIST" || override.isValuePath)
    throw new NeedsTree("an override that deletes, extends a list or has brackets");
  const value = overrideValue(override.value);
  const steps = keyOrGroup.split(".");
  const last = steps.pop()!;
  let parent: Merged = root;
  for (const step of steps) {
    const next = parent.get(step);
    if (!(next instanceof Map)) throw new NeedsTree("an override below no mapping");
    const own: Merged = new Map(next as Merged);
    parent.set(step, own);
    parent = own;
  }
  if (last === "" || FORBIDDEN_KEYS.has(last)) throw new NeedsTree("an override of a forbidden key");
  const known: unknown = parent.get(last);
  if (known === undefined) {
    if (type === "CHANGE") throw new NeedsTree("an override of an unknown key");
  } else {
    if (!isSameKind(known, value)) throw new NeedsTree("an override with another kind of value");
    // Adding what is there is an error, unless it is null, or a list.
    if (type === "ADD" && known !== null && !Array.isArray(known))
      throw new NeedsTree("an override that adds what is there");
    plainData(known);
  }
  parent.set(last, value);
}

/** Whether a value can take the place of another without a merge: scalars of scalars, lists of lists. */
function isSameKind(known: unknown, value: unknown): boolean {
  return !(known instanceof Map) && Array.isArray(known) === Array.isArray(value);
}

function overrideValue(value: Override["value"]): unknown {
  if (typeof value === "string") return plainText(value);
  if (value instanceof QuotedString) return plainText(value.text);
  if (value === null || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return value;
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return (value as readonly Override["value"][]).map(overrideValue);
  throw new NeedsTree("an override with a mapping or a sweep");
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
  throw new NeedsTree("a value without a plain form");
}

function plainObject(mapping: ReadonlyMap<unknown, unknown>): Readonly<Record<string, unknown>> {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of mapping) object[textKey(key)] = plainData(value);
  return Object.freeze(object);
}
