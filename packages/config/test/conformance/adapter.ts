import type { Case, Trees } from "./cases.js";

/** Runs one case through the public API. Returns what differs from the expectation; undefined when nothing does. */
export type Adapter = (testCase: Case, trees: Trees) => Promise<string | undefined> | string | undefined;
