import type { PlannedNode } from "../host/plugin-nodes.js";

/** Keys of nodes that decided what sinks see when the run was recorded, and that are not there. */
export function missingFilters(
  planned: readonly PlannedNode[],
  filters: readonly string[],
): readonly string[] {
  return filters.filter((filter) => !planned.some(({ key }) => key === filter));
}
