import type { ConfigKey } from "../scalar/values.js";
import type { YamlPosition } from "../yaml/errors.js";

/** Where a value came from. Kept beside the config, once per source at its root, and inherited by what is below. */
export type Origin =
  | {
      readonly kind: "file";
      /** As shown to the user. */
      readonly file: string;
      /** Finds the place of a key path in the file. */
      readonly position: (path: readonly ConfigKey[]) => YamlPosition | undefined;
    }
  | { readonly kind: "override"; readonly text: string; readonly index: number }
  | { readonly kind: "schema"; readonly name: string }
  | { readonly kind: "store"; readonly name: string }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "program"; readonly what: string };

/** An origin together with the key path below it. */
export interface OriginPlace {
  readonly origin: Origin;
  readonly path: readonly ConfigKey[];
}
