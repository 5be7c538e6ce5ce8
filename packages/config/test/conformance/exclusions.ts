import type { Case } from "./cases.js";

/** A kind of cases that cannot be meant for TypeScript. `docs/compatibility.md` explains each by its name. */
export interface Exclusion {
  readonly name: string;
  readonly reason: string;
  readonly applies: (testCase: Case) => boolean;
}

/** Errors of OmegaConf 2.4.1rc1 in `resolve` of what a resolver returned with a node in it; `to_container` works. */
const FAULT_OF_RESOLVE =
  /Incompatible key type '\$KEY_TYPE'|indices must be integers or slices, not NoneType/;

export const EXCLUSIONS: readonly Exclusion[] = [
  {
    name: "resolve-resolver-results-with-nodes",
    reason:
      "a fault of the release candidate: resolving what a resolver returned fails where that holds a node",
    applies: ({ version, expect }) =>
      version === "1.4" && expect.error !== undefined && FAULT_OF_RESOLVE.test(expect.error.message),
  },
];
