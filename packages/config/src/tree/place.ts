import type { ConfigKey } from "../scalar/values.js";
import type { ConfigNode } from "./node.js";
import type { OriginPlace } from "./origin.js";

/** Where a node's value came from: copies are followed back to their source, then parents to a known origin. */
export function placeOf(start: ConfigNode): OriginPlace | undefined {
  const path: ConfigKey[] = [];
  let node: ConfigNode | undefined = start;
  while (node !== undefined) {
    if (node.origin !== undefined) return { origin: node.origin, path: path.reverse() };
    if (node.from !== undefined) node = node.from;
    else {
      if (node.key !== undefined) path.push(node.key);
      node = node.parent;
    }
  }
  return undefined;
}
