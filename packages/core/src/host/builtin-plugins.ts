import type { PluginEntry, PluginModule } from "./plugin-registry.js";

/** By their modules, so that other threads find them too. */
function ownModule(file: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../plugins/${file}.${extension}`, import.meta.url).href;
}

function policy(name: string, exported: string): PluginModule {
  return {
    kind: "cleanup-policy",
    name,
    module: ownModule("cleanup-policies"),
    export: exported,
    load: () => import("../plugins/cleanup-policies.js"),
  };
}

/** The plugins that come with core; they use the same door as all others. */
export const CORE_PLUGINS: readonly PluginEntry[] = [
  { kind: "format", name: "json", module: ownModule("json"), load: () => import("../plugins/json.js") },
  policy("oldest_first", "oldestFirst"),
  policy("size_based", "sizeBased"),
  policy("manual", "manual"),
];
