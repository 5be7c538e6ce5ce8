import { schemaProblems } from "../config/check-config.js";
import type { OverflowPolicy, PluginNode } from "../config/types.js";
import { pluginOptionsInvalid } from "../contract/errors.js";
import type { PluginDefinition } from "../contract/plugin.js";

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

/**
 * Checks a node's options by the plugin's schema and fills its defaults in. A plugin without a schema takes no
 * options. `extra` holds settings of the group that a plugin gets if its schema knows them and the node is silent.
 */
export function checkOptions(
  configKey: string,
  definition: PluginDefinition,
  options: Record<string, unknown>,
  extra: Record<string, unknown> = {},
): Record<string, unknown> {
  const schema = definition.options ?? { type: "object", additionalProperties: false, properties: {} };
  const known = (schema["properties"] ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(extra)) {
    if (Object.hasOwn(known, name) && !Object.hasOwn(options, name)) options[name] = value;
  }
  const problems = schemaProblems(schema, options, configKey, true);
  if (problems.length > 0)
    throw pluginOptionsInvalid(
      configKey,
      definition.name,
      problems.map((text) => text.replace(`${configKey}.`, "")),
    );
  return options;
}
