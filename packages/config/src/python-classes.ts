import { EpiscopeError } from "@episcope/errors";

/** For each code of reading and tree the class that PyYAML or OmegaConf raises for the same thing. */
const PYTHON_CLASSES: ReadonlyMap<string, string> = new Map([
  ["YAML_CHARACTER", "ReaderError"],
  ["YAML_TOKEN", "ScannerError"],
  ["YAML_STRUCTURE", "ParserError"],
  ["YAML_REFERENCE", "ComposerError"],
  ["YAML_CONTENT", "ConstructorError"],
  ["YAML_DUPLICATE_KEY", "ConstructorError"],
  ["YAML_SCALAR", "ValueError"],
  ["YAML_RECURSIVE_ALIAS", "RecursionError"],
  ["KEY_NOT_FOUND", "ConfigKeyError"],
  ["KEY_NOT_ALLOWED", "ConfigAttributeError"],
  ["KEY_TYPE", "KeyValidationError"],
  ["CONFIG_KIND", "ConfigTypeError"],
  ["CONFIG_INDEX", "ConfigIndexError"],
  ["CONFIG_VALUE", "ConfigValueError"],
  ["CONFIG_READONLY", "ReadonlyConfigError"],
  ["VALUE_MISSING", "MissingMandatoryValue"],
  ["VALUE_INVALID", "ValidationError"],
  ["VALUE_UNSUPPORTED", "UnsupportedValueType"],
  ["INTERPOLATION_SYNTAX", "GrammarParseError"],
  ["INTERPOLATION_FAILED", "InterpolationResolutionError"],
  ["INTERPOLATION_RESOLVER", "UnsupportedInterpolationType"],
  ["INTERPOLATION_KEY", "InterpolationKeyError"],
  ["INTERPOLATION_MISSING", "InterpolationToMissingValueError"],
  ["INTERPOLATION_VALUE", "InterpolationValidationError"],
  // Python runs out of stack while it resolves an interpolation, and reports that as a failed one.
  ["CONFIG_DEPTH", "InterpolationResolutionError"],
  ["INTERPOLATION_DEPTH", "InterpolationResolutionError"],
]);

/** The Python exception class that stands for an error of the YAML reader or the tree; undefined for other errors. */
export function pythonClass(error: unknown): string | undefined {
  return error instanceof EpiscopeError ? PYTHON_CLASSES.get(error.code) : undefined;
}
