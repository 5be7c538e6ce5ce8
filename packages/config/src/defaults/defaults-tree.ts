import type { TreeContext } from "../tree/context.js";
import type { Choices } from "./choices.js";
import { ConfigDefault, type Default, type GroupDefault } from "./default-entry.js";
import {
  type CompositionError,
  choiceMissing,
  configNotFound,
  defaultsTooDeep,
  defaultsTooMany,
  groupValueInvalid,
  interpolatedOptions,
  missingConfigEntry,
  optionNotFound,
  overrideBeforeDefault,
  overrideInInterpolated,
  selfDuplicate,
} from "./errors.js";
import { interpolateDefault } from "./interpolate-default.js";
import type { ConfigRepository, LoadedConfig } from "./repository.js";

/** Levels of configs that include each other. */
const MAX_DEFAULTS_DEPTH = 100;

/** Entries of all defaults lists together: configs that include each other twice would double them at every level. */
const MAX_DEFAULTS_ENTRIES = 20_000;

/** A config with what its defaults list became; without children it is a single config. */
export interface DefaultsNode {
  readonly entry: Default;
  readonly parent: DefaultsNode | undefined;
  /** In order of composition. */
  children: (DefaultsNode | Default)[] | undefined;
}

interface DefaultsTreeOptions {
  readonly repository: ConfigRepository;
  readonly choices: Choices;
  /** What interpolations in defaults lists see beside the choices. */
  readonly context: TreeContext;
  /** Whether a missing choice (`???`) is skipped, as before a sweep, instead of being an error. */
  readonly skipMissing: boolean;
  readonly warn: (message: string) => void;
  /** Takes a problem after which composing can continue. */
  readonly report: (problem: CompositionError) => void;
}

/** Expands the defaults lists from a config down, the last entry first, as the last one wins. */
export class DefaultsTreeBuilder {
  readonly #options: DefaultsTreeOptions;
  #entries = 0;

  constructor(options: DefaultsTreeOptions) {
    this.#options = options;
  }

  /** The tree of a config at the root of the search path. */
  build(name: string, primary: boolean): DefaultsNode {
    const entry = new ConfigDefault(name);
    entry.primary = primary;
    entry.setParent("", "");
    const node: DefaultsNode = { entry, parent: undefined, children: undefined };
    if (primary && !this.#options.repository.hasConfig(entry.configPath)) throw this.#notFound(node);
    this.#expand(node, false, 0);
    return node;
  }

  #expand(node: DefaultsNode, interpolated: boolean, depth: number): void {
    const { repository, choices } = this.#options;
    const { entry } = node;
    if (++this.#entries > MAX_DEFAULTS_ENTRIES) throw defaultsTooMany(MAX_DEFAULTS_ENTRIES, entry.origin);
    if (depth > MAX_DEFAULTS_DEPTH) throw defaultsTooDeep(entry.configPath, MAX_DEFAULTS_DEPTH, entry.origin);
    const loaded = entry.isMissing ? undefined : repository.load(entry.configPath);
    entry.setPackageHeader(loaded?.header, repository.versionBase);
    if (choices.takeDeletion(entry)) return;
    choices.learn(entry);
    if (entry.name === null || this.#isMissing(entry)) return;
    const config = loaded ?? repository.load(entry.configPath);
    if (config === undefined) {
      if (entry.optional) entry.deleted = true;
      else this.#options.report(this.#notFound(node));
      return;
    }
    const { list, selfAdded } = this.#defaultsOf(node, config);
    this.#placeAndCollectOverrides(list, entry, interpolated);
    const children = this.#children(node, list, interpolated, depth);
    this.#resolveDeferred(children, node, list, selfAdded, depth);
    if (children.length > 0) node.children = children.reverse();
  }

  #isMissing(entry: Default): boolean {
    if (!entry.configPath.endsWith("???")) return false;
    if (this.#options.skipMissing) return true;
    const { repository } = this.#options;
    if (entry.kind === "config") throw missingConfigEntry(entry.configPath, entry.origin);
    const options = repository.options(entry.groupPath);
    this.#options.report(choiceMissing(entry.overrideKey(repository.versionBase), options, entry.origin));
    return true;
  }

  /** The defaults list of a config, with `_self_` and, for the primary config, what overrides append. */
  #defaultsOf({ entry }: DefaultsNode, config: LoadedConfig): { list: Default[]; selfAdded: boolean } {
    const list = config.defaults();
    const appended = entry.primary ? this.#options.choices.appended : [];
    if (list.length === 0 && appended.length === 0) return { list, selfAdded: false };
    const own = list.filter((item) => item.isSelf);
    if (own.length > 1) throw selfDuplicate(own[1]!.origin ?? entry.origin);
    const hasOthers = list.some((item) => !item.isOverride);
    const selfAdded = (own.length === 0 && hasOthers) || list.length === 0;
    if (selfAdded) {
      if (entry.primary && hasOthers && hasContent(config)) {
        this.#options.warn(
          `In '${entry.configPath}': Defaults list is missing \`_self_\`. See https://hydra.cc/docs/1.2/upgrades/1.0_to_1.1/default_composition_order for more information`,
        );
      }
      list.push(new ConfigDefault("_self_"));
    }
    list.push(...appended);
    return { list, selfAdded: own.length === 0 };
  }

