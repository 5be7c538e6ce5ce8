import { manual, oldestFirst, sizeBased } from "../plugins/cleanup-policies.js";
import type { PluginEntry, PluginModule } from "./plugin-registry.js";

/** By its module, so that a worker can export in it. */
const JSON_FORMAT: PluginModule = {
  kind: "format",
  name: "json",
  module: new URL(
    import.meta.url.endsWith(".ts") ? "../plugins/json.ts" : "../plugins/json.js",
    import.meta.url,
  ).href,
  load: () => import("../plugins/json.js"),
};

/** The plugins that come with core; they use the same door as all others. */
export const CORE_PLUGINS: readonly PluginEntry[] = [JSON_FORMAT, oldestFirst, sizeBased, manual];
