import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { HTTP_TRANSPORT } from "@episcope/tracker";
import { uploadWarning } from "./estimate-upload.js";
import { WANDB_OPTIONS_SCHEMA, type WandbConfig } from "./run/options.js";
import { createWandbSink } from "./sink.js";

export { exportRemainder, type Remainder, type RemainderOptions } from "./export-remainder.js";
export { type LogRecovery, type RecoverOptions, recoverLog } from "./format/recover-log.js";
export { WANDB_OPTIONS_SCHEMA, type WandbConfig } from "./run/options.js";
export { wandbDirectories, wandbSyncCommand } from "./run/run-directory.js";
export type { WandbSink } from "./sink.js";
export { type SyncOptions, type SyncReport, syncWandbDirectory } from "./sync.js";
export { WandbIntegration, type WandbWorld } from "./wandb-integration.js";

const wandb: PluginDefinition<"sink", WandbConfig> = definePlugin({
  kind: "sink",
  name: "wandb",
  module: import.meta.url,
  needs: [HTTP_TRANSPORT],
  options: WANDB_OPTIONS_SCHEMA,
  readsConsole: true,
  check: (options) => {
    const warning = uploadWarning(options);
    return warning === null ? [] : [warning];
  },
  create: (options, context) => createWandbSink(options, context),
});

export default wandb;
