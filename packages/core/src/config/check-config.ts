import { configInvalid, validateConfig } from "@episcope/config";
import { VALIDATORS } from "./config-validators.js";
import { CONFIG_SCHEMA } from "./schema.js";
import type { EpiscopeConfig } from "./types.js";
import { wholeNumbers } from "./whole-numbers.js";

/**
 * Throws CONFIG_INVALID with all problems, or gives the config back with its type. A problem of a composition's `config`
 * names the file and line, or the override, that it was written in.
 */
export function checkConfig(config: unknown): EpiscopeConfig {
  const taken = wholeNumbers(config, CONFIG_SCHEMA);
  const problems = validateConfig(CONFIG_SCHEMA, Object(taken) as object, { compiled: VALIDATORS["config"] });
  if (problems.length > 0) throw configInvalid(problems);
  return taken as EpiscopeConfig;
}
