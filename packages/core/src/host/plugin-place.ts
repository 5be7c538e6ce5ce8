import nodeFs from "node:fs";
import { types } from "node:util";
import type { Clock, FileSystem } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { type ServiceToken, serviceName } from "../contract/services.js";
import { isSystemClock } from "./console-logger.js";
import type { RunContainer } from "./container.js";
import type { PlannedNode } from "./plugin-nodes.js";

/**
 * Where the plugin of a node runs: in a worker thread, in that of the pipeline, or in the program's own, which then has the pipeline
 * too; with the reason why it has no thread of its own.
 */
export type PluginPlace =
  | { readonly thread: "worker" }
  | { readonly thread: "pipeline"; readonly reason: string }
  | {
      readonly thread: "program";
      readonly reason: string;
      /** How to have it elsewhere; null where the config asks for it. */
      readonly hint: string | null;
    };

/** What decides it beside the plugin. */
export interface PlaceWorld {
  readonly config: Pick<EpiscopeConfig, "logging">;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly container: RunContainer;
  /** Services that plugins provide to others, with the keys of those plugins' nodes. */
  readonly providers: ReadonlyMap<ServiceToken<unknown>, string>;
}

const WORKER: PluginPlace = { thread: "worker" };
const NAME_MODULE =
  "Say where it stands: definePlugin({ module: import.meta.url, … }) in a file that exports it.";
const REPLACE_IN_PLUGIN =
  "A plugin of the kind 'hooks' in a file of its own can replace a service too, by context.provide, and leaves the threads as they are.";

/** Decides where a node's plugin runs. */
export function placeOf(
  node: Pick<PlannedNode, "definition" | "address" | "token">,
  world: PlaceWorld,
): PluginPlace {
  const { kind, needs = [], provides = [] } = node.definition;
  const refused = threadsRefused(world);
  if (refused !== null) return refused;
  if (world.container.isProgramsOwn(node.token)) return replacedByProgram(node.token);
  if (node.address === null) return program("it stands only in the program's memory", NAME_MODULE);
  const own = needs.find((token) => world.container.isProgramsOwn(token));
  if (own !== undefined)
    return program(
      `it needs the service '${serviceName(own)}', which is the program's own`,
      REPLACE_IN_PLUGIN,
    );
  if (kind === "hooks") return pipeline("it taps the hooks, which fire there");
  if (kind === "cleanup-policy") return pipeline("a policy only plans");
  if (provides.length > 0) return pipeline(`it provides '${serviceName(provides[0]!)}' to other plugins`);
  const shared = needs.find((token) => world.providers.has(token));
  if (shared !== undefined)
    return pipeline(`it needs the service '${serviceName(shared)}' of ${world.providers.get(shared)}`);
  // Renderers and formats never ask for the time.
  if (kind === "sink" && !isSystemClock(world.clock)) return program("the clock is the program's own", null);
  return WORKER;
}

/** Why this run has no worker threads; null if it has. */
export function threadsRefused({
  config,
  fs,
}: Pick<PlaceWorld, "config" | "fs">): (PluginPlace & { readonly thread: "program" }) | null {
  if (config.logging.async_logger.worker_threads === 0)
    return program("logging.async_logger.worker_threads is 0", null);
  return isSystemFiles(fs) ? null : program("the file system is the program's own", null);
}

/** True for `node:fs`, as its default export or as `import * as fs` gives it: what every thread can import for itself. */
export function isSystemFiles(fs: FileSystem): boolean {
  if (fs === nodeFs) return true;
  return types.isModuleNamespaceObject(fs) && (fs as { default?: unknown }).default === nodeFs;
}

export function program(reason: string, hint: string | null): PluginPlace & { readonly thread: "program" } {
  return { thread: "program", reason, hint };
}

/** How a service of the run can be replaced without keeping the pipeline in the program's thread. */
export function replacedByProgram(
  token: ServiceToken<unknown>,
): PluginPlace & { readonly thread: "program" } {
  return program(`the program replaces the service '${serviceName(token)}'`, REPLACE_IN_PLUGIN);
}

function pipeline(reason: string): PluginPlace {
  return { thread: "pipeline", reason };
}
