import type { JsonSchema } from "@episcope/core";

/** The options of the sink, beside the pipeline's own keys of its node. */
export interface TrackioOptions {
  readonly project: string;
  /** Address of a Trackio server; null: what TRACKIO_SERVER_URL says. A token in it is refused: configs are saved. */
  readonly server: string | null;
  readonly group: string | null;
  /** Numbers and pictures of every N-th step over the run; first, last, submit and key steps always. 0: of episodes only. */
  readonly log_frequency: number;
  /** Pictures of steps and episodes, as PNG. */
  readonly pictures: boolean;
  /** Seconds before the second try of a request; doubled from try to try up to a minute, and jittered. */
  readonly retry_delay: number;
  /** Seconds that closing may take to send what is left. */
  readonly finish_timeout: number;
}

export const TRACKIO_OPTIONS_SCHEMA: JsonSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    project: { type: "string", minLength: 1, pattern: "^[\\w .-]+$", default: "episcope" },
    server: { type: ["string", "null"], pattern: "^https?://[^?#@]+$", default: null },
    group: { type: ["string", "null"], minLength: 1, default: null },
    log_frequency: { type: "integer", minimum: 0, default: 10 },
    pictures: { type: "boolean", default: true },
    retry_delay: { type: "number", exclusiveMinimum: 0, maximum: 60, default: 1 },
    finish_timeout: { type: "number", minimum: 0, maximum: 86400, default: 30 },
  },
};
