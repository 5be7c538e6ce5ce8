import type { CleanupPolicy, CleanupStep } from "@episcope/records/store";
import { EpisodeManager } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { buildNode, planPolicy } from "../host/plugin-nodes.js";
import { type PluginsWithoutRunOptions, pluginsWithoutRun } from "../host/plugins-without-run.js";

/** A cleanup of the runs below `storage.base_output_dir`, planned and not yet done. */
export interface Cleanup {
  /** Absolute path of the directory that holds the runs. */
  readonly base: string;
  readonly steps: readonly CleanupStep[];
  /** Deletes what the plan says; gives the bytes freed. A step that fails is told, and the others go on. */
  apply(onError: (error: unknown, step: CleanupStep) => void): number;
}

/** Plans by `storage.cleanup_policy` what has to go for `storage.max_storage_gb`; nothing is deleted before `apply`. */
export async function openCleanup(
  config: EpiscopeConfig,
  options: PluginsWithoutRunOptions,
): Promise<Cleanup> {
  const { planner, contextOf, fs, clock, cwd } = pluginsWithoutRun(config, { name: "", dir: "" }, options);
  const manager = new EpisodeManager(config.storage, { fs, clock, cwd });
  const node = await planPolicy(planner);
  const policy = node === null ? null : await buildNode<CleanupPolicy>(node, contextOf(node));
  const steps = policy === null ? [] : manager.planCleanup(policy);
  return { base: manager.baseDir, steps, apply: (onError) => manager.cleanupOldData(steps, onError) };
}
