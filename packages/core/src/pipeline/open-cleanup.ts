import type { CleanupPolicy, CleanupStep, InventoryEpisode } from "@episcope/records/store";
import { EpisodeManager } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { isProtected } from "../contract/hooks.js";
import type { PluginContext } from "../contract/plugin.js";
import type { HooksPlugin } from "../contract/roles.js";
import {
  buildNode,
  type NodePlanner,
  type PlannedNode,
  planPolicy,
  planSink,
  sinkNodes,
} from "../host/plugin-nodes.js";
import { type PluginsWithoutRunOptions, pluginsWithoutRun } from "../host/plugins-without-run.js";

/** A cleanup of the runs below `storage.base_output_dir`, planned and not yet done. */
export interface Cleanup {
  /** Absolute path of the directory that holds the runs. */
  readonly base: string;
  readonly steps: readonly CleanupStep[];
  /** Deletes what the plan says; gives the bytes freed. A step that fails is told, and the others go on. */
  apply(onError: (error: unknown, step: CleanupStep) => void): number;
}

/**
 * Plans by `storage.cleanup_policy` what has to go for `storage.max_storage_gb`; nothing is deleted before `apply`. Plugins of the kind
 * `hooks` that the config names are asked what they `protect`; one that cannot be had is an error, for it might.
 */
export async function openCleanup(
  config: EpiscopeConfig,
  options: PluginsWithoutRunOptions,
): Promise<Cleanup> {
  const nowhere = { name: "", dir: "" };
  const { planner, contextOf, hooks, fs, clock, cwd, close } = pluginsWithoutRun(config, nowhere, options);
  const manager = new EpisodeManager(config.storage, { fs, clock, cwd });
  const node = await planPolicy(planner);
  try {
    if (node === null) return { base: manager.baseDir, steps: [], apply: () => 0 };
    const closeHooks = await openHooks(planner, contextOf);
    const policy = await buildNode<CleanupPolicy>(node, contextOf(node));
    const protects = (episode: InventoryEpisode): boolean => isProtected(hooks, episode);
    const steps = manager.planCleanup({ policy, protects });
    await closeHooks();
    return { base: manager.baseDir, steps, apply: (onError) => manager.applyCleanup(steps, onError) };
  } finally {
    await close();
  }
}

/** Builds the plugins that only tap; gives what closes them. */
async function openHooks(
  planner: NodePlanner,
  contextOf: (node: PlannedNode) => PluginContext,
): Promise<() => Promise<void>> {
  const plugins: (HooksPlugin | undefined)[] = [];
  for (const sinkNode of sinkNodes(planner.config)) {
    const node = await planSink(planner, sinkNode);
    if (node?.definition.kind === "hooks")
      plugins.push(await buildNode<HooksPlugin | undefined>(node, contextOf(node)));
  }
  return async () => {
    for (const plugin of plugins) await plugin?.close?.();
  };
}
