import type { JsonSchema } from "@episcope/core";

/** The options of the sink, beside the pipeline's own keys of its node. */
export interface TensorboardOptions {
  /** Folder of the event files, relative to the run directory. */
  readonly folder: string;
  /** Numbers and pictures of every N-th step over the run; first, last, submit and key steps always. 0: of episodes only. */
  readonly log_frequency: number;
  /** Pictures of steps and episodes, as PNG. */
  readonly pictures: boolean;
}

export const TENSORBOARD_OPTIONS_SCHEMA: JsonSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    folder: { type: "string", minLength: 1, pattern: "^(?!/)(?!.*\\.\\.)", default: "tensorboard" },
    log_frequency: { type: "integer", minimum: 0, default: 10 },
    pictures: { type: "boolean", default: true },
  },
};
