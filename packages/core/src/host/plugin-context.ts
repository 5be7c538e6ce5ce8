import type { PluginContext } from "../contract/plugin.js";
import {
  CLOCK,
  FILE_SYSTEM,
  LOGGER,
  RUN_IDENTITY,
  type ServiceToken,
  serviceName,
} from "../contract/services.js";
import type { RunContainer } from "./container.js";

/** What differs between the plugins of a thread. */
export interface PluginContextParts
  extends Pick<PluginContext, "name" | "configKey" | "picture" | "paths" | "hooks" | "resume" | "signal"> {
  /** Where the plugin has a thread of its own: nobody there finds what it provides. */
  readonly isAlone?: boolean;
}

/** What a plugin is given, from the services of its thread. */
export function pluginContext(container: RunContainer, parts: PluginContextParts): PluginContext {
  const { isAlone = false, ...place } = parts;
  const logger = container.resolve(LOGGER);
  const warnOfNobody = (token: ServiceToken<unknown>): void =>
    logger.warn(
      `${parts.configKey} provides the service '${serviceName(token)}' in a thread of its own, where no other plugin finds it. List the token in the plugin's definition: provides: [TOKEN].`,
    );
  return {
    ...place,
    run: container.resolve(RUN_IDENTITY),
    fs: container.resolve(FILE_SYSTEM),
    clock: container.resolve(CLOCK),
    logger,
    resolve: (token, make) => container.resolve(token, make),
    provide: (token, make) => {
      if (isAlone) warnOfNobody(token);
      container.provide(parts.configKey, token, make);
    },
  };
}
