import type { Case } from "./cases.js";

/** A kind of cases that cannot be meant for TypeScript. `docs/compatibility.md` explains each by its name. */
export interface Exclusion {
  readonly name: string;
  readonly reason: string;
  readonly applies: (testCase: Case) => boolean;
}

export const EXCLUSIONS: readonly Exclusion[] = [];
