import type { DefaultOrigin } from "./origin.js";

/** One config of the final list. */
export interface ResolvedDefault {
  readonly configPath: string;
  /** Where it is put; `""` is the root. */
  readonly package: string;
  /** Config whose defaults list holds it; `<root>` at the top of an application; undefined for a lone primary config. */
  readonly parent: string | undefined;
  readonly isSelf: boolean;
  readonly primary: boolean;
  /** Key under which its choice can be overridden; undefined when it was not chosen in a group. */
  readonly overrideKey: string | undefined;
  readonly origin: DefaultOrigin | undefined;
}
