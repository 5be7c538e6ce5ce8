import type { Durability } from "../disk/durability.js";

/** What the `storage` group says of a run's place, names and limits. */
export interface EpisodeConfig {
  readonly base_output_dir: string;
  /** Null: `run_<time>`, made unique. */
  readonly run_name: string | null;
  /** `{timestamp}` stands for the time at which the manager was made, unless the program has replaced it (`stampFormat`). */
  readonly episode_dir_format: string;
  readonly step_file_format: string;
  /** Past it drawing stops and the log goes on. */
  readonly max_episodes_per_run: number;
  /** Name of an entry of `storage.policies`. */
  readonly cleanup_policy: string;
  /** 10^9 bytes, over the directory that holds the run. */
  readonly max_storage_gb: number;
  /** What happens where the run's directory cannot be made: it is made elsewhere (default), or OUTPUT_UNWRITABLE is thrown. */
  readonly on_unwritable?: "fallback" | "fail";
  /** Where to go when `base_output_dir` cannot be written; null: a new folder under the system's temporary one. */
  readonly fallback_dir: string | null;
  readonly durability: Durability;
  /** 10^9 bytes that are left to others; below it nothing is drawn. */
  readonly min_free_gb: number;
}
