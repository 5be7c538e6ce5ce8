import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { ConfigError } from "../tree/errors.js";
import {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  isContainer,
  MISSING,
  ValueNode,
} from "../tree/node.js";
import { setContent, setItem } from "./assign.js";
import { dereference } from "./evaluate.js";

export interface ResolveAllOptions {
  /** Whether a resolver may give a mapping or a list (`oc.decode`, the program's own). Default: false, as in OmegaConf. */
  readonly containers?: boolean;
}

/** Replaces every interpolation by its result, in place. */
export function resolveAll(node: ConfigNode, options: ResolveAllOptions = {}): void {
  resolveBelow(node, options, 1);
}

function resolveBelow(node: ConfigNode, options: ResolveAllOptions, depth: number): void {
  if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
  if (node.isInterpolation) {
    try {
      setContent(node, contentOf(dereference(node, true)));
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code !== "INTERPOLATION_MISSING") throw error;
      setContent(node, MISSING);
    }
  }
  if (!isContainer(node) || node.special !== undefined) return;
  for (const child of [...node.children()]) resolveChild(node, child, options, depth + 1);
}

function resolveChild(
  container: ContainerNode,
  node: ConfigNode,
  options: ResolveAllOptions,
  depth: number,
): void {
  if (!node.isInterpolation) {
    resolveBelow(node, options, depth);
    return;
  }
  let resolved: ConfigNode;
  try {
    resolved = dereference(node, true);
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== "INTERPOLATION_MISSING") throw error;
    setContent(node, MISSING);
    return;
  }
  if (isContainer(resolved)) resolveBelow(resolved, options, depth);
  const content = contentOf(resolved);
  if (options.containers === true && (content instanceof Map || Array.isArray(content))) {
    setItem(container, node.key, content);
    return;
  }
  if (isContainer(resolved) && node instanceof ValueNode) setItem(container, node.key, resolved);
  else setContent(node, content);
}
