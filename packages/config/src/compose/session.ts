import type { HydraDefaults } from "../defaults/defaults-list.js";
import { ConfigRepository } from "../defaults/repository.js";
import { hydraDefaults, hydraStore } from "../hydra/hydra-defaults.js";
import { hydraSource } from "../hydra/hydra-source.js";
import type { Override } from "../override/override.js";
import { parseOverride } from "../override/parse-override.js";
import type { ConfigSource } from "../source/config-source.js";
import type { ConfigStore } from "../store/config-store.js";
import type { TreeContext } from "../tree/context.js";
import type { VersionBase } from "../version/version-base.js";
import { type ContextOptions, contextOf } from "./context.js";
import { expandAlias, type OverrideAliases, overrideAliases } from "./override-aliases.js";

/** An override, and where it was given when that was not the command line. */
export type OverrideInput = string | { readonly text: string; readonly from?: string };

/** What composing and listing have in common. */
export interface SessionOptions extends ContextOptions {
  /** A config source, or several: the search path. Hydra's own comes before them. */
  readonly source: ConfigSource | readonly ConfigSource[];
  readonly overrides?: readonly OverrideInput[];
  /** Primary config; undefined composes only what overrides append. */
  readonly name?: string | undefined;
  /** @internal Whether `hydra.aliases` is applied. Default: true. */
  readonly expandAliases?: boolean;
  /** Structured configs. */
  readonly store?: ConfigStore;
  /** Which generation of Hydra's rules to follow. Default: `1.3`. */
  readonly versionBase?: VersionBase;
  /** Uniform in [0, 1), for `shuffle`. Default: `Math.random`. */
  readonly random?: () => number;
}

/** @internal */
interface Session {
  /** Hydra's part of the defaults list, where no source and no store has configs of Hydra's groups. */
  readonly hydra: HydraDefaults | undefined;
  readonly repository: ConfigRepository;
  readonly overrides: readonly Override[];
  readonly aliases: OverrideAliases;
  /** Where each override was given; undefined for the command line. */
  readonly from: readonly (string | undefined)[];
  /** What is resolved before there is a config sees this. */
  readonly context: TreeContext;
}

/** @internal */
export function openSession(options: SessionOptions): Session {
  const { versionBase = "1.3" } = options;
  const own = Array.isArray(options.source)
    ? (options.source as readonly ConfigSource[])
    : [options.source as ConfigSource];
  const hasHydra = own.some(({ scheme, path }) => scheme === "pkg" && path === "hydra.conf");
  const repository = new ConfigRepository(hasHydra ? own : [hydraSource(versionBase), ...own], {
    versionBase: versionBase,
    store: hydraStore(versionBase, options.store),
  });
  const inputs = options.overrides ?? [];
  const isPristine =
    !hasHydra && options.store === undefined && !own.some((source) => source.isGroup("hydra"));
  const random = options.random ?? Math.random;
  const texts = inputs.map((input) => (typeof input === "string" ? input : input.text));
  const aliases = options.expandAliases === false ? undefined : overrideAliases(repository, options.name);
  const expanded = aliases === undefined ? texts : texts.map((text) => expandAlias(aliases, text));
  return {
    repository,
    aliases: aliases ?? new Map(),
    context: contextOf(options),
    hydra: isPristine ? hydraDefaults(versionBase) : undefined,
    overrides: expanded.map((text) => parseOverride(text, { random, versionBase })),
    from: inputs.map((input, index) => {
      if (typeof input !== "string") return input.from;
      return input === expanded[index] ? undefined : `alias ${input}`;
    }),
  };
}
