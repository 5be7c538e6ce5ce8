import type { ContainerNode } from "../tree/node.js";

/** Trees of composed configs by the frozen data that was made of them, so that plain data still knows its places. */
const trees = new WeakMap<object, () => ContainerNode>();

/** @param tree Called when a place is asked for, not before. */
export function rememberTree(config: object, tree: () => ContainerNode): void {
  trees.set(config, tree);
}

/** The tree that a config was made of; undefined for data that no composition handed out. */
export function treeOf(config: object): ContainerNode | undefined {
  return trees.get(config)?.();
}
