import { type ConfigError, configError } from "./errors.js";
import { fullKey } from "./keys.js";
import type { ConfigNode } from "./node.js";

/** Levels of containers that a tree may have, interpolations followed. A deeper one leads back to itself. */
export const MAX_TREE_DEPTH = 400;

export function treeTooDeep(node: ConfigNode): ConfigError {
  const key = fullKey(node).slice(0, 200);
  return configError("CONFIG_DEPTH", `the config is more than ${MAX_TREE_DEPTH} levels deep at '${key}'`, {
    hint: "Look for interpolations that lead back to each other.",
    fields: { key },
  });
}

/** Refuses a container that is too deep to be walked through. */
export function checkDepth(node: ConfigNode): void {
  let depth = 0;
  for (let n: ConfigNode | undefined = node; n !== undefined; n = n.parent) depth += 1;
  if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
}
