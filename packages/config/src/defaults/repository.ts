import { configFileName, normalizeConfigName } from "../source/config-name.js";
import { type ConfigSource, type ConfigText, sourceUrl } from "../source/config-source.js";
import { readPackageHeader } from "../source/package-header.js";
import { readConfigValue } from "../source/read-config.js";
import type { ConfigStore, StoredConfig } from "../store/config-store.js";
import { type Rules, rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import type { YamlValue } from "../yaml/construct.js";
import type { Default } from "./default-entry.js";
import { configSuffixRefused } from "./errors.js";
import { readDefaults } from "./read-defaults.js";

/** A config found on the search path. */
export interface LoadedConfig {
  /** File name below the root of its source. */
  readonly file: string;
  readonly source: ConfigSource;
  /** The text it was read from; undefined for a stored config. */
  readonly text: ConfigText | undefined;
  /** What the text holds, the defaults list included. Shared: never changed. */
  readonly value: YamlValue;
  /** The registered config; undefined for a file. */
  readonly stored: StoredConfig | undefined;
  readonly header: string | undefined;
  /** By whose rules it was read. */
  readonly versionBase: VersionBase;
  /** New entries of its defaults list. */
  readonly defaults: () => Default[];
}

interface RepositoryOptions {
  readonly versionBase: VersionBase;
  /** The source of the configs registered in code, always the last of the search path. */
  readonly store: ConfigStore;
}

/** The search path: finds configs and groups by name, in the first source that has them. */
export class ConfigRepository {
  readonly sources: readonly ConfigSource[];
  readonly #options: RepositoryOptions;
  readonly #loaded: Map<string, LoadedConfig | undefined>;

  constructor(sources: readonly ConfigSource[], options: RepositoryOptions, before?: ConfigRepository) {
    this.sources = sources;
    this.#options = options;
    this.#loaded = new Map(before === undefined ? [] : before.#loaded);
  }

  /** A repository with more sources, behind the present ones. What was loaded stays loaded. */
  extended(sources: readonly ConfigSource[]): ConfigRepository {
    return new ConfigRepository([...this.sources, ...sources], this.#options, this);
  }

  get versionBase(): VersionBase {
    return this.#options.versionBase;
  }

  get rules(): Rules {
    return rulesOf(this.#options.versionBase);
  }

  /** The search path as people see it. */
  get searchPath(): readonly string[] {
    return this.sources.map(sourceUrl);
  }

  load(name: string): LoadedConfig | undefined {
    if (this.#loaded.has(name)) return this.#loaded.get(name);
    const path = normalizeConfigName(name);
    if (this.rules.refusesYml && path.endsWith(".yml")) throw configSuffixRefused(name);
    const loaded = this.#find(configFileName(path, this.versionBase), name);
    this.#loaded.set(name, loaded);
    return loaded;
  }

  #find(file: string, name: string): LoadedConfig | undefined {
    for (const source of this.sources) {
      const text = source.read(file);
      if (text !== undefined) return this.#read(file, name, source, text);
    }
    const stored = this.#options.store.get(file);
    return stored === undefined ? undefined : this.#stored(file, name, stored);
  }

  #read(file: string, name: string, source: ConfigSource, text: ConfigText): LoadedConfig {
    const header = readPackageHeader(text.text, text.label);
    const value = readConfigValue(text, this.#options.versionBase);
    const { versionBase } = this.#options;
    const list = value instanceof Map ? value.get("defaults") : undefined;
    const context = { config: name, text, versionBase };
    // Read now: a list that is wrong is an error even where the config turns out to be deleted.
    let ready: Default[] | undefined = readDefaults(list, context);
    return {
      file,
      source,
      text,
      value,
      stored: undefined,
      header,
      versionBase,
      defaults: () => {
        const entries = ready ?? readDefaults(list, context);
        ready = undefined;
        return entries;
      },
    };
  }

  #stored(file: string, name: string, stored: StoredConfig): LoadedConfig {
    const { versionBase } = this.#options;
    const list = stored.value instanceof Map ? stored.value.get("defaults") : undefined;
    return {
      file,
      source: { ...STORE_SOURCE, provider: stored.provider ?? "schema" },
      text: undefined,
      value: stored.value,
      stored,
      header: stored.package,
      versionBase,
      defaults: () => readDefaults(list, { config: name, text: undefined, versionBase }),
    };
  }

  /** The registered config that has the same name as a config from a file. */
  schemaOf(loaded: LoadedConfig): StoredConfig | undefined {
    return loaded.stored === undefined && this.rules.automaticSchemas
      ? this.#options.store.get(loaded.file)
      : undefined;
  }

  hasConfig(name: string): boolean {
    return this.load(name) !== undefined;
  }

  hasGroup(name: string): boolean {
    const group = normalizeConfigName(name);
    return this.sources.some((source) => source.isGroup(group)) || this.#options.store.isGroup(group);
  }

  /** Whether a source has a config of this name; it is not read. */
  isConfig(name: string): boolean {
    return this.#isConfig(normalizeConfigName(name));
  }

  /** Names of the options of a group, from all sources, sorted. */
  options(group: string): readonly string[] {
    return this.#names(group, (path) => this.#isConfig(path), "options");
  }

  /** As `options`, where they are only shown: files that are refused are left out. */
  shownOptions(group: string): readonly string[] {
    return this.#names(group, (path) => this.#isConfig(path), "shown");
  }

  /** Names of the groups directly below a group. */
  subgroups(group: string): readonly string[] {
    return this.#names(group, (path) => this.hasGroup(path), "groups");
  }

  /** As `subgroups`, where they are only shown. */
  shownSubgroups(group: string): readonly string[] {
    return this.#names(group, (path) => this.hasGroup(path), "shown groups");
  }

  #isConfig(path: string): boolean {
    const file = configFileName(path, this.versionBase);
    return (
      this.sources.some((source) => source.read(file) !== undefined) ||
      this.#options.store.get(file) !== undefined
    );
  }

  #names(
    group: string,
    accepts: (path: string) => boolean,
    what: "options" | "shown" | "groups" | "shown groups",
  ): readonly string[] {
    const root = normalizeConfigName(group);
    const names = new Set<string>();
    for (const source of [...this.sources, this.#options.store]) {
      if (!source.isGroup(root)) continue;
      for (const entry of source.list(root)) {
        if (!what.startsWith("shown") && this.rules.refusesYml && entry.endsWith(".yml"))
          throw configSuffixRefused(root === "" ? entry : `${root}/${entry}`);
        if (IGNORED_NAMES.has(entry) || !accepts(root === "" ? entry : `${root}/${entry}`)) continue;
        const dot = entry.lastIndexOf(".");
        names.add(!what.endsWith("groups") && dot !== -1 ? entry.slice(0, dot) : entry);
      }
    }
    return [...names].sort();
  }
}

/** How the store shows among the sources. */
export const STORE_SOURCE: ConfigSource = {
  scheme: "structured",
  path: "",
  provider: "schema",
  isAvailable: () => true,
  read: () => undefined,
  isGroup: () => false,
  list: () => [],
};

/** Files of a Python package that are no configs. */
const IGNORED_NAMES: ReadonlySet<string> = new Set(["__pycache__", "__init__.py"]);
