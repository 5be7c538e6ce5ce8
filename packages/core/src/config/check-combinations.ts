import { relative, resolve } from "node:path";
import { compileNameFormat } from "../episode/name-format.js";
import { combinationInvalid, nodeUnknown } from "../pipeline/errors.js";
import type { EpiscopeConfig } from "./types.js";

export interface CombinationFacts {
  /** Absolute; relative directories of the config stand below it. */
  readonly cwd: string;
}

/** Bytes of a step picture as measured, for the estimate of an upload. */
const PICTURE_BYTES = { png: 5_000, svg: 2_500, both: 7_500 } as const;
const ASSUMED_STEPS_PER_SECOND = 1_000;

/**
 * Checks what no schema can: keys that contradict each other. Throws the first error; gives warnings back, each
 * naming its keys and the way out.
 */
export function checkCombinations(config: EpiscopeConfig, facts: CombinationFacts): string[] {
  const { storage, visualization, logging } = config;
  compileNameFormat("storage.episode_dir_format", storage.episode_dir_format, "episode");
  compileNameFormat("storage.step_file_format", storage.step_file_format, "step");
  for (const name of visualization.output_formats) {
    if (!Object.hasOwn(visualization.renderers, name)) {
      throw nodeUnknown(
        "visualization.output_formats",
        name,
        "visualization.renderers",
        Object.keys(visualization.renderers),
      );
    }
  }
  if (!Object.hasOwn(logging.formats, logging.log_format)) {
    throw nodeUnknown(
      "logging.log_format",
      logging.log_format,
      "logging.formats",
      Object.keys(logging.formats),
    );
  }
  if (!Object.hasOwn(storage.policies, storage.cleanup_policy)) {
    throw nodeUnknown(
      "storage.cleanup_policy",
      storage.cleanup_policy,
      "storage.policies",
      Object.keys(storage.policies),
    );
  }
  if (storage.fallback_dir !== null && isInside(storage.fallback_dir, storage.base_output_dir, facts.cwd)) {
    throw combinationInvalid(
      "storage.fallback_dir",
      `'${storage.fallback_dir}' lies inside storage.base_output_dir '${storage.base_output_dir}', so it fails with it`,
      "Name a directory on another disk, or leave it null.",
    );
  }
  return uploadWarnings(config);
}

function uploadWarnings({ logging }: EpiscopeConfig): string[] {
  const { wandb } = logging;
  if (!wandb.enabled || wandb.offline_mode || wandb.log_frequency === 0) return [];
  const scale = (wandb.max_image_size[0] * wandb.max_image_size[1]) / (800 * 600);
  const pictures = (ASSUMED_STEPS_PER_SECOND * 60) / wandb.log_frequency;
  const megabytes = (pictures * PICTURE_BYTES[wandb.image_format] * scale) / 1e6;
  if (megabytes <= 50) return [];
  return [
    `logging.wandb.log_frequency=${wandb.log_frequency} with image_format=${wandb.image_format} uploads about ` +
      `${Math.round(megabytes)} MB a minute at ${ASSUMED_STEPS_PER_SECOND} steps a second; raise log_frequency or ` +
      "set logging.wandb.offline_mode=true.",
  ];
}

function isInside(child: string, parent: string, cwd: string): boolean {
  const path = relative(resolve(cwd, parent), resolve(cwd, child));
  return path === "" || !(path.startsWith("..") || path.startsWith("/"));
}
