import * as nodeFs from "node:fs";
import type { EpiscopeConfig } from "../config/types.js";
import type { PlainObject } from "../episode/record.js";
import { configHash } from "./config-hash.js";
import { createClock, createConsoleLogger } from "./console-logger.js";
import { CLOCK, type DependencyContainer, FILE_SYSTEM, LOGGER, RunContainer } from "./container.js";
import { createRunHooks } from "./hooks.js";
import { pictureSettings } from "./picture-settings.js";
import type { Clock, FileSystem, Logger } from "./plugin.js";
import { buildNode, checkExtensions, planRenderer } from "./plugin-nodes.js";
import { type PluginEntry, PluginRegistry } from "./plugin-registry.js";
import type { Renderer } from "./roles.js";
import { type NamedRenderer, type PictureFiles, Visualizer } from "./visualizer.js";

export interface OpenVisualizerOptions {
  /** Names of `visualization.renderers`, instead of `output_formats`. */
  readonly formats?: readonly string[];
  readonly files: PictureFiles;
  /** Absolute; what the plugins are told of the run that is read. */
  readonly runDir: string;
  readonly runName: string;
  readonly container?: DependencyContainer;
  readonly plugins?: readonly PluginEntry[];
  readonly allowPlugins?: readonly string[];
  readonly cwd?: string;
  readonly fs?: FileSystem;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * Builds renderers by a config without opening a run, to draw recorded episodes again: the same views give the same
 * bytes as live. Throws what `openRun` throws for a renderer that is missing or wrong.
 */
export async function openVisualizer(
  config: EpiscopeConfig,
  options: OpenVisualizerOptions,
): Promise<Visualizer> {
  const cwd = options.cwd ?? process.cwd();
  const container = new RunContainer(options.container);
  const fs = container.provide(FILE_SYSTEM, options.fs ?? nodeFs);
  const clock = container.provide(CLOCK, options.clock ?? createClock());
  const logger = container.provide(LOGGER, options.logger ?? createConsoleLogger(config.logging.log_level));
  const registry = new PluginRegistry(options.plugins ?? [], {
    cwd,
    allowPlugins: options.allowPlugins ?? [],
  });
  const shown = config as unknown as PlainObject;
  const shared = {
    run: { name: options.runName, startTime: clock.now(), configHash: configHash(shown), config: shown },
    picture: pictureSettings(config.visualization),
    paths: { runDir: options.runDir, episodeDir: () => options.runDir },
    fs,
    logger,
    clock,
    hooks: createRunHooks((error) => logger.error(String(error))),
    signal: new AbortController().signal,
  };
  const named: NamedRenderer[] = [];
  for (const name of options.formats ?? config.visualization.output_formats) {
    const node = await planRenderer({ config, registry, container }, name);
    if (node === null) continue;
    const renderer = await buildNode<Renderer>(node, { ...shared, name: node.name, configKey: node.key });
    named.push({ name, renderer, storesFiles: true });
  }
  checkExtensions(named);
  return new Visualizer(named, options.files);
}
