import type { ContainerNode, DictNode } from "../tree/node.js";
import { parseYaml } from "../yaml/parse.js";
import { update } from "./change.js";
import { type CreateOptions, createTree } from "./create.js";

/** Sets `key=value` texts, each value read as YAML; a key without `=` gets null. */
export function mergeDotlist(target: ContainerNode, dotlist: readonly string[]): void {
  for (const entry of dotlist) {
    const at = entry.indexOf("=");
    if (at < 0) update(target, entry, null);
    else update(target, entry.slice(0, at), parseYaml(entry.slice(at + 1)));
  }
}

/** A tree out of `key=value` texts. */
export function fromDotlist(dotlist: readonly string[], options: CreateOptions = {}): DictNode {
  const target = createTree(new Map(), options);
  mergeDotlist(target, dotlist);
  return target as DictNode;
}
