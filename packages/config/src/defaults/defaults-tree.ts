import type { TreeContext } from "../tree/context.js";
import type { RawValue } from "../tree/node.js";
import { choiceOf, isLiteralChoice } from "./choice-value.js";
import type { Choices } from "./choices.js";
import { ConfigDefault, type Default, type GroupDefault } from "./default-entry.js";
import {
  type CompositionError,
  choiceMissing,
  configNotFound,
  defaultsPathRefused,
  defaultsTooDeep,
  defaultsTooMany,
  groupValueInvalid,
  interpolatedOptions,
  interpolationFailed,
  missingConfigEntry,
  optionMoved,
  optionNotFound,
  overrideBeforeDefault,
  overrideInInterpolated,
  selfDuplicate,
} from "./errors.js";
import { choicesBefore, interpolateDefault, replaceInterpolations } from "./interpolate-default.js";
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

/** What holds for a config and all that it includes. */
interface Scope {
  /** Whether it stands below an entry with an interpolation. */
  readonly interpolated: boolean;
  /** Keys of the overrides that may change it; undefined for all. */
  readonly eligible: ReadonlySet<string> | undefined;
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
  /** Entries with interpolations, and the overrides that stand behind each. */
  readonly #deferred = new Map<Default, ReadonlySet<string>>();

  constructor(options: DefaultsTreeOptions) {
    this.#options = options;
  }

