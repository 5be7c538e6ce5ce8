import type { KeyDecision } from "@episcope/config/edit";

/** Keys of JaxARC's groups that stand elsewhere here, or mean what another key says. Sources: its trees of July and August 2025. */
type Renamed = Readonly<Record<string, KeyDecision>>;

const NO_KEY = "no such key";
const note = (text: string): KeyDecision => ({ note: text });
const elsewhere = (key: string): KeyDecision => note(`now ${key}, of another group`);

const VISUALIZATION: Renamed = {
  level: { to: "debug_level" },
  episode_summaries: { to: "summary_picture" },
  save_intermediate_states: { to: "state_dumps" },
  enabled: note("debug_level says it"),
  visualize_episodes: note("summary_picture says it"),
  step_visualizations: note("debug_level says it, or step_pictures"),
  save_raw_states: note("state_dumps says it"),
  log_frequency: note("step_pictures says it"),
  output_dir: elsewhere("storage.base_output_dir"),
  max_storage_gb: elsewhere("storage.max_storage_gb"),
  async_processing: elsewhere("logging.async_logger"),
  episode_management: elsewhere("storage"),
  performance_monitoring: elsewhere("logging.performance_monitor"),
  wandb: elsewhere("logging.wandb"),
};

const ASYNC = ["queue_size", "worker_threads", "batch_size", "flush_interval", "enable_compression"];

const LOGGING: Renamed = {
  // The tree of July sets four nodes at the root from here.
  logging: "each",
  ...Object.fromEntries(
    ["structured_logging", "log_format", "compression", "include_full_states", "log_level"].map((key) => [
      `logging.${key}`,
      { to: key },
    ]),
  ),
  episode: elsewhere("storage"),
  ...Object.fromEntries(ASYNC.map((key) => [key, { to: `async_logger.${key}` }])),
  save_config: note("always saved"),
  "wandb.save_config": note("always saved"),
};

const DEBUG: Renamed = {
  rl_steps_output_dir: elsewhere("storage.base_output_dir"),
  enhanced_visualization: elsewhere("visualization.debug_level"),
};

const TABLES: Readonly<Record<string, Renamed>> = {
  visualization: VISUALIZATION,
  logging: LOGGING,
  storage: {},
  wandb: { save_config: note("always saved") },
  debug: DEBUG,
};

/**
 * What becomes of a key of the ancestor's group.
 * @param known The keys of the group here: "open" below a mapping that may hold any key, "mapping", "value", undefined for none.
 */
export function decideKey(
  group: string,
  key: string,
  isMapping: boolean,
  known: (key: string) => "open" | "mapping" | "value" | undefined,
): KeyDecision {
  const told = TABLES[group]?.[key];
  if (told !== undefined) return told;
  if (key === "defaults" || key.startsWith("defaults.")) return { to: key };
  const kind = known(key);
  if (kind === undefined) return note(NO_KEY);
  return kind === "mapping" && isMapping ? "each" : { to: key };
}

/** Groups of the ancestor whose files are rewritten; others are the environment's, and stay as they are. */
export function isMigrated(group: string): boolean {
  return Object.hasOwn(TABLES, group);
}
