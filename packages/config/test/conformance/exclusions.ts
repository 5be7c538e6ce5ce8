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
  {
    name: "execution-whitelist",
    reason: "the registry that the program gives plays its part: what is not in it is never called",
    applies: ({ rule, category }) => category === "instantiate" && rule === "execution-whitelist",
  },
  {
    name: "instantiate-instructions",
    reason: "`_partial_` without `_target_` and an unknown `_convert_` are refused; Hydra ignores them",
    applies: ({ category, input }) =>
      category === "instantiate" &&
      (JSON.stringify(input).includes('"_convert_":"bad"') ||
        /^_partial_: true\nx:/.test(String(input["yaml"]))),
  },
  {
    name: "call-arguments-created-in-vain",
    reason:
      "the candidate creates a positional argument with `_target_`, and then hands over what it was made of",
    applies: ({ category, version, input }) =>
      category === "instantiate" &&
      version === "1.4" &&
      JSON.stringify(input["args"] ?? "").includes("_target_"),
  },
];
