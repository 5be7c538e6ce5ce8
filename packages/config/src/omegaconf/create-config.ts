import type { TreeContext } from "../tree/context.js";
import { ContainerNode } from "../tree/node.js";
import type { VersionBase } from "../version/version-base.js";
import { createFromYaml, createTree } from "./create.js";
import { fromPlain } from "./from-plain.js";
import { type Resolvers, resolverEntries } from "./plain-resolver.js";
import { BUILT_IN_RESOLVERS } from "./resolvers.js";

export interface CreateConfigOptions {
  /** Resolvers beside the built-in ones: plain functions, or `Resolver`s. */
  readonly resolvers?: Resolvers;
  /** What `oc.env` reads. Default: nothing. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The time of `${now:…}`; without it `now` is an error. */
  readonly now?: Date;
  /** Which generation of rules to follow. Default: `1.3`. */
  readonly versionBase?: VersionBase;
  /** Name of the file that a text comes from, for errors and origins. */
  readonly file?: string;
}

/**
 * Makes a config of plain data, of YAML text or of another config (a copy), as `OmegaConf.create` does. The built-in
 * resolvers are there.
 */
export function create(value: object | string, options: CreateConfigOptions = {}): ContainerNode {
  const context = contextFor(options);
  if (typeof value === "string")
    return createFromYaml(value, { context, ...(options.file === undefined ? {} : { file: options.file }) });
  return createTree(value instanceof ContainerNode ? value : fromPlain(value), { context });
}

function contextFor(options: CreateConfigOptions): TreeContext {
  const { env = {}, now, versionBase = "1.3" } = options;
  const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    resolvers: new Map([...BUILT_IN_RESOLVERS, ...resolverEntries(options.resolvers)]),
    environment: new Map(variables),
    versionBase,
    ...(now === undefined ? {} : { now: () => now }),
  };
}
