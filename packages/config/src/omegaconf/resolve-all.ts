import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { ConfigError } from "../tree/errors.js";
import {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  isContainer,
  isTuple,
  MISSING,
  type RawValue,
  ValueNode,
} from "../tree/node.js";
import { treeRules } from "../tree/tree-rules.js";
import { Tuple } from "../yaml/construct.js";
import { putItem, setContent, setItem } from "./assign.js";
import { dereference } from "./evaluate.js";

export interface ResolveAllOptions {
  /** Whether a resolver may give a mapping or a list (`oc.decode`, the program's own). Default: as OmegaConf, 2.4 does. */
  readonly containers?: boolean;
  /** Whether an interpolation to a missing value becomes `???` (as in OmegaConf 2.3), or is an error (2.4). */
  readonly keepMissing?: boolean;
}

/** Replaces every interpolation by its result, in place. */
export function resolveAll(node: ConfigNode, options: ResolveAllOptions = {}): void {
  const rules = treeRules(node);
  new Resolution(
    options.keepMissing ?? !rules.resolveRaisesMissing,
    options.containers ?? rules.resolvesResults,
  ).below(node, 1);
}

class Resolution {
  readonly #keepMissing: boolean;
  /** Whether containers that resolvers return become containers of the tree. */
  readonly #makesContainers: boolean;

  constructor(keepMissing: boolean, makesContainers: boolean) {
    this.#keepMissing = keepMissing;
    this.#makesContainers = makesContainers;
  }

  below(node: ConfigNode, depth: number): void {
    if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
    if (node.isInterpolation) {
      const resolved = this.#followed(node);
      setContent(node, resolved === undefined ? MISSING : contentOf(resolved));
    }
    if (!isContainer(node) || node.special !== undefined) return;
    for (const child of [...node.children()]) this.#child(node, child, depth + 1);
  }

  /** What an interpolation leads to; undefined for a missing value. */
  #followed(node: ConfigNode): ConfigNode | undefined {
    try {
      return dereference(node, true);
    } catch (error) {
      const isMissing = error instanceof ConfigError && error.code === "INTERPOLATION_MISSING";
      if (!isMissing || !this.#keepMissing) throw error;
      return undefined;
    }
  }

  #child(container: ContainerNode, node: ConfigNode, depth: number): void {
    if (!node.isInterpolation) {
      this.below(node, depth);
      return;
    }
    let resolved = this.#followed(node);
    if (resolved === undefined) {
      setContent(node, MISSING);
      return;
    }
    if (this.#makesContainers && resolved instanceof ValueNode && isContainerData(resolved.value)) {
      // Where the resolver stands, and what refers to it gets a copy.
      const { parent: producer, key } = resolved;
      this.#put(producer!, key!, resolved.value);
      resolved = childAt(producer!, key!);
      this.below(resolved, depth);
      if (producer === container && key === node.key) return;
    }
    if (isContainer(resolved)) this.below(resolved, depth);
    if (isContainer(resolved) && node instanceof ValueNode) {
      this.#put(container, node.key!, resolved);
      // What was a text only there may refer to something here.
      if (this.#makesContainers) this.below(childAt(container, node.key!), depth);
    } else setContent(node, contentOf(resolved));
  }

  #put(container: ContainerNode, key: NonNullable<ConfigNode["key"]>, value: RawValue): void {
    if (isTuple(container)) putItem(container, key, value);
    else setItem(container, key, value);
  }
}

function isContainerData(value: RawValue): boolean {
  return value instanceof Map || Array.isArray(value) || value instanceof Tuple;
}

function childAt(container: ContainerNode, key: unknown): ConfigNode {
  return [...container.children()].find((child) => child.key === key)!;
}
