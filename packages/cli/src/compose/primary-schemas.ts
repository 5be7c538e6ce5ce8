import type { JsonSchema } from "@episcope/core";
import { CONFIG_SCHEMA, type EpiscopeConfig } from "@episcope/core/config";

/** `conf/play.yaml`. */
export interface PlayConfig extends EpiscopeConfig {
  readonly task_dir: string | null;
  readonly episodes: number | null;
  readonly max_steps: number;
  readonly seed: number;
  readonly agent: string;
}

/** `conf/record.yaml`. */
export interface RecordConfig extends EpiscopeConfig {
  readonly input: string;
}

/** What the primary config of a verb must hold; `config` is any other, which must hold the groups. */
export const SCHEMAS: { readonly [verb in "config" | "play" | "record"]: JsonSchema } = {
  config: CONFIG_SCHEMA,
  play: withKeys({
    task_dir: { type: ["string", "null"], minLength: 1 },
    episodes: { type: ["integer", "null"], minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    max_steps: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    seed: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    agent: { type: "string" },
  }),
  record: withKeys({ input: { type: "string", minLength: 1 } }),
};

/** Keys that only some verbs have: a variable of the environment may name one where another verb composes. */
export const VERB_KEYS: ReadonlySet<string> = new Set([
  "task_dir",
  "episodes",
  "max_steps",
  "seed",
  "agent",
  "input",
]);

function withKeys(keys: { readonly [key: string]: JsonSchema }): JsonSchema {
  const { properties, required } = CONFIG_SCHEMA as { properties: object; required: readonly string[] };
  return {
    ...CONFIG_SCHEMA,
    required: [...required, ...Object.keys(keys)],
    properties: { ...properties, ...keys },
  };
}
