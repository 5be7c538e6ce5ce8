import { EpiscopeError } from "@episcope/errors";
import type { Override } from "../override/override.js";
import { FORBIDDEN_KEYS } from "../scalar/forbidden-keys.js";
import type { TreeContext } from "../tree/context.js";
import { splitKey } from "../tree/key-path.js";
import { Choices } from "./choices.js";
import { type Default, NO_CONFIG } from "./default-entry.js";
import { type DefaultsNode, DefaultsTreeBuilder } from "./defaults-tree.js";
import { CompositionProblems, choiceDuplicate, packageForbidden } from "./errors.js";
import type { ConfigRepository } from "./repository.js";
import type { ResolvedDefault } from "./resolved-default.js";

export interface DefaultsList {
  /** In order of composition: a later config wins over an earlier one. */
  readonly defaults: readonly ResolvedDefault[];
  /** The option chosen in each config group, by override key; null where nothing is chosen. */
  readonly choices: ReadonlyMap<string, string | null>;
  /** The overrides that are about the config, not about the defaults list. */
  readonly configOverrides: readonly Override[];
  /** Trees that the list was made of: Hydra's own, then the primary config's. */
  readonly roots: readonly DefaultsNode[];
  /** What the program should be warned of. */
  readonly warnings: readonly string[];
}

interface DefaultsListOptions {
  readonly repository: ConfigRepository;
  /** Primary config; undefined composes only what overrides append. */
  readonly name: string | undefined;
  readonly overrides: readonly Override[];
  /** Whether Hydra's own config comes before the primary one. */
  readonly prependHydra: boolean;
  readonly skipMissing: boolean;
  /** What interpolations in defaults lists see beside the choices. */
  readonly context: TreeContext;
  /** Hydra's own part of the list, where nothing on the search path can change it. */
  readonly hydra?: HydraDefaults | undefined;
}

/** What the defaults list of `hydra/config` becomes when nothing overrides it. */
export interface HydraDefaults {
  readonly root: DefaultsNode;
  readonly defaults: readonly ResolvedDefault[];
  readonly choices: ReadonlyMap<string, string | null>;
}

/** Resolves the defaults list of `hydra/config` alone. */
export function resolveHydraDefaults(repository: ConfigRepository): HydraDefaults {
  const choices = new Choices(repository, []);
  const ignore = (): void => {};
  const builder = new DefaultsTreeBuilder({
    repository,
    choices,
    context: { resolvers: new Map(), environment: new Map() },
    skipMissing: false,
    warn: ignore,
    report: ignore,
  });
  const root = builder.build("hydra/config", false);
  return { root, defaults: flatten(root, true, repository), choices: choices.known };
}

/**
 * The configs to compose, in order.
 * @throws CompositionError, or CompositionProblems when independent things are wrong at once.
 */
export function resolveDefaultsList(options: DefaultsListOptions): DefaultsList {
  const { repository, prependHydra, skipMissing } = options;
  const problems: EpiscopeError[] = [];
  const warnings: string[] = [];
  try {
    const choices = new Choices(repository, options.overrides);
    const builder = new DefaultsTreeBuilder({
      repository,
      choices,
      context: options.context,
      skipMissing,
      warn: (message) => warnings.push(message),
      report: (problem) => problems.push(problem),
    });
    // The primary config first: its `override hydra/...` entries have to be known when Hydra's config is expanded.
    const primary = builder.build(options.name ?? NO_CONFIG, true);
    const isPristine = options.hydra !== undefined && !choices.concernHydra() && !builder.hasDeferred;
    const own: DefaultsNode[] = [primary];
    if (prependHydra && !isPristine) own.unshift(builder.build("hydra/config", false));
    builder.resolveInterpolations(own);
    const roots = [...own];
    const defaults = own.flatMap((root) => flatten(root, prependHydra, repository));
    if (prependHydra && isPristine) {
      roots.unshift(options.hydra!.root);
      defaults.unshift(...options.hydra!.defaults);
      for (const [key, option] of options.hydra!.choices) choices.known.set(key, option);
    }
    if (problems.length === 0) {
      refuseDuplicates(defaults);
      problems.push(...(choices.unused() as EpiscopeError[]));
    }
    if (problems.length === 0) {
      return { defaults, choices: choices.known, configOverrides: choices.configOverrides, roots, warnings };
    }
  } catch (error) {
    if (problems.length === 0 || !(error instanceof EpiscopeError)) throw error;
    problems.push(error);
  }
  throw problems.length === 1 ? problems[0]! : new CompositionProblems(problems);
}

function flatten(
  root: DefaultsNode,
  underVirtualRoot: boolean,
  repository: ConfigRepository,
): ResolvedDefault[] {
  const list: ResolvedDefault[] = [];
  const top = underVirtualRoot ? "<root>" : undefined;
  const { versionBase } = repository;
  const packageOf = (entry: Default): string =>
    checkedPackage(entry.finalPackage(versionBase), entry.configPath);
  const parentOf = (node: DefaultsNode | undefined): string | undefined => node?.entry.configPath ?? top;
  const add = (entry: Default, holder: DefaultsNode | undefined): void => {
    if (entry.isSelf) {
      const { entry: owner, parent } = holder!;
      if (owner.configPath === NO_CONFIG) return;
      list.push({
        configPath: owner.configPath,
        package: packageOf(owner),
        parent: parentOf(parent),
        isSelf: true,
        primary: owner.primary,
        overrideKey: undefined,
        origin: owner.origin,
      });
      return;
    }
    if (entry.deleted || entry.isMissing || entry.name === null || entry.configPath === NO_CONFIG) return;
    list.push({
      configPath: entry.configPath,
      package: packageOf(entry),
      parent: parentOf(holder),
      isSelf: false,
      primary: entry.primary,
      overrideKey: entry.kind === "group" ? entry.overrideKey(versionBase) : undefined,
      origin: entry.origin,
    });
  };
  const walk = (node: DefaultsNode): void => {
    if (node.children === undefined) add(node.entry, node.parent);
    else for (const child of node.children) "isSelf" in child ? add(child, node) : walk(child);
  };
  walk(root);
  return list;
}

function refuseDuplicates(defaults: readonly ResolvedDefault[]): void {
  const seen = new Set<string>();
  for (const { isSelf, overrideKey, origin } of defaults) {
    if (isSelf || overrideKey === undefined) continue;
    if (seen.has(overrideKey)) throw choiceDuplicate(overrideKey, origin);
    seen.add(overrideKey);
  }
}

/** A package is made of keys, which no other check sees: it may come from a header, a defaults list or an override. */
function checkedPackage(name: string, config: string): string {
  if (name === "" || ![...FORBIDDEN_KEYS].some((key) => name.includes(key))) return name;
  const refused = splitKey(name).find((key) => FORBIDDEN_KEYS.has(key));
  if (refused !== undefined) throw packageForbidden(name, config, refused);
  return name;
}
