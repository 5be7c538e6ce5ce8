import type { JsonSchema } from "@episcope/core";

/**
 * The options of the sink: `logging.wandb`, less the pipeline's own keys (`_target_`, `enabled`, `overflow`). Their
 * defaults stand in `conf/logging/base.yaml`.
 */
export interface WandbConfig {
  /** W&B project; made on upload where it does not exist. */
  readonly project_name: string;
  /** User or team; null = the default of whoever uploads. */
  readonly entity: string | null;
  readonly tags: readonly string[];
  /**
   * A row of step metrics (and the step's picture) every N steps, counted over the run. First, last, submit and key
   * steps always have one. 0 = rows at the end of episodes only.
   */
  readonly log_frequency: number;
  /** `png`: images. `svg`: HTML pages that hold the SVG, W&B having no vector images. */
  readonly image_format: "png" | "svg" | "both";
  /** Pixels, width and height: a larger image is scaled down to fit inside, its aspect kept. */
  readonly max_image_size: readonly [width: number, height: number];
  /** Log the histograms of `metrics` records, as `gradients/<name>`. */
  readonly log_gradients: boolean;
  /** Log `meta.model_topology` of the run's start as the model's graph. */
  readonly log_model_topology: boolean;
  /** True: no connection is ever opened. False: uploaded where a key is found, else kept on disk. */
  readonly offline_mode: boolean;
  /** W&B's group of runs; null: none. */
  readonly group: string | null;
  readonly job_type: string | null;
  readonly notes: string | null;
  /** `auto`: a run that is resumed goes on in its W&B run. `never`: it begins another. */
  readonly resume: "auto" | "never";
  /** CPU and memory of process and machine, every 15 seconds. */
  readonly log_system_metrics: boolean;
  /** Program, installed packages, and commit, `origin` and uncommitted changes of the working directory's git repository. */
  readonly save_code: boolean;
  /** An animated picture per episode; needs the node `visualization.renderers.gif`. */
  readonly log_animation: boolean;
  /** Failed tries of one request after which the log says that the server is away; it is tried for ever. */
  readonly retry_attempts: number;
  /** Seconds before the second try; doubled from try to try up to a minute, and jittered. */
  readonly retry_delay: number;
  /** Seconds that closing the run may take to send what is left. */
  readonly finish_timeout: number;
}

/** Runs that were recorded before these keys were there can still be sent. */
const LATER = {
  group: { type: ["string", "null"], minLength: 1, maxLength: 128, default: null },
  job_type: { type: ["string", "null"], minLength: 1, maxLength: 128, default: null },
  notes: { type: ["string", "null"], default: null },
  resume: { enum: ["auto", "never"], default: "auto" },
  log_system_metrics: { type: "boolean", default: true },
  save_code: { type: "boolean", default: false },
  log_animation: { type: "boolean", default: false },
  retry_attempts: { type: "integer", minimum: 1, default: 3 },
  retry_delay: { type: "number", exclusiveMinimum: 0, maximum: 60, default: 1 },
  finish_timeout: { type: "number", minimum: 0, maximum: 86400, default: 30 },
} as const;

const properties = {
  // W&B's own rules for names.
  project_name: { type: "string", minLength: 1, maxLength: 128, pattern: "^[^/\\\\#?%:]+$" },
  entity: { type: ["string", "null"], minLength: 1 },
  tags: { type: "array", items: { type: "string", minLength: 1, maxLength: 64 }, uniqueItems: true },
  log_frequency: { type: "integer", minimum: 0 },
  image_format: { enum: ["png", "svg", "both"] },
  max_image_size: {
    type: "array",
    items: { type: "integer", minimum: 1 },
    minItems: 2,
    maxItems: 2,
  },
  log_gradients: { type: "boolean" },
  log_model_topology: { type: "boolean" },
  offline_mode: { type: "boolean" },
  ...LATER,
} as const;

export const WANDB_OPTIONS_SCHEMA: JsonSchema = {
  type: "object",
  additionalProperties: false,
  required: Object.keys(properties).filter((key) => !Object.hasOwn(LATER, key)),
  properties,
};
