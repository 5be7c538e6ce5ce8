/** The config tree without the pipeline: what a program needs that composes and checks configs, and opens no run. */

export { checkCombinations } from "./config/check-combinations.js";
export { checkConfig } from "./config/check-config.js";
export { type DebugConfig, debugConfigToOverrides } from "./config/debug-config.js";
export { presetDirectory } from "./config/preset-directory.js";
export { CONFIG_SCHEMA } from "./config/schema.js";
export type {
  AsyncLoggerConfig,
  EpiscopeConfig,
  LoggingConfig,
  OverflowPolicy,
  PluginNode,
  StorageConfig,
  VisualizationConfig,
} from "./config/types.js";
export {
  type ConfigLock,
  type LockCommand,
  lockFileOf,
  lockText,
  lockValues,
  makeLock,
  readLock,
  stampByLock,
} from "./run/lock-file.js";
