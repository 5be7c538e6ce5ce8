import type { ContainerNode, DictNode } from "../tree/node.js";
import { treeRules } from "../tree/tree-rules.js";
import type { Rules } from "../version/rules.js";
import { parseYaml } from "../yaml/parse.js";
import { update } from "./change.js";
import { type CreateOptions, createTree } from "./create.js";
import { contextOf } from "./evaluate.js";

/** Sets `key=value` texts, each value read as YAML; a key without `=` gets null. */
export function mergeDotlist(target: ContainerNode, dotlist: readonly string[]): void {
  for (const entry of dotlist) {
    const at = equalSign(entry, treeRules(target));
    if (at < 0) update(target, entry, null);
    else
      update(
        target,
        entry.slice(0, at),
        parseYaml(entry.slice(at + 1), { versionBase: contextOf(target).versionBase ?? "1.3" }),
      );
  }
}

/** Position of the `=`; under 1.4 not of one behind a backslash. */
function equalSign(entry: string, rules: Rules): number {
  if (!rules.keyPathEscapes) return entry.indexOf("=");
  for (let at = 0; at < entry.length; at++) {
    if (entry[at] === "=") return at;
    if (entry[at] === "\\" && ".[]=".includes(entry[at + 1] ?? " ")) at += 1;
  }
  return -1;
}

/** A tree out of `key=value` texts. */
export function fromDotlist(dotlist: readonly string[], options: CreateOptions = {}): DictNode {
  const target = createTree(new Map(), options);
  mergeDotlist(target, dotlist);
  return target as DictNode;
}
