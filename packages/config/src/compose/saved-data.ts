import { dereference } from "../omegaconf/evaluate.js";
import { plainValue } from "../omegaconf/output.js";
import { treeOf } from "../schema/composed-trees.js";
import type { Resolver, TreeContext } from "../tree/context.js";
import {
  type ConfigNode,
  type ContainerNode,
  cloneNode,
  contentOf,
  isContainer,
  isList,
  ValueNode,
} from "../tree/node.js";
import { formatRaw } from "../tree/repr.js";
import { placeOfNode } from "./explain.js";

/**
 * What of a composed config may be kept: see `savedDataOfTree`. `config` is the object that `composition.config` gave; undefined
 * for any other data, which is kept as it is.
 */
export function savedData(config: object): Record<string, unknown> | undefined {
  const tree = treeOf(config);
  return tree === undefined ? undefined : savedDataOfTree(tree);
}

/**
 * A composed config as data that may be kept: resolved, but for values that come from the environment (`${oc.env:…}`) or are
 * secret (`${secret:…}`), by whatever way; in their place stands the interpolation, as it was written. What cannot be
 * resolved stands as it was written too. The keys are texts, Hydra's node is left out.
 */
export function savedDataOfTree(tree: ContainerNode): Record<string, unknown> {
  const copy = cloneNode(tree) as ContainerNode;
  tree.cache ??= new Map();
  copy.cache = tree.cache;
  const watch: Watch = { isTouched: false, isSecret: false };
  if (tree.context !== undefined) copy.context = watched(tree.context, watch);
  const data = collect(copy, watch) as Record<string, unknown>;
  const { hydra: _hydra, ...own } = data;
  return own;
}

/**
 * Where each value of a composed config came from, by dotted key: `storage/base.yaml:9`, `override a=1`, the name of a
 * schema. A list is one value. `config` as for `savedData`; empty for data that no composition gave.
 */
export function savedOrigins(config: object): { readonly [key: string]: string } {
  const tree = treeOf(config);
  const origins: Record<string, string> = {};
  if (tree === undefined) return origins;
  const visit = (node: ContainerNode, key: string): void => {
    for (const child of node.children()) {
      const name = String(child.key);
      if (key === "" && name === "hydra") continue;
      const below = key === "" ? name : `${key}.${name}`;
      const isMapping = isContainer(child) && !isList(child) && child.special === undefined;
      if (isMapping && [...child.children()].length > 0) visit(child, below);
      else origins[below] = placeOfNode(child);
    }
  };
  visit(tree, "");
  return origins;
}

function collect(node: ConfigNode, watch: Watch): unknown {
  if (node.isMissing) return "???";
  if (node.isInterpolation) return resolved(node, watch);
  if (!isContainer(node)) return plainValue(contentOf(node));
  if (node.special === null) return null;
  if (isList(node)) return [...node.children()].map((child) => collect(child, watch));
  return Object.fromEntries([...node.children()].map((child) => [String(child.key), collect(child, watch)]));
}

function resolved(node: ConfigNode, watch: Watch): unknown {
  const written = formatRaw((node as { readonly value?: unknown }).value as string);
  watch.isTouched = false;
  try {
    const value = plainValue(contentOf(dereference(node, true)));
    // A text that itself looks like an interpolation would be resolved once more where the config is read again.
    return watch.isTouched || holdsInterpolation(value) ? written : value;
  } catch {
    return written;
  }
}

function holdsInterpolation(value: unknown): boolean {
  if (typeof value === "string") return value.includes("${");
  return typeof value === "object" && value !== null && Object.values(value).some(holdsInterpolation);
}

/** What stands in the place of a secret where a config is shown. */
const MASK = "***";

/**
 * Puts a mask in the place of every value of a tree that a secret is part of, by whatever way. What cannot be resolved stays.
 * @param tree A copy of nobody else's: it is changed.
 */
export function maskSecrets(tree: ContainerNode): void {
  for (const node of secretNodes(tree)) node.value = MASK;
}

/** The values of a tree that a secret is part of; those that cannot be resolved are not among them. */
export function secretNodes(tree: ContainerNode): ReadonlySet<ValueNode> {
  const found = new Set<ValueNode>();
  const { context } = tree;
  if (!holdsSecrets(context)) return found;
  const watch: Watch = { isTouched: false, isSecret: false };
  const visit = (node: ConfigNode): void => {
    if (isContainer(node)) {
      for (const child of node.children()) visit(child);
    } else if (node instanceof ValueNode && node.isInterpolation) {
      watch.isSecret = false;
      try {
        // Not what is in a container that it leads to, which has values of its own.
        dereference(node, true);
      } catch {
        // Who prints it says what is wrong.
        return;
      }
      if (watch.isSecret) found.add(node);
    }
  };
  tree.context = watched(context!, watch);
  try {
    visit(tree);
  } finally {
    tree.context = context;
  }
  return found;
}

/** Whether there is a resolver of secrets. */
export function holdsSecrets(context: TreeContext | undefined): boolean {
  return context !== undefined && [...context.resolvers.values()].some(({ secret }) => secret === true);
}

/** What the resolving of a value has looked at. */
interface Watch {
  /** The environment, or a secret. */
  isTouched: boolean;
  isSecret: boolean;
}

/** The same world, which tells of each look at the environment and of each secret. */
function watched(context: TreeContext, watch: Watch): TreeContext {
  const environment = new Map(context.environment);
  environment.get = (name) => {
    watch.isTouched = true;
    return context.environment.get(name);
  };
  const resolvers = new Map<string, Resolver>();
  for (const [name, resolver] of context.resolvers) {
    resolvers.set(
      name,
      resolver.secret === true
        ? {
            ...resolver,
            resolve(call) {
              watch.isTouched = true;
              watch.isSecret = true;
              return resolver.resolve(call);
            },
          }
        : resolver,
    );
  }
  return { ...context, environment, resolvers };
}
