import { roleProblem } from "../contract/check-role.js";
import { pluginCreateFailed, pluginInvalid } from "../contract/errors.js";
import type { PluginContext, PluginDefinition, PluginKind, PluginRoles } from "../contract/plugin.js";

export interface PluginToBuild {
  /** Config key of its node. */
  readonly key: string;
  /** Checked. */
  readonly options: Record<string, unknown>;
}

/** Throws PLUGIN_CREATE_FAILED, and PLUGIN_INVALID for one that is not what its kind has to be. */
export async function buildPlugin<Role extends PluginRoles[PluginKind]>(
  definition: PluginDefinition,
  { key, options }: PluginToBuild,
  context: PluginContext,
): Promise<Role> {
  let plugin: unknown;
  try {
    plugin = await definition.create(options, context);
  } catch (cause) {
    throw pluginCreateFailed(key, definition.name, cause);
  }
  const problem = roleProblem(definition.kind, plugin);
  if (problem !== null) throw pluginInvalid(key, `the ${definition.kind} '${definition.name}': ${problem}`);
  return plugin as Role;
}
