import {
  type DescribedPlugins,
  describePlugins,
  type EpiscopeConfig,
  type PluginKind,
  type PluginPlacement,
} from "@episcope/core";
import type { ProgramIo } from "../terminal/io.js";
import { table } from "../terminal/table.js";
import { builtinPlugins } from "./builtin-plugins.js";
import { projectPlugins } from "./project-plugins.js";

/** How Hydra would call a class of plugins. */
const CLASS_OF: { readonly [kind in PluginKind]: string } = {
  sink: "Sink",
  hooks: "Hooks",
  renderer: "Renderer",
  format: "Format",
  "cleanup-policy": "CleanupPolicy",
};

/** Schemes of the search path that the program can read. */
const CONFIG_SOURCES: readonly string[] = ["file", "pkg"];

/**
 * What `--info plugins` prints: the installed plugins by their class, in the layout of Hydra's, and then what is ours: what
 * each node of the config names, and where that runs.
 */
export async function pluginsOf(
  config: EpiscopeConfig,
  allowPlugins: readonly string[],
  { cwd, fs }: ProgramIo,
): Promise<string> {
  const allowed = [...allowPlugins, ...projectPlugins(cwd, fs)];
  return installedPlugins(
    await describePlugins(config, { plugins: builtinPlugins(), allowPlugins: allowed, cwd, fs }),
  );
}

function installedPlugins({ installed, nodes }: DescribedPlugins): string {
  const classes = [
    { name: "ConfigSource", plugins: CONFIG_SOURCES },
    ...installed.map(({ kind, names }) => ({ name: CLASS_OF[kind], plugins: names })),
  ];
  const listed = classes.flatMap(({ name, plugins }) => [
    `\t${name}:`,
    `\t${"-".repeat(name.length + 1)}`,
    ...plugins.map((plugin) => `\t\t${plugin}`),
  ]);
  const rows = nodes.map((node) => [node.key, node.target, node.kind, whereOf(node)]);
  return [
    ...heading("Installed Hydra Plugins"),
    ...listed,
    "",
    ...heading("Plugins of this config"),
    table(["key", "_target_", "kind", "runs"], rows),
  ].join("\n");
}

function heading(text: string): string[] {
  return [text, "*".repeat(text.length)];
}

function whereOf({ place, problem }: PluginPlacement): string {
  if (place === null) return `- (${problem})`;
  return place.thread === "worker" ? "worker thread" : `thread of the ${place.thread}: ${place.reason}`;
}
