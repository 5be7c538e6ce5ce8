import { EpiscopeError, pythonClass } from "@episcope/config";

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

/** The Python class that a stable code of ours stands for. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  OVERRIDE_SYNTAX: ["OverrideParseException"],
  OVERRIDE_FUNCTION: ["OverrideParseException"],
  OVERRIDE_TOO_DEEP: ["OverrideParseException"],
  OVERRIDE_VALUE_NOT_WRITABLE: ["ValidationError", "HydraException"],
  SWEEP_NOT_ENUMERABLE: ["HydraException"],
  SWEEP_RANGE_STEP: ["HydraException"],
  SWEEP_RANGE_BOUND: ["InvalidOperation"],
  OPTION_NOT_FOUND: ["MissingConfigException"],
  CONFIG_NOT_FOUND: ["MissingConfigException"],
  PRIMARY_CONFIG_NOT_FOUND: ["MissingConfigException"],
  CHOICE_MISSING: ["ConfigCompositionException"],
  CHOICE_CONFLICT: ["ConfigCompositionException"],
  CHOICE_DUPLICATE: ["ConfigCompositionException"],
  OVERRIDE_NO_MATCH: ["ConfigCompositionException"],
  DELETION_NO_MATCH: ["ConfigCompositionException"],
  DEFAULTS_SELF_TWICE: ["ConfigCompositionException"],
  DEFAULTS_ORDER: ["ConfigCompositionException"],
  DEFAULTS_TOO_DEEP: ["RecursionError"],
  DEFAULTS_TOO_MANY: ["RecursionError"],
  DEFAULTS_OVERRIDE_INTERPOLATED: ["ConfigCompositionException"],
  DEFAULTS_INTERPOLATION: ["ConfigCompositionException"],
  GROUP_FORCE_ADD: ["ConfigCompositionException"],
  SOURCE_NOT_FOUND: ["MissingConfigException"],
  PRIMARY_NOT_MAPPING: ["ConfigCompositionException"],
  SEARCH_PATH_INVALID: ["ConfigCompositionException"],
  SEARCH_PATH_NOT_PRIMARY: ["ConfigCompositionException"],
  SCHEMA_DEFAULTS: ["ConfigCompositionException"],
  SCHEMA_MERGE: ["ConfigCompositionException"],
  CONFIG_MERGE: ["ConfigCompositionException"],
  COMPOSITION_FAILED: ["ConfigCompositionException"],
  HYDRA_NODE: ["ConfigCompositionException"],
  OVERRIDE_MERGE: ["ConfigCompositionException"],
  OVERRIDE_KEY: ["ConfigCompositionException"],
  OVERRIDE_NOT_GROUP: ["ConfigCompositionException"],
  DELETION_KEY: ["ConfigCompositionException"],
  DELETION_VALUE: ["ConfigCompositionException"],
  ADDITION_EXISTS: ["ConfigCompositionException"],
  SWEEP_TYPE: ["HydraException"],
  HYDRA_TARGET: ["InstantiationException"],
  SWEEP_HYDRA: ["ConfigCompositionException"],
  SWEEP_WITHOUT_MULTIRUN: ["ConfigCompositionException"],
};

/** What is wrong with an error that should be of the Python class `expected`; undefined when nothing is. */
export function errorMismatch(error: unknown, expected: string): string | undefined {
  if (!(error instanceof EpiscopeError)) {
    return `not an error of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  if (ACCIDENTS.has(expected)) return undefined;
  if (pythonClass(error) === expected) return undefined;
  const classes = CLASSES[error.code];
  if (classes?.includes(expected) === true) return undefined;
  return `expected ${expected}, got ${error.code}: ${error.message}`;
}