  #placeAndCollectOverrides(list: readonly Default[], parent: Default, interpolated: boolean): void {
    const { choices, repository, warn } = this.#options;
    const { versionBase } = repository;
    const parentPackage = parent.finalPackage(versionBase);
    let last: GroupDefault | undefined;
    for (const item of list) {
      if (item.isSelf) continue;
      item.setParent(parent.groupPath, parentPackage);
      const legacy =
        versionBase === "1.1" && item.kind === "group" && !item.isOverride && item.group.startsWith("hydra/");
      if (last !== undefined && !item.isOverride && !legacy && !(item.kind === "group" && item.external)) {
        throw overrideBeforeDefault(last.overrideKey(versionBase), item.configPath, last.origin);
      }
      if (item.kind !== "group") continue;
      if (legacy) {
        item.isOverride = true;
        warn(legacyOverrideWarning(parent.configPath, item.group));
      }
      if (!item.isOverride) continue;
      if (!legacy) last = item;
      if (interpolated) throw overrideInInterpolated(item.overrideKey(versionBase), item.origin);
      choices.addOverride(item);
    }
  }

  #children(
    node: DefaultsNode,
    list: readonly Default[],
    interpolated: boolean,
    depth: number,
  ): (DefaultsNode | Default)[] {
    const { choices } = this.#options;
    const children: (DefaultsNode | Default)[] = [];
    for (const item of list.toReversed()) {
      if (item.isSelf) {
        // `${defaults.N}` counts it, by the name that it would have beside the config.
        item.setParent(node.entry.parentGroup, "");
        children.push(item);
      } else if (!item.isOverride) {
        choices.apply(item);
        if (item.kind === "group" && item.options !== undefined) {
          for (const option of this.#optionEntries(item, node.entry)) {
            children.push(this.#child(option, node, interpolated, depth));
          }
        } else if (item.isInterpolation) children.push(item);
        else children.push(this.#child(item, node, interpolated, depth));
      }
    }
    return children;
  }

  /** `group: [a, b]` as an entry for each option, last first. */
  #optionEntries(item: GroupDefault, parent: Default): ConfigDefault[] {
    const parentPackage = parent.finalPackage(this.#options.repository.versionBase);
    return item.options!.toReversed().map((option) => {
      if (typeof option !== "string") throw groupValueInvalid(`${item.group}=[…]`, `'${String(option)}'`);
      if (option.includes("${")) throw interpolatedOptions(item.origin);
      const { package: own, optional, origin } = item;
      const entry = new ConfigDefault(`${item.group}/${option}`, { package: own, optional, origin });
      entry.setParent(parent.groupPath, parentPackage);
      return entry;
    });
  }

  #child(entry: Default, parent: DefaultsNode, interpolated: boolean, depth: number): DefaultsNode | Default {
    const child: DefaultsNode = { entry, parent, children: undefined };
    this.#expand(child, interpolated, depth + 1);
    return child.children === undefined ? entry : child;
  }

  /** Entries with interpolations come last: only then are the choices known that they name. */
  #resolveDeferred(
    children: (DefaultsNode | Default)[],
    node: DefaultsNode,
    list: readonly Default[],
    selfAdded: boolean,
    depth: number,
  ): void {
    const { choices, context, repository } = this.#options;
    const { versionBase } = repository;
    for (const [index, child] of children.entries()) {
      if (!("isSelf" in child) || child.isSelf || !child.isInterpolation) continue;
      interpolateDefault(child, {
        known: choices.known,
        siblings: list.filter((item) => !(selfAdded && item.isSelf)),
        context,
        versionBase,
        warn: this.#options.warn,
      });
      child.setParent(node.entry.groupPath, node.entry.finalPackage(versionBase));
      children[index] = this.#child(child, node, true, depth);
    }
  }

  #notFound(node: DefaultsNode): CompositionError {
    const { repository } = this.#options;
    const { entry } = node;
    const place = { origin: entry.origin, searchPath: repository.searchPath };
    if (entry.kind === "group") {
      return optionNotFound(entry.groupPath, entry.name!, repository.options(entry.groupPath), place);
    }
    return configNotFound(entry.configPath, entry.primary, repository.options(entry.groupPath), place);
  }
}

/** Whether a config holds more than its defaults list and missing values. */
function hasContent(config: LoadedConfig): boolean {
  const { value } = config;
  if (!(value instanceof Map)) return false;
  for (const [key, item] of value) if (key !== "defaults" && item !== "???") return true;
  return false;
}

function legacyOverrideWarning(config: string, group: string): string {
  return [
    `In ${config}: Invalid overriding of ${group}:`,
    "Default list overrides requires 'override' keyword.",
    "See https://hydra.cc/docs/1.2/upgrades/1.0_to_1.1/defaults_list_override for more information.",
    "",
  ].join("\n");
}
