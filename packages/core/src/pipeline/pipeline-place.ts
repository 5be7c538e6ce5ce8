import { rendererToken } from "../host/container.js";
import type { NodePlanner, PlannedNodes } from "../host/plugin-nodes.js";
import { type PlaceWorld, placeOf, threadsRefused } from "../host/plugin-place.js";
import { isModule, type PluginEntry } from "../host/plugin-registry.js";

/**
 * Why the pipeline of a run stands in the thread of its producer; null if it may have a thread of its own. A closure
 * cannot be sent to another thread, taps run where the step is taken, and the refusal of a sink is the answer to that very
 * step.
 */
export function producersThreadNeeded(
  { config, container }: NodePlanner,
  { sinks, renderers, format, policy }: PlannedNodes,
  world: PlaceWorld,
  plugins: readonly PluginEntry[],
): string | null {
  const refused = threadsRefused(world);
  if (refused !== null) return refused;
  if (!config.logging.structured_logging) return "no journal is kept";
  for (const node of [...sinks, ...renderers, format]) {
    if (node === null) continue;
    const place = placeOf(node, world);
    if (place.thread === "main") return `${node.key}: ${place.reason}`;
    if (node.overflow === "error") return `${node.key}: its overflow policy answers the step`;
  }
  if (policy?.address === null) return `${policy.key}: it stands only in the program's memory`;
  // A sink may want pictures of a renderer that nobody else uses.
  const isOwn = (name: string): boolean => container.has(rendererToken(name));
  if (Object.keys(config.visualization.renderers).some(isOwn)) return "a renderer is the program's own";
  return plugins.some((plugin) => plugin.kind === "renderer" && !isModule(plugin))
    ? "a renderer stands only in the program's memory"
    : null;
}
