import type { Default } from "../defaults/default-entry.js";
import { resolveDefaultsList } from "../defaults/defaults-list.js";
import type { DefaultsNode } from "../defaults/defaults-tree.js";
import type { ResolvedDefault } from "../defaults/resolved-default.js";
import type { VersionBase } from "../version/version-base.js";
import { openSession, type SessionOptions } from "./session.js";

export interface ListDefaultsOptions extends SessionOptions {
  /** Whether Hydra's own config is composed too, as in an application. Default: true. */
  readonly prependHydra?: boolean;
  /** Whether missing choices (`???`) are skipped, as before a sweep. Default: false. */
  readonly skipMissing?: boolean;
}

/** What Hydra shows with `--info defaults` and `--info defaults-tree`. */
export interface DefaultsInfo {
  /** In order of composition: a later config wins over an earlier one. */
  readonly defaults: readonly ResolvedDefault[];
  /** The option chosen in each config group, by override key; null where nothing is chosen. */
  readonly choices: ReadonlyMap<string, string | null>;
  /** The overrides that are about the config, not about the defaults list, as given. */
  readonly configOverrides: readonly string[];
  /** What the list was made of: Hydra's own tree, where it is composed, then the primary config's. */
  readonly trees: readonly DefaultsTree[];
  /** What Hydra would have warned of. */
  readonly warnings: readonly string[];
}

/** One entry of a defaults list, and what its own defaults list became. */
export type DefaultsTree =
  | { readonly kind: "self" }
  | { readonly kind: "config"; readonly path: string; readonly children: readonly DefaultsTree[] }
  | {
      readonly kind: "group";
      /** Key by which an override chooses the option: `db`, `db@backup`. */
      readonly overrideKey: string;
      /** The chosen option, several of them, or null for none. */
      readonly value: string | readonly string[] | null;
      readonly children: readonly DefaultsTree[];
    };

/**
 * The configs that `compose` would compose, in order, without composing them.
 * @throws CompositionError, OverrideParseError, YamlError; several independent problems as CompositionProblems.
 */
export function listDefaults(options: ListDefaultsOptions): DefaultsInfo {
  const { repository, overrides, context } = openSession(options);
  const { defaults, choices, configOverrides, roots, warnings } = resolveDefaultsList({
    repository,
    overrides,
    context,
    name: options.name,
    prependHydra: options.prependHydra ?? true,
    skipMissing: options.skipMissing ?? false,
  });
  return {
    defaults,
    choices,
    configOverrides: configOverrides.map(({ text }) => text),
    trees: roots.map((root) => treeOf(root, repository.versionBase)),
    warnings,
  };
}

function treeOf(node: DefaultsNode | Default, versionBase: VersionBase): DefaultsTree {
  const [entry, nodes] = "entry" in node ? [node.entry, node.children ?? []] : [node, []];
  if (entry.isSelf) return { kind: "self" };
  const children = nodes.map((child) => treeOf(child, versionBase));
  return entry.kind === "config"
    ? { kind: "config", path: entry.configPath, children }
    : { kind: "group", overrideKey: entry.overrideKey(versionBase), value: entry.value, children };
}
