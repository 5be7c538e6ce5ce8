import type { JsonSchema } from "../contract/plugin.js";
import { withinDoubles } from "./whole-numbers.js";

const positive = { type: "integer", minimum: 1 } as const;
const seconds = { type: "number", exclusiveMinimum: 0 } as const;
const text = { type: "string", minLength: 1 } as const;

function object(properties: JsonSchema): JsonSchema {
  return { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
}

export const OVERFLOW_POLICIES = [
  "catch_up",
  "block",
  "drop_oldest",
  "drop_newest",
  "drop_low_priority",
  "sample",
  "error",
] as const;

/** The pipeline's own keys of a plugin's node; the others are options that the plugin's schema checks. */
const NODE_KEYS: JsonSchema = {
  _target_: text,
  enabled: { type: "boolean" },
  overflow: { enum: OVERFLOW_POLICIES },
};

const pluginNodes: JsonSchema = {
  type: "object",
  additionalProperties: { type: "object", required: ["_target_"], properties: NODE_KEYS },
};

export const VISUALIZATION_SCHEMA: JsonSchema = object({
  debug_level: { enum: ["off", "minimal", "standard", "verbose", "full"] },
  output_formats: { type: "array", items: text, uniqueItems: true },
  image_quality: { enum: ["low", "medium", "high"] },
  show_coordinates: { type: "boolean" },
  show_operation_names: { type: "boolean" },
  highlight_changes: { type: "boolean" },
  include_metrics: { type: "boolean" },
  color_scheme: { enum: ["default", "colorblind", "high_contrast"] },
  step_pictures: { enum: ["auto", "none", "key", "all"] },
  summary_picture: { enum: ["auto", true, false] },
  state_dumps: { enum: ["auto", true, false] },
  renderers: pluginNodes,
});

const ASYNC_LOGGER_SCHEMA: JsonSchema = object({
  queue_size: positive,
  queue_bytes: positive,
  worker_threads: { type: "integer", minimum: 0, maximum: 64 },
  batch_size: positive,
  flush_interval: seconds,
  enable_compression: { type: "boolean" },
  shutdown_timeout: seconds,
  worker_timeout: seconds,
});

/** Beside a group's own keys: a node that names its plugin, and nothing else. */
const sinkNode: JsonSchema = {
  if: { type: "object", required: ["_target_"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { type: "object", properties: NODE_KEYS },
  else: false,
};

export const LOGGING_SCHEMA: JsonSchema = {
  ...object({
    structured_logging: { type: "boolean" },
    log_format: text,
    compression: { type: "boolean" },
    include_full_states: { type: "boolean" },
    log_level: { enum: ["DEBUG", "INFO", "WARNING", "ERROR"] },
    formats: pluginNodes,
    async_logger: ASYNC_LOGGER_SCHEMA,
    performance_monitor: object({
      target_overhead: { type: ["number", "null"], exclusiveMinimum: 0, maximum: 1 },
    }),
    sinks: pluginNodes,
  }),
  additionalProperties: sinkNode,
};

export const STORAGE_SCHEMA: JsonSchema = object({
  base_output_dir: text,
  run_name: { type: ["string", "null"] },
  episode_dir_format: text,
  step_file_format: text,
  max_episodes_per_run: positive,
  cleanup_policy: text,
  max_storage_gb: { type: "number", exclusiveMinimum: 0 },
  policies: pluginNodes,
  on_unwritable: { enum: ["fallback", "fail"] },
  fallback_dir: { type: ["string", "null"], minLength: 1 },
  durability: { enum: ["process", "group", "step"] },
  min_free_gb: { type: "number", minimum: 0 },
});

/** Of the whole config. Other top-level keys belong to the program: `hydra` and a verb's own. */
export const CONFIG_SCHEMA: JsonSchema = withinDoubles({
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "EpiscopeConfig",
  type: "object",
  required: ["visualization", "logging", "storage"],
  properties: { visualization: VISUALIZATION_SCHEMA, logging: LOGGING_SCHEMA, storage: STORAGE_SCHEMA },
});
