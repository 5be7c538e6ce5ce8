import { storedTree, treeOf } from "../defaults/config-tree.js";
import type { DefaultsList } from "../defaults/defaults-list.js";
import { CompositionError } from "../defaults/errors.js";
import type { ConfigRepository, LoadedConfig } from "../defaults/repository.js";
import type { ResolvedDefault } from "../defaults/resolved-default.js";
import { select } from "../omegaconf/access.js";
import { merge, mergeWith } from "../omegaconf/merge.js";
import { ConfigError } from "../tree/errors.js";
import { splitKey } from "../tree/key-path.js";
import { type ContainerNode, cloneNode, DictNode } from "../tree/node.js";
import {
  aliasesNotPrimary,
  mergeFailed,
  schemaMergeFailed,
  schemaWithDefaults,
  searchPathNotPrimary,
} from "./errors.js";
import { SharedContainers } from "./shared-containers.js";

/** Merges the configs of a defaults list into a tree, each under its package. */
export function mergeConfigs(
  root: DictNode,
  list: DefaultsList,
  repository: ConfigRepository,
  warn: (message: string) => void,
): void {
  const typed: string[] = [];
  const shared = new SharedContainers();
  const repeated = repeatedConfigs(list);
  for (const item of list.defaults) {
    const loaded = repository.load(item.configPath)!;
    if (loaded.stored?.struct?.fields.has("defaults") === true) typed.push(item.package);
    const isRepeated = repeated.has(item.configPath);
    const own = contentFor(item, loaded, repository, warn);
    const content = isRepeated ? shared.current(own) : own;
    const tree = embedded(content, item.package);
    if (!item.primary && item.configPath !== "hydra/config" && tree instanceof DictNode) {
      if (select(tree, "hydra.searchpath") !== null)
        throw searchPathNotPrimary(item.configPath, loaded.text?.label);
      if (repository.rules.overrideAliases && select(tree, "hydra.aliases") !== null)
        throw aliasesNotPrimary(`'${item.configPath}'`);
    }
    try {
      mergeWith(root, tree);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw mergeFailed(item.configPath, loaded.text?.label, error);
    }
    if (isRepeated && item.package === "") shared.remember(content, root, own);
  }
  // The defaults list of a structured config is a field of it; what a file wrote there is dropped with it.
  for (const key of typed) {
    const node = key === "" ? root : select(root, key, { throwOnResolutionFailure: false });
    if (node instanceof DictNode) node.remove("defaults");
  }
}

/** Names of the configs that are in the list more than once. */
function repeatedConfigs(list: DefaultsList): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { configPath } of list.defaults) (seen.has(configPath) ? repeated : seen).add(configPath);
  return repeated;
}

function contentFor(
  item: ResolvedDefault,
  loaded: LoadedConfig,
  repository: ConfigRepository,
  warn: (message: string) => void,
): ContainerNode {
  const tree = treeOf(loaded);
  const schema = repository.schemaOf(loaded);
  if (schema === undefined) return tree;
  const name = item.configPath;
  if (
    schema.struct?.fields.has("defaults") ??
    (schema.value instanceof Map && schema.value.has("defaults"))
  ) {
    throw schemaWithDefaults(name);
  }
  warn(schemaWarning(name));
  try {
    if (!item.primary || !(tree instanceof DictNode) || name.startsWith("hydra/"))
      return merge(storedTree(schema), tree);
    // The hydra node of a primary config is not a matter of its schema.
    const copy = cloneNode(tree) as DictNode;
    const hydra = copy.peek("hydra");
    copy.remove("hydra");
    const merged = merge(storedTree(schema), copy);
    if (hydra !== undefined && merged instanceof DictNode) merged.put("hydra", hydra);
    return merged;
  } catch (error) {
    if (error instanceof CompositionError || !(error instanceof ConfigError)) throw error;
    throw schemaMergeFailed(name, error);
  }
}

/** The tree under the keys of its package; a copy, as the tree of a text serves every composition. */
function embedded(tree: ContainerNode, packageName: string): ContainerNode {
  if (packageName === "") return tree;
  const root = new DictNode(undefined);
  let current = root;
  const steps = splitKey(packageName);
  for (const step of steps.slice(0, -1)) {
    const next = new DictNode(step);
    current.put(step, next);
    current = next;
  }
  current.put(steps.at(-1)!, cloneNode(tree));
  return root;
}

function schemaWarning(config: string): string {
  return [
    "",
    `'${config}' is validated against ConfigStore schema with the same name.`,
    "This behavior is deprecated in Hydra 1.1 and will be removed in Hydra 1.2.",
    "See https://hydra.cc/docs/1.2/upgrades/1.0_to_1.1/automatic_schema_matching for migration instructions.",
  ].join("\n");
}
