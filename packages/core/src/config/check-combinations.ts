import { relative, resolve } from "node:path";
import { compileNameFormat, stampFormat } from "@episcope/records/store";
import { combinationInvalid, nodeUnknown } from "../contract/errors.js";
import { EPISODE_STEPS, episodeBytes } from "./estimate-bytes.js";
import { type EpiscopeConfig, NO_FORMAT, type PluginNode } from "./types.js";

export interface CombinationFacts {
  /** Absolute; relative directories of the config stand below it. */
  readonly cwd: string;
}

/**
 * Checks what no schema can: keys that contradict each other. Throws an error that names them and the way out; gives
 * warnings back for what works, but hardly as meant.
 */
export function checkCombinations(config: EpiscopeConfig, facts: CombinationFacts): string[] {
  const { storage, visualization, logging } = config;
  compileNameFormat("storage.episode_dir_format", stampFormat(storage.episode_dir_format, 0), "episode");
  compileNameFormat("storage.step_file_format", storage.step_file_format, "step");
  for (const name of visualization.output_formats)
    checkNode(visualization.renderers, name, ["visualization.output_formats", "visualization.renderers"]);
  if (logging.log_format !== NO_FORMAT)
    checkNode(logging.formats, logging.log_format, ["logging.log_format", "logging.formats"]);
  checkNode(storage.policies, storage.cleanup_policy, ["storage.cleanup_policy", "storage.policies"]);
  if (storage.fallback_dir !== null && isInside(storage.fallback_dir, storage.base_output_dir, facts.cwd)) {
    throw combinationInvalid(
      "storage.fallback_dir",
      `'${storage.fallback_dir}' lies inside storage.base_output_dir '${storage.base_output_dir}', so it fails with it`,
      { hint: "Name a directory on another disk, or leave it null." },
    );
  }
  return limitWarnings(config);
}

function checkNode(
  nodes: { readonly [name: string]: PluginNode },
  name: string,
  [key, group]: readonly [key: string, group: string],
): void {
  if (!Object.hasOwn(nodes, name)) throw nodeUnknown(key, name, { group, options: Object.keys(nodes) });
}

function limitWarnings(config: EpiscopeConfig): string[] {
  const { storage, visualization } = config;
  const bytes = episodeBytes(config);
  // A config that nobody has checked yet may hold a bigint here.
  if (Number(storage.max_storage_gb) * 1e9 >= bytes) return [];
  return [
    `storage.max_storage_gb=${storage.max_storage_gb} is less than one episode of ${EPISODE_STEPS} steps takes, about ` +
      `${megabytes(bytes)} MB with visualization.debug_level=${visualization.debug_level} and ` +
      `output_formats=[${visualization.output_formats.join(", ")}]: raise the limit, or draw less.`,
  ];
}

function megabytes(bytes: number): string {
  return bytes >= 10e6 ? String(Math.round(bytes / 1e6)) : (bytes / 1e6).toPrecision(2);
}

function isInside(child: string, parent: string, cwd: string): boolean {
  const path = relative(resolve(cwd, parent), resolve(cwd, child));
  return path === "" || !(path.startsWith("..") || path.startsWith("/"));
}
