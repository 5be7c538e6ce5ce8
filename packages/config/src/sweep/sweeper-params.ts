import { selectNode } from "../omegaconf/access.js";
import { toData } from "../omegaconf/output.js";
import { resolveAll } from "../omegaconf/resolve-all.js";
import { missingValue } from "../tree/child.js";
import { contentOf, DictNode, ListNode } from "../tree/node.js";
import { formatRaw } from "../tree/repr.js";

/**
 * `hydra.sweeper.params` as overrides. A value that is no text is written as Python's `str()` writes it, as the basic
 * sweeper does: the list `[1, a b]` becomes `[1, 'a b']`, null `None`.
 * @throws ConfigError VALUE_MISSING where a value is `???`.
 */
export function sweeperParams(tree: DictNode): string[] {
  const node = selectNode(tree, "hydra.sweeper.params");
  if (!(node instanceof DictNode) || node.special !== undefined) return [];
  resolveAll(node);
  const params: string[] = [];
  for (const child of node.children()) {
    if (child.isMissing) throw missingValue(node, child.key);
    if (child instanceof ListNode) toData(child, { throwOnMissing: true });
    params.push(`${formatRaw(child.key!)}=${formatRaw(contentOf(child))}`);
  }
  return params;
}
