import { EpiscopeError } from "@episcope/errors";
import { pythonClass } from "../../src/errors.js";

/** Classes that are accidents of the Python code: for these only the outcome (an error) is compared. */
const ACCIDENTS = new Set([
  "AssertionError",
  "AttributeError",
  "KeyError",
  "TypeError",
  "RecursionError",
  "IndexError",
  "ValueError",
]);

/** What is wrong with an error that should be of the Python class `expected`; undefined when nothing is. */
export function errorMismatch(error: unknown, expected: string): string | undefined {
  if (!(error instanceof EpiscopeError)) {
    return `not an error of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  if (ACCIDENTS.has(expected)) return undefined;
  if (pythonClass(error) === expected) return undefined;
  if (expected === "ValidationError" && error.code === "OVERRIDE_VALUE_NOT_WRITABLE") return undefined;
  return `expected ${expected}, got ${error.code}: ${error.message}`;
}
