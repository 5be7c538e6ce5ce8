import type { Case, Json } from "./cases.js";
import { sameJson } from "./encoding.js";
import { errorMismatch } from "./error-classes.js";

/** Compares the result of a case, or its error, with what it expects. Fields of `ok` in any order, values in order. */
export async function compareOutcome(
  testCase: Case,
  run: () => Promise<Readonly<Record<string, Json>>> | Readonly<Record<string, Json>>,
): Promise<string | undefined> {
  const { ok, error } = testCase.expect;
  let actual: Readonly<Record<string, Json>>;
  try {
    actual = await run();
  } catch (thrown) {
    if (error !== undefined) return errorMismatch(thrown, error.class);
    return `expected a result, got ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`;
  }
  if (error !== undefined) return `expected ${error.class} (${error.message}), got ${JSON.stringify(actual)}`;
  return compareFields(actual, ok ?? {});
}

export function compareFields(
  actual: Readonly<Record<string, Json>>,
  expected: Readonly<Record<string, Json>>,
): string | undefined {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  const differences = [...names].filter((name) => !sameJson(actual[name], expected[name]));
  if (differences.length === 0) return undefined;
  return differences
    .map((name) => `${name}: expected ${JSON.stringify(expected[name])}, got ${JSON.stringify(actual[name])}`)
    .join("\n      ");
}
