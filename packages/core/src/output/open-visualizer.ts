import type { EpiscopeConfig } from "../config/types.js";
import type { Renderer } from "../contract/roles.js";
import { buildNode, checkExtensions, planRenderer } from "../host/plugin-nodes.js";
import { type PluginsWithoutRunOptions, pluginsWithoutRun } from "../host/plugins-without-run.js";
import { type NamedRenderer, type PictureFiles, Visualizer } from "./visualizer.js";

export interface OpenVisualizerOptions extends PluginsWithoutRunOptions {
  /** Names of `visualization.renderers`, instead of `output_formats`. */
  readonly formats?: readonly string[];
  readonly files: PictureFiles;
  /** Absolute; what the plugins are told of the run that is read. */
  readonly runDir: string;
  readonly runName: string;
}

/**
 * Builds renderers by a config without opening a run, to draw recorded episodes again: the same views give the same
 * bytes as live. Throws what `openRun` throws for a renderer that is missing or wrong.
 */
export async function openVisualizer(
  config: EpiscopeConfig,
  options: OpenVisualizerOptions,
): Promise<Visualizer> {
  const { planner, contextOf } = pluginsWithoutRun(
    config,
    { name: options.runName, dir: options.runDir },
    options,
  );
  const named: NamedRenderer[] = [];
  for (const name of options.formats ?? config.visualization.output_formats) {
    const node = await planRenderer(planner, name);
    if (node === null) continue;
    named.push({ name, renderer: await buildNode<Renderer>(node, contextOf(node)), storesFiles: true });
  }
  checkExtensions(named);
  return new Visualizer(named, options.files);
}
