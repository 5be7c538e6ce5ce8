import { type Rules, rulesOf } from "../version/rules.js";
import { type ConfigNode, rootOf } from "./node.js";

/** The rules that the tree of a node follows. */
export function treeRules(node: ConfigNode): Rules {
  return rulesOf(rootOf(node).context?.versionBase);
}
