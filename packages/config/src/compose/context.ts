import { type Resolvers, resolverEntries } from "../omegaconf/plain-resolver.js";
import { BUILT_IN_RESOLVERS } from "../omegaconf/resolvers.js";
import type { TreeContext } from "../tree/context.js";
import type { DictNode } from "../tree/node.js";
import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { hydraResolver } from "./hydra-resolver.js";
import { OVERRIDE_DIRNAME } from "./override-dirname.js";

/** What interpolations see of the world, in the configs, in defaults lists and in the search path alike. */
export interface ContextOptions {
  /** What `${oc.env:NAME}` and `hydra.job.env_copy` read. Default: nothing. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The time of `${now:…}`; without it `now` is an error. A property `microseconds` beside it refines `%f`. */
  readonly now?: Date;
  /** Resolvers of the program, as plain functions or `Resolver`s; they hide built-in ones of the same name. */
  readonly resolvers?: Resolvers;
}

/** The context of what is resolved before there is a config: Hydra's node cannot be read there. A copy of the options. */
export function contextOf(options: ContextOptions & { readonly versionBase?: VersionBase }): TreeContext {
  const { versionBase = "1.3" } = options;
  const environment = new Map<string, string>();
  for (const [name, value] of Object.entries(options.env ?? {})) {
    if (value !== undefined) environment.set(name, value);
  }
  const resolvers = new Map(BUILT_IN_RESOLVERS);
  resolvers.set("hydra", hydraResolver(undefined));
  if (rulesOf(versionBase).hydra === "1.4") resolvers.set("hydra_override_dirname", OVERRIDE_DIRNAME);
  for (const [name, resolver] of resolverEntries(options.resolvers)) resolvers.set(name, resolver);
  if (options.now === undefined) return { resolvers, environment, versionBase };
  // With the microseconds that it may carry beside.
  const time = Object.assign(new Date(options.now), options.now);
  return { resolvers, environment, versionBase, now: () => time };
}

/** The same context for a config whose Hydra node can be read once `root` gives it. */
export function withHydraNode(context: TreeContext, root: () => DictNode | undefined): TreeContext {
  const resolvers = new Map(context.resolvers);
  resolvers.set("hydra", hydraResolver(root));
  return { ...context, resolvers };
}
