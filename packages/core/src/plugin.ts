/** The contract of plugins alone: a plugin that imports it from here loads nothing of the pipeline. */

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
