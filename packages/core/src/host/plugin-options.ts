import { validateConfig } from "@episcope/config";
import type { EpiscopeConfig, OverflowPolicy, PluginNode } from "../config/types.js";
import { pluginOptionsInvalid } from "../contract/errors.js";
import type { JsonSchema, PluginDefinition } from "../contract/plugin.js";

/** A node of the config, taken apart. */
export interface NodeParts {
  readonly target: string;
  readonly enabled: boolean;
  /** Undefined: the default of the place. */
  readonly overflow: OverflowPolicy | undefined;
  /** The plugin's own; a fresh copy. */
  readonly options: Record<string, unknown>;
}

/** Takes the pipeline's own keys off a node. */
export function splitNode(node: PluginNode): NodeParts {
  const { _target_: target, enabled = true, overflow, ...options } = node;
  return { target, enabled, overflow, options: structuredClone(options) };
}

const NO_OPTIONS: JsonSchema = { type: "object", additionalProperties: false, properties: {} };

/** The options of a node, as they were given. */
export interface GivenOptions {
  /** Of the node. */
  readonly key: string;
  readonly options: Record<string, unknown>;
  readonly extra?: Record<string, unknown>;
}

/**
 * Checks a node's options by the plugin's schema and fills its defaults in. A plugin without a schema takes no
 * options. `extra` holds settings of the group that a plugin gets if its schema knows them and the node is silent.
 */
export function checkOptions(
  { key, options, extra = {} }: GivenOptions,
  definition: PluginDefinition,
  config: EpiscopeConfig,
): Record<string, unknown> {
  const schema = definition.options ?? NO_OPTIONS;
  const known = (schema["properties"] ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(extra)) {
    if (Object.hasOwn(known, name) && !Object.hasOwn(options, name)) options[name] = value;
  }
  const problems = validateConfig(schema, options, { whole: config, at: key, fillDefaults: true });
  if (problems.length > 0) throw pluginOptionsInvalid(key, definition.name, problems);
  return options;
}
