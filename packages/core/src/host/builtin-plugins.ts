import type { PluginKind } from "../contract/plugin.js";
import type { PluginEntry, PluginModule } from "./plugin-registry.js";

/** By their modules, so that other threads find them too. */
function ownModule(kind: PluginKind, name: string, file: string, exported = "default"): PluginModule {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return {
    kind,
    name,
    module: new URL(`../plugins/${file}.${extension}`, import.meta.url).href,
    export: exported,
  };
}

/** The plugins that come with core; they use the same door as all others. */
export const CORE_PLUGINS: readonly PluginEntry[] = [
  { ...ownModule("format", "json", "json"), load: () => import("../plugins/json.js") },
  ...(
    [
      ["oldest_first", "oldestFirst"],
      ["size_based", "sizeBased"],
      ["manual", "manual"],
    ] as const
  ).map(([name, exported]) => ({
    ...ownModule("cleanup-policy", name, "cleanup-policies", exported),
    load: () => import("../plugins/cleanup-policies.js"),
  })),
];