  /** The tree of a config at the root of the search path. */
  build(name: string, primary: boolean): DefaultsNode {
    const entry = new ConfigDefault(name);
    entry.primary = primary;
    entry.setParent("", "", this.#options.repository.versionBase);
    const node: DefaultsNode = { entry, parent: undefined, children: undefined };
    if (primary && !this.#options.repository.hasConfig(entry.configPath)) throw this.#notFound(node);
    this.#expand(node, { interpolated: false, eligible: undefined }, 0);
    return node;
  }

  #expand(node: DefaultsNode, scope: Scope, depth: number): void {
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
    this.#checkPaths(list, entry);
    this.#placeAndCollectOverrides(list, entry, scope);
    const children = this.#children(node, list, scope, depth);
    if (!repository.rules.lateInterpolations) this.#resolveDeferred(children, node, list, selfAdded, depth);
    if (children.length > 0) node.children = children.reverse();
  }

  #isMissing(entry: Default): boolean {
    const { repository } = this.#options;
    const isMissing = repository.rules.choicesAreValues ? entry.isMissing : entry.configPath.endsWith("???");
    if (!isMissing) return false;
    if (this.#options.skipMissing) return true;
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

  #placeAndCollectOverrides(list: readonly Default[], parent: Default, { interpolated }: Scope): void {
    const { choices, repository, warn } = this.#options;
    const { versionBase } = repository;
    const parentPackage = parent.finalPackage(versionBase);
    let last: GroupDefault | undefined;
    for (const item of list) {
      if (item.isSelf) continue;
      item.setParent(parent.groupPath, parentPackage, versionBase);
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
      if (!repository.rules.lastOverrideWins) choices.addOverride(item);
    }
  }

  /** Refuses `..` and backslashes, before and after a choice is replaced. */
  #checkPaths(list: readonly Default[], parent: Default): void {
    if (!this.#options.repository.rules.checksPaths) return;
    for (const item of list) {
      if (item.isSelf) continue;
      for (const [what, path] of pathsOf(item)) {
        const problem = path.includes("\\")
          ? "has a backslash"
          : path.split("/").includes("..")
            ? "leads to a parent"
            : undefined;
        if (problem !== undefined)
          throw defaultsPathRefused(what, path, problem, item.origin ?? parent.origin);
      }
    }
  }

  #children(
    node: DefaultsNode,
    list: readonly Default[],
    scope: Scope,
    depth: number,
  ): (DefaultsNode | Default)[] {
    const { choices, repository } = this.#options;
    const children: (DefaultsNode | Default)[] = [];
    for (const item of list.toReversed()) {
      if (item.isSelf) {
        // `${defaults.N}` counts it, by the name that it would have beside the config.
        item.setParent(node.entry.parentGroup, "", repository.versionBase);
        children.push(item);
      } else if (item.isOverride) {
        // The last entry first: the first override that is known is the last one of the list.
        if (repository.rules.lastOverrideWins) choices.addOverride(item as GroupDefault);
      } else {
        choices.apply(item, scope.eligible);
        this.#checkPaths([item], node.entry);
        if (item.kind === "group" && item.options !== undefined) {
          for (const option of this.#optionEntries(item, node.entry)) {
            children.push(this.#child(option, node, scope, depth));
          }
        } else if (item.isInterpolation) {
          this.#deferred.set(item, scope.eligible ?? choices.overrideKeys());
          children.push(item);
        } else children.push(this.#child(item, node, scope, depth));
      }
    }
    return children;
  }

  /** `group: [a, b]` as an entry for each option, last first. */
  #optionEntries(item: GroupDefault, parent: Default): ConfigDefault[] {
    const { rules, versionBase } = this.#options.repository;
    const parentPackage = parent.finalPackage(versionBase);
    return item.options!.toReversed().map((option) => {
      if (typeof option !== "string") throw groupValueInvalid(`${item.group}=[…]`, `'${String(option)}'`);
      if (option.includes("${")) throw interpolatedOptions(item.origin);
      const { package: own, optional, origin } = item;
      const literal = isLiteralChoice(option, rules);
      const group = item.fromRoot ? item.groupPath : item.group;
      const path = `${group}/${String(choiceOf(option, rules))}`;
      const entry = new ConfigDefault(path, { package: own, optional, origin, literal });
      if (item.fromRoot) entry.setParent("", "", versionBase);
      else entry.setParent(parent.groupPath, parentPackage, versionBase);
      return entry;
    });
  }

  #child(entry: Default, parent: DefaultsNode, scope: Scope, depth: number): DefaultsNode | Default {
    const child: DefaultsNode = { entry, parent, children: undefined };
    this.#expand(child, scope, depth + 1);
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
    let before: ReadonlyMap<string, RawValue> | undefined;
    for (const [index, child] of children.entries()) {
      if (!("isSelf" in child) || child.isSelf || !child.isInterpolation) continue;
      const siblings = list.filter((item) => !(selfAdded && item.isSelf));
      before ??= choicesBefore(choices.known, siblings, versionBase);
      interpolateDefault(child, { choices: before, context, versionBase, warn: this.#options.warn });
      child.setParent(node.entry.groupPath, node.entry.finalPackage(versionBase), versionBase);
      children[index] = this.#child(child, node, { interpolated: true, eligible: undefined }, depth);
    }
  }

  /** Whether an entry with an interpolation waits for the rest of the tree. */
  get hasDeferred(): boolean {
    return this.#options.repository.rules.lateInterpolations && this.#deferred.size > 0;
  }

  /**
   * Expands the entries with interpolations of finished trees, one after the other as the choices become known that
   * they name. What remains has no value.
   */
  resolveInterpolations(roots: readonly DefaultsNode[]): void {
    if (!this.#options.repository.rules.lateInterpolations) return;
    while (roots.some((root) => this.#resolveOne(root, 0)));
    const left = roots.flatMap((root) => [...unresolvedEntries(root)])[0];
    if (left === undefined) return;
    const text = left.kind === "config" ? left.path : String(left.value);
    throw interpolationFailed(text, [...this.#options.choices.known.keys()], left.origin, undefined);
  }

  #resolveOne(node: DefaultsNode, depth: number): boolean {
    const { choices, repository } = this.#options;
    const { versionBase } = repository;
    for (const [index, child] of (node.children ?? []).entries()) {
      if ("entry" in child) {
        if (this.#resolveOne(child, depth + 1)) return true;
        continue;
      }
      if (child.isSelf || !child.isInterpolation || !replaceInterpolations(child, choices.known)) continue;
      this.#checkPaths([child], node.entry);
      child.setParent(node.entry.groupPath, node.entry.finalPackage(versionBase), versionBase);
      const eligible = this.#deferred.get(child);
      node.children![index] = this.#child(child, node, { interpolated: true, eligible }, depth);
      return true;
    }
    return false;
  }

  #notFound(node: DefaultsNode): CompositionError {
    const { repository } = this.#options;
    const { entry } = node;
    const before = pathBefore(node);
    if (before !== undefined && repository.isConfig(before))
      return optionMoved(entry.configPath, before, entry.origin);
    const place = { origin: entry.origin, searchPath: repository.searchPath };
    if (entry.kind === "group") {
      return optionNotFound(entry.groupPath, entry.name!, repository.options(entry.groupPath), place);
    }
    return configNotFound(entry.configPath, entry.primary, repository.shownOptions(entry.groupPath), place);
  }
}

/** The paths that an entry names, with what each is. */
function pathsOf(item: Default): (readonly [string, string])[] {
  if (item.kind === "config") return [["config", item.path]];
  const options = item.options ?? (item.name === null ? [] : [item.name]);
  return [
    ["config group", item.group] as const,
    ...options
      .filter((option) => typeof option === "string")
      .map((option) => ["config option", option] as const),
  ];
}

function* unresolvedEntries(node: DefaultsNode): Generator<Default> {
  for (const child of node.children ?? []) {
    if ("entry" in child) yield* unresolvedEntries(child);
    else if (!child.isSelf && child.isInterpolation) yield child;
  }
}

/** Where a config would lie if no option had become a part of its group; undefined where none has. */
function pathBefore(node: DefaultsNode): string | undefined {
  const entries: Default[] = [];
  for (let at: DefaultsNode | undefined = node; at !== undefined; at = at.parent) entries.unshift(at.entry);
  if (!entries.some((entry) => entry.kind === "group" && entry.writtenGroup !== undefined)) return undefined;
  let group = "";
  let path = "";
  for (const entry of entries) ({ groupPath: group, configPath: path } = entry.pathsBelow(group));
  return path;
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
