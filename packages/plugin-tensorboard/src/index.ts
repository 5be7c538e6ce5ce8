import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { TENSORBOARD_OPTIONS_SCHEMA, type TensorboardOptions } from "./options.js";
import { createTensorboardSink } from "./sink.js";

export { TENSORBOARD_OPTIONS_SCHEMA, type TensorboardOptions } from "./options.js";

const tensorboard: PluginDefinition<"sink", TensorboardOptions> = definePlugin({
  kind: "sink",
  name: "tensorboard",
  module: import.meta.url,
  options: TENSORBOARD_OPTIONS_SCHEMA,
  create: createTensorboardSink,
});

export default tensorboard;
