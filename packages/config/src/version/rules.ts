import type { VersionBase } from "./version-base.js";

/** What the versions of Hydra and OmegaConf do differently. Each name is a row of docs/compatibility.md. */
export interface Rules {
  // The override grammar.
  /** Keys may have brackets and escapes: `a[0].b`, `x\.y`. Such a key never selects a group. */
  readonly valuePaths: boolean;
  /** `key=extend_list(…)` appends to a list, and `json_str(…)` gives JSON text. */
  readonly listAndJsonFunctions: boolean;
  /** A cast applies to each value of a range, and keeps tags and shuffle. */
  readonly castsItems: boolean;
  /** Sorting a range keeps exactly its values, and ends a shuffle. */
  readonly sortsExactly: boolean;
  /** Values of a float range are exact decimals, start + i·step. */
  readonly exactRanges: boolean;
}

const BEFORE: Rules = {
  valuePaths: false,
  listAndJsonFunctions: false,
  castsItems: false,
  sortsExactly: false,
  exactRanges: false,
};

const RENEWED: Rules = {
  valuePaths: true,
  listAndJsonFunctions: true,
  castsItems: true,
  sortsExactly: true,
  exactRanges: true,
};

/** The rules of a version; those of 1.3 without one. */
export function rulesOf(versionBase: VersionBase | undefined): Rules {
  return versionBase === "1.4" ? RENEWED : BEFORE;
}
