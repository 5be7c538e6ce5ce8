import { treeOf } from "../defaults/config-tree.js";
import type { ConfigRepository, LoadedConfig } from "../defaults/repository.js";
import { select } from "../omegaconf/access.js";
import { createTree } from "../omegaconf/create.js";
import { toData } from "../omegaconf/output.js";
import { isHydraOverride, keyElement, type Override } from "../override/override.js";
import { isSweep } from "../override/value.js";
import { type ConfigSource, sourceUrl } from "../source/config-source.js";
import { searchPathSchemeUnknown } from "../source/errors.js";
import type { TreeContext } from "../tree/context.js";
import { splitKey } from "../tree/key-path.js";
import { DictNode, isContainer, type RawValue } from "../tree/node.js";
import { mainSourceUnavailable, primaryNotMapping, searchPathInvalid } from "./errors.js";
import { overrideData } from "./override-data.js";

interface SearchPathOptions {
  readonly repository: ConfigRepository;
  readonly name: string | undefined;
  readonly overrides: readonly Override[];
  /** Opens an entry of `hydra.searchpath`; undefined for a scheme that it does not know. */
  readonly openSource: ((path: string, provider: string) => ConfigSource | undefined) | undefined;
  /** What interpolations in the search path see. */
  readonly context: TreeContext;
  readonly warn: (message: string) => void;
}

/** The repository with the sources that the primary config or an override adds by `hydra.searchpath`. */
export function extendSearchPath(options: SearchPathOptions): ConfigRepository {
  const { repository, name, overrides, warn } = options;
  const main = repository.sources.find(({ provider }) => (provider ?? "main") === "main");
  if (main !== undefined && !main.isAvailable()) throw mainSourceUnavailable(sourceUrl(main));
  const loaded = name === undefined ? undefined : repository.load(name);
  const primary = loaded === undefined || hasNoSearchPath(loaded) ? undefined : treeOf(loaded);
  if (primary !== undefined && !(primary instanceof DictNode))
    throw primaryNotMapping(name!, loaded?.text?.label);
  const override = overrides.find((item) => isHydraOverride(item) && setsSearchPath(item));
  // A tree of its own: the shared one knows no environment.
  let entries: RawValue =
    primary === undefined
      ? null
      : select(createTree(primary, { context: options.context }), "hydra.searchpath");
  let provider = "hydra.searchpath in main";
  if (override !== undefined && override.value !== null) {
    if (isSweep(override.value)) throw searchPathInvalid(override.text);
    entries = overrideData(override.value);
    provider = "hydra.searchpath in command-line";
  }
  if (entries === null || entries === undefined) return repository;
  const paths = isContainer(entries) ? toData(entries, { resolve: true }) : entries;
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string")) {
    throw searchPathInvalid(JSON.stringify(paths instanceof Map ? Object.fromEntries(paths) : paths));
  }
  const sources = (paths as string[]).map((path) => open(path, provider, options));
  for (const source of sources) {
    if (!source.isAvailable()) warn(`provider=${provider}, path=${source.path} is not available.`);
  }
  return repository.extended(sources.map((source) => ({ ...source, provider })));
}

/** `hydra.searchpath=…`, also in brackets and by `extend_list`. */
function setsSearchPath(override: Override): boolean {
  if (!override.isValuePath) return keyElement(override) === "hydra.searchpath";
  const isSet = override.type === "CHANGE" || override.type === "EXTEND_LIST";
  return isSet && splitKey(override.keyOrGroup).join(".") === "hydra.searchpath";
}

/** Whether the text of a config surely does not set `hydra.searchpath`; else its tree is asked. */
function hasNoSearchPath({ value }: LoadedConfig): boolean {
  if (!(value instanceof Map)) return false;
  const hydra = value.get("hydra");
  return hydra === undefined || (hydra instanceof Map && hydra.get("searchpath") === undefined);
}

function open(path: string, provider: string, options: SearchPathOptions): ConfigSource {
  const opened = options.openSource?.(path, provider);
  if (opened !== undefined) return opened;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(path)?.[1] ?? "file";
  if (scheme !== "file" && scheme !== "pkg") throw searchPathSchemeUnknown(path);
  return {
    scheme,
    path: path.includes("://") ? path.slice(path.indexOf("://") + 3) : path,
    isAvailable: () => false,
    isGroup: () => false,
    list: () => [],
    read: () => undefined,
  };
}
