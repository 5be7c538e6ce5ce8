import type { EpiscopeConfig } from "../config/types.js";
import { EPISODE_MANAGER, KEY_STEP_DETECTION, rendererToken, STEP_TRIGGER } from "../contract/services.js";
import type { PlannedNodes } from "../host/plugin-nodes.js";
import {
  type PlaceWorld,
  type PluginPlace,
  placeOf,
  program,
  replacedByProgram,
  threadsRefused,
} from "../host/plugin-place.js";
import { moduleOf, type PluginEntry } from "../host/plugin-registry.js";
import { STRUCTURED_LOGGER } from "../log/structured-logger.js";
import { VISUALIZER } from "../output/visualizer.js";

/** Services of the pipeline that a program may replace. */
const SERVICES = [EPISODE_MANAGER, KEY_STEP_DETECTION, STEP_TRIGGER, VISUALIZER, STRUCTURED_LOGGER];

/** Why the pipeline of a run stands in the thread of its program, and how to avoid it. */
export type ProgramsThread = PluginPlace & { readonly thread: "program" };

/**
 * Null if the pipeline may have a thread of its own. What stands only in the program's memory cannot be sent to another thread, and the
 * refusal of a sink is the answer to that very step.
 */
export function programsThreadNeeded(
  { sinks, renderers, format, policy }: PlannedNodes,
  world: PlaceWorld & { readonly config: EpiscopeConfig },
  plugins: readonly PluginEntry[],
): ProgramsThread | null {
  const refused = threadsRefused(world);
  if (refused !== null) return refused;
  const { config, container } = world;
  if (!config.logging.structured_logging)
    return program("no journal is kept (logging.structured_logging is false)", null);
  for (const node of [...sinks, ...renderers, format, policy]) {
    if (node === null) continue;
    const place = placeOf(node, world);
    if (place.thread === "program") return { ...place, reason: `${node.key}: ${place.reason}` };
    if (node.overflow === "error") return program(`${node.key}: its overflow policy answers the step`, null);
  }
  const replaced = SERVICES.find((token) => container.isProgramsOwn(token));
  if (replaced !== undefined) return replacedByProgram(replaced);
  // A sink may want pictures of a renderer that nobody else uses.
  const own = Object.keys(config.visualization.renderers).find((name) =>
    container.isProgramsOwn(rendererToken(name)),
  );
  if (own !== undefined) return replacedByProgram(rendererToken(own));
  const inMemory = plugins.find((plugin) => plugin.kind === "renderer" && moduleOf(plugin) === null);
  return inMemory === undefined
    ? null
    : program(
        `the renderer '${inMemory.name}' stands only in the program's memory`,
        "Say where it stands: definePlugin({ module: import.meta.url, … }) in a file that exports it.",
      );
}
