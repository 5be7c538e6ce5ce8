import nodeFs from "node:fs";
import { types } from "node:util";
import type { Clock, FileSystem } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { isSystemClock } from "./console-logger.js";
import type { PlannedNode } from "./plugin-nodes.js";

/** Where the plugin of a node runs. "main" is the thread of the pipeline, with the reason why it is not a worker. */
export type PluginPlace =
  | { readonly thread: "worker" }
  | { readonly thread: "main"; readonly reason: string };

/** What decides it beside the plugin. */
export interface PlaceWorld {
  readonly config: Pick<EpiscopeConfig, "logging">;
  readonly fs: FileSystem;
  readonly clock: Clock;
}

const WORKER: PluginPlace = { thread: "worker" };

/**
 * Decides where a node's plugin runs. The thread of the pipeline is by default a worker thread too, and the producer's
 * thread with `worker_threads: 0`.
 */
export function placeOf(node: Pick<PlannedNode, "definition" | "address">, world: PlaceWorld): PluginPlace {
  const { kind } = node.definition;
  if (kind === "hooks") return main("it taps the hooks, which fire there");
  if (kind === "cleanup-policy") return main("a policy only plans");
  const reason = threadsRefused(world);
  if (reason !== null) return main(reason);
  if (node.address === null) return main("it stands only in the program's memory; give it as a module");
  // Renderers and formats never ask for the time.
  if (kind === "sink" && !isSystemClock(world.clock)) return main("the clock is the program's own");
  return WORKER;
}

/** Why this run has no worker threads; null if it has. */
export function threadsRefused({ config, fs }: PlaceWorld): string | null {
  if (config.logging.async_logger.worker_threads === 0) return "logging.async_logger.worker_threads is 0";
  return isSystemFiles(fs) ? null : "the file system is the program's own";
}

/** True for `node:fs`, as its default export or as `import * as fs` gives it: what every thread can import for itself. */
export function isSystemFiles(fs: FileSystem): boolean {
  if (fs === nodeFs) return true;
  return types.isModuleNamespaceObject(fs) && (fs as { default?: unknown }).default === nodeFs;
}

function main(reason: string): PluginPlace {
  return { thread: "main", reason };
}
