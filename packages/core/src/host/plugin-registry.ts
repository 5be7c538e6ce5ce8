import { pluginDuplicate, pluginInvalid, pluginKindMismatch, pluginUnknown } from "../contract/errors.js";
import type { PluginDefinition, PluginKind } from "../contract/plugin.js";
import {
  addressOfTarget,
  checkDefinition,
  importPlugin,
  isModuleTarget,
  type LoaderOptions,
  type PluginAddress,
} from "./plugin-loader.js";

/**
 * A plugin that is imported only when a node needs it, and that workers can import too. `module` is a file's URL or
 * a package's name; `load` stands in where the program's bundler wants to see the import.
 */
export interface PluginModule {
  readonly kind: PluginKind;
  readonly name: string;
  readonly module: string;
  /** Default "default". */
  readonly export?: string;
  readonly load?: () => Promise<unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: a definition of any options fits here; its schema checks them.
export type PluginEntry = PluginDefinition<any, any> | PluginModule;

export interface FoundPlugin {
  readonly definition: PluginDefinition;
  /** Null for a plugin that stands only in the program's memory: it runs on the program's thread. */
  readonly address: PluginAddress | null;
}

/** What `_target_` may name: the program's plugins, and modules that the program allows. Never what config wants. */
export class PluginRegistry {
  readonly #entries: Map<string, PluginEntry> = new Map();
  readonly #options: LoaderOptions;

  constructor(entries: readonly PluginEntry[], options: LoaderOptions) {
    this.#options = options;
    for (const entry of entries) {
      if ("create" in entry) checkDefinition("plugins", entry);
      const key = entryKey(entry.kind, entry.name);
      if (this.#entries.has(key)) throw pluginDuplicate(entry.kind, entry.name);
      this.#entries.set(key, entry);
    }
  }

  /** Names of the registered plugins of these kinds. */
  names(kinds: readonly PluginKind[]): string[] {
    return [...this.#entries.values()]
      .filter((entry) => kinds.includes(entry.kind))
      .map((entry) => entry.name);
  }

  /** Finds the plugin that a node names. `configKey` is the node's key, for messages. */
  async find(configKey: string, target: string, kinds: readonly PluginKind[]): Promise<FoundPlugin> {
    const entry = kinds
      .map((kind) => this.#entries.get(entryKey(kind, target)))
      .find((found) => found !== undefined);
    if (entry !== undefined) return this.#load(configKey, entry);
    if (!isModuleTarget(target)) throw this.#unknown(configKey, target, kinds);
    const address = addressOfTarget(configKey, target, this.#options);
    const definition = await importPlugin(configKey, address);
    if (!kinds.includes(definition.kind))
      throw pluginKindMismatch(configKey, target, { kind: definition.kind, kinds });
    return { definition, address };
  }

  async #load(configKey: string, entry: PluginEntry): Promise<FoundPlugin> {
    const address = addressOf(entry);
    if ("create" in entry) return { definition: entry as PluginDefinition, address };
    if (address === null)
      throw pluginInvalid("plugins", `the plugin '${entry.name}' has neither create() nor module`);
    if (entry.load === undefined)
      return { definition: await this.#import(configKey, entry, address), address };
    const loaded = (await entry.load()) as Record<string, unknown>;
    return { definition: checkDefinition(configKey, loaded[address.export] ?? loaded), address };
  }

  /** From where the plugin says that it stands: a bundler may have moved it. */
  async #import(
    configKey: string,
    { kind, name }: PluginEntry,
    address: PluginAddress,
  ): Promise<PluginDefinition> {
    const definition = await importPlugin(configKey, address);
    if (definition.kind === kind && definition.name === name) return definition;
    throw pluginInvalid(
      configKey,
      `'${name}' names ${address.module}#${address.export} as its place, but there stands the ${definition.kind} '${definition.name}'`,
    );
  }

  #unknown(configKey: string, target: string, kinds: readonly PluginKind[]): Error {
    const other = [...this.#entries.values()].find((entry) => entry.name === target);
    if (other !== undefined) return pluginKindMismatch(configKey, target, { kind: other.kind, kinds });
    return pluginUnknown(configKey, target, { kinds, known: this.names(kinds) });
  }
}

/** What another thread needs to find a plugin; null for one that stands only in the program's memory. */
export function moduleOf(entry: PluginEntry): PluginModule | null {
  const address = addressOf(entry);
  return address === null ? null : { kind: entry.kind, name: entry.name, ...address };
}

function addressOf(entry: PluginEntry): PluginAddress | null {
  return entry.module === undefined ? null : { module: entry.module, export: entry.export ?? "default" };
}

function entryKey(kind: PluginKind, name: string): string {
  return `${kind}:${name}`;
}
