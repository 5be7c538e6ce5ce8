import type { Adapter } from "./adapter.js";
import type { Case, Trees } from "./cases.js";
import { runCliCase } from "./cli.js";
import { runComposeCase } from "./compose.js";
import { runDefaultsCase } from "./defaults.js";
import { EXCLUSIONS } from "./exclusions.js";
import { runGrammarCase } from "./grammar.js";
import { runInstantiateCase } from "./instantiate.js";
import { runOmegaconfCase } from "./omegaconf.js";
import { runSweepCase } from "./sweep.js";
import { runYamlCase } from "./yaml.js";

/** The categories that are run through this package. */
export const ADAPTERS: Readonly<Record<string, Adapter>> = {
  grammar: runGrammarCase,
  defaults: runDefaultsCase,
  compose: runComposeCase,
  omegaconf: runOmegaconfCase,
  yaml: runYamlCase,
  sweep: runSweepCase,
  cli: runCliCase,
  instantiate: runInstantiateCase,
};

export interface Failure {
  readonly id: string;
  readonly rule: string | undefined;
  readonly difference: string;
}

export interface CategoryReport {
  readonly category: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Cases left out, by the name of the exclusion. */
  readonly excluded: Readonly<Record<string, number>>;
}

/** Runs all cases of one category. */
export async function runCategory(
  category: string,
  cases: readonly Case[],
  trees: Trees,
): Promise<CategoryReport> {
  const adapter = ADAPTERS[category];
  if (adapter === undefined) throw new Error(`no adapter for category '${category}'`);
  const failures: Failure[] = [];
  const excluded: Record<string, number> = {};
  let passed = 0;
  for (const testCase of cases) {
    const exclusion = EXCLUSIONS.find(({ applies }) => applies(testCase));
    if (exclusion !== undefined) {
      excluded[exclusion.name] = (excluded[exclusion.name] ?? 0) + 1;
      continue;
    }
    let difference: string | undefined;
    try {
      difference = await adapter(testCase, trees);
    } catch (error) {
      difference = `the adapter threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
    if (difference === undefined) passed++;
    else failures.push({ id: testCase.id, rule: testCase.rule, difference });
  }
  return { category, passed, failures, excluded };
}
