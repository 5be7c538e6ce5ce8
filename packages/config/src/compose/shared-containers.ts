import { type ConfigNode, type ContainerNode, cloneNode, DictNode, isContainer } from "../tree/node.js";

/**
 * What Hydra 1.3 does with a config that is composed more than once: the first time it goes to the root, its
 * containers become part of the result, and what is merged into them afterwards shows when the config is composed
 * again. (Each config is loaded once, and its nodes are not copied.)
 */
export class SharedContainers {
  readonly #shared = new Map<ConfigNode, ConfigNode>();

  /**
   * Remembers which containers the result took over as new; call it right after merging. `merged` is what was
   * merged: `config`, or a copy of it.
   */
  remember(merged: ConfigNode, result: ConfigNode, config: ConfigNode): void {
    if (!(merged instanceof DictNode) || !(result instanceof DictNode) || !(config instanceof DictNode))
      return;
    for (const [id, child] of merged.items) {
      const there = result.items.get(id);
      const original = config.items.get(id);
      if (!isContainer(child) || there === undefined || original === undefined) continue;
      if (there.from === child) this.#shared.set(original, there);
      else this.remember(child, there, original);
    }
  }

  /** The content of a config as it is now, what it shares with the result included. */
  current(config: ContainerNode): ContainerNode {
    const copy = cloneNode(config) as ContainerNode;
    this.#replace(copy, config);
    return copy;
  }

  #replace(copy: ConfigNode, config: ConfigNode): void {
    if (!(config instanceof DictNode) || !(copy instanceof DictNode)) return;
    for (const [id, child] of config.items) {
      const shared = this.#shared.get(child);
      if (shared === undefined) this.#replace(copy.items.get(id)!, child);
      else copy.put(child.key!, cloneNode(shared));
    }
  }
}
