import type { VersionBase } from "../version/version-base.js";
import type { ConfigNode, ContainerNode, RawValue } from "./node.js";

/** What a resolver is called with. */
export interface ResolverCall {
  readonly args: readonly RawValue[];
  /** The container that holds the interpolation. */
  readonly parent: ContainerNode;
  /** The node whose value the interpolation is. */
  readonly node: ConfigNode;
  readonly root: ContainerNode;
  readonly context: TreeContext;
  /** Reports something that is not an error. */
  readonly warn: (message: string) => void;
  /** How many interpolations deep the call is; passed on to what the resolver selects. */
  readonly depth: number;
  /** How many more interpolations may be followed for the value that is asked for; passed on as well. */
  readonly work?: InterpolationWork;
}

/** Counted down for all that one value leads to. */
export class InterpolationWork {
  #left: number;

  constructor(interpolations: number) {
    this.#left = interpolations;
  }

  /** Takes one more; false: there are none left. */
  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

export interface Resolver {
  readonly resolve: (call: ResolverCall) => RawValue;
  /** Whether a result is kept for the tree, by the argument texts. */
  readonly cached?: boolean;
  /** Its results are secret: they stand in no saved config. */
  readonly secret?: boolean;
  /** How many arguments there may be; other numbers are refused. */
  readonly arity?: { readonly min: number; readonly max: number };
}

/** The world that interpolations see. The tree itself never reads environment or clock. */
export interface TreeContext {
  readonly resolvers: ReadonlyMap<string, Resolver>;
  /** The environment variables that `oc.env` sees. */
  readonly environment: ReadonlyMap<string, string>;
  /** The time that `now` sees. */
  readonly now?: () => Date;
  /** Which generation of rules to follow: OmegaConf 2.4 comes with Hydra 1.4. Default: `1.3`. */
  readonly versionBase?: VersionBase;
  readonly warn?: (message: string) => void;
}
