/**
 * The door for plugin authors: what a plugin is written with, and nothing else. It imports no `node:` module, so that a package whose default
 * export is a plugin can be used in a browser too.
 */

export { EpiscopeError } from "@episcope/errors";
export type { RunHooks } from "./contract/hooks.js";
export {
  definePlugin,
  type JsonSchema,
  type Logger,
  type PluginContext,
  type PluginDefinition,
  type PluginKind,
} from "./contract/plugin.js";
export type {
  Artifact,
  Format,
  HooksPlugin,
  RecordItem,
  Renderer,
  RunIdentity,
  Sink,
  SinkItem,
} from "./contract/roles.js";
export {
  CLOCK,
  EPISODE_MANAGER,
  type EpisodeKeySteps,
  FILE_SYSTEM,
  KEY_STEP_DETECTION,
  type KeyStepDetection,
  LOGGER,
  RUN_IDENTITY,
  type Services,
  type ServiceToken,
  STEP_TRIGGER,
  type StepTrigger,
  serviceToken,
} from "./contract/services.js";
