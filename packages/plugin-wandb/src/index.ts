import { definePlugin, type PluginDefinition } from "@episcope/core";
import { WANDB_OPTIONS_SCHEMA, type WandbOptions } from "./options.js";
import { createWandbSink } from "./sink.js";

export { WANDB_OPTIONS_SCHEMA, type WandbOptions } from "./options.js";
export { type LogRecovery, type RecoverOptions, recoverLog } from "./recover-log.js";
export { wandbDirectories, wandbSyncCommand } from "./run-directory.js";
export type { WandbSink } from "./sink.js";
export { WandbIntegration, type WandbWorld } from "./wandb-integration.js";

const wandb: PluginDefinition<"sink", WandbOptions> = definePlugin({
  kind: "sink",
  name: "wandb",
  options: WANDB_OPTIONS_SCHEMA,
  create: createWandbSink,
});

export default wandb;
