import { EpiscopeError } from "@episcope/errors";

/** For each code the class that PyYAML, OmegaConf or Hydra raises for the same thing. */
const PYTHON_CLASSES: ReadonlyMap<string, string> = new Map([
  ["YAML_CHARACTER", "ReaderError"],
  ["YAML_TOKEN", "ScannerError"],
  ["YAML_STRUCTURE", "ParserError"],
  ["YAML_REFERENCE", "ComposerError"],
  ["YAML_CONTENT", "ConstructorError"],
  ["YAML_DUPLICATE_KEY", "ConstructorError"],
  ["YAML_SCALAR", "ValueError"],
  ["YAML_RECURSIVE_ALIAS", "RecursionError"],
  ["YAML_ALIASES", "ConstructorError"],

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

  ["OVERRIDE_SYNTAX", "OverrideParseException"],
  ["OVERRIDE_FUNCTION", "OverrideParseException"],
  ["OVERRIDE_TOO_DEEP", "OverrideParseException"],
  ["OVERRIDE_VALUE_NOT_WRITABLE", "HydraException"],
  ["SWEEP_NOT_ENUMERABLE", "HydraException"],
  ["SWEEP_RANGE_STEP", "HydraException"],
  ["SWEEP_RANGE_BOUND", "InvalidOperation"],
  ["SWEEP_TYPE", "HydraException"],

  ["CONFIG_ROOT", "OSError"],
  ["CONFIG_ENCODING", "UnicodeDecodeError"],
  ["OPTION_NOT_FOUND", "MissingConfigException"],
  ["CONFIG_NOT_FOUND", "MissingConfigException"],
  ["PRIMARY_CONFIG_NOT_FOUND", "MissingConfigException"],
  ["SOURCE_NOT_FOUND", "MissingConfigException"],
  ["CHOICE_MISSING", "ConfigCompositionException"],
  ["CHOICE_CONFLICT", "ConfigCompositionException"],
  ["CHOICE_DUPLICATE", "ConfigCompositionException"],
  ["OVERRIDE_NO_MATCH", "ConfigCompositionException"],
  ["DELETION_NO_MATCH", "ConfigCompositionException"],
  ["DEFAULTS_NO_LIST", "ConfigCompositionException"],
  ["DEFAULTS_PATH", "ConfigCompositionException"],
  ["DEFAULTS_OPTION_MOVED", "ConfigCompositionException"],
  ["CONFIG_SUFFIX", "ConfigLoadError"],
  ["DEFAULTS_SELF_TWICE", "ConfigCompositionException"],
  ["DEFAULTS_ORDER", "ConfigCompositionException"],
  ["DEFAULTS_TOO_DEEP", "RecursionError"],
  ["DEFAULTS_TOO_MANY", "RecursionError"],
  ["DEFAULTS_OVERRIDE_INTERPOLATED", "ConfigCompositionException"],
  ["DEFAULTS_INTERPOLATION", "ConfigCompositionException"],
  ["GROUP_FORCE_ADD", "ConfigCompositionException"],
  ["PRIMARY_NOT_MAPPING", "ConfigCompositionException"],
  ["SEARCH_PATH_INVALID", "ConfigCompositionException"],
  ["SEARCH_PATH_NOT_PRIMARY", "ConfigCompositionException"],
  ["SCHEMA_DEFAULTS", "ConfigCompositionException"],
  ["SCHEMA_MERGE", "ConfigCompositionException"],
  ["CONFIG_MERGE", "ConfigCompositionException"],
  ["COMPOSITION_FAILED", "ConfigCompositionException"],
  ["HYDRA_NODE", "ConfigCompositionException"],
  ["OVERRIDE_MERGE", "ConfigCompositionException"],
  ["OVERRIDE_KEY", "ConfigCompositionException"],
  ["OVERRIDE_NOT_GROUP", "ConfigCompositionException"],
  ["DELETION_KEY", "ConfigCompositionException"],
  ["DELETION_VALUE", "ConfigCompositionException"],
  ["ADDITION_EXISTS", "ConfigCompositionException"],
  ["LIST_EXTENSION", "ConfigCompositionException"],
  ["ALIAS_INVALID", "ConfigCompositionException"],
  ["ALIASES_NOT_PRIMARY", "ConfigCompositionException"],
  ["SWEEP_CONTROLLER", "ConfigCompositionException"],
  ["SWEEP_HYDRA", "ConfigCompositionException"],
  ["SWEEP_WITHOUT_MULTIRUN", "ConfigCompositionException"],
  ["HYDRA_MODE_CHANGED", "ConfigCompositionException"],
  ["VALUES_MISSING", "MissingMandatoryValue"],
  ["TARGET_NOT_ALLOWED", "InstantiationException"],
  ["INSTANTIATE_INVALID", "InstantiationException"],
  ["INSTANTIATE_FAILED", "InstantiationException"],
  ["HYDRA_TARGET", "InstantiationException"],
]);

/** Codes of what Python ends with an accident, or a usage text, or has not. */
const OURS_ALONE: ReadonlySet<string> = new Set([
  ...["APPLICATION_CONFIG_PATH", "APPLICATION_FLAG", "APPLICATION_FLAGS", "APPLICATION_FLAG_VALUE"],
  ...["COMPLETION_SHELL", "CONFIG_PACKAGE", "HELP_TEMPLATE", "RERUN_NOT_FOUND"],
  ...[
    "CONFIG_INVALID",
    "MISSING_KEY",
    "UNKNOWN_KEY",
    "VALUE_NOT_ALLOWED",
    "VALUE_TYPE",
    "SCHEMA_UNSUPPORTED",
  ],
  ...["CONFIG_NAME", "DEFAULTS_INVALID", "GROUP_VALUE", "PACKAGE_HEADER", "SEARCH_PATH_SCHEME"],
  ...["EDIT_KEY_MISSING", "EDIT_REFUSED", "ENVIRONMENT_MISSING", "SECRET_MISSING", "FORBIDDEN_KEY"],
  ...["INTERPOLATION_LIMIT", "YAML_LIMIT", "SWEEP_BATCH_SIZE", "SWEEP_TOO_LARGE", "POOL_SIZE"],
  ...["JOB_DIRECTORY", "JOB_PROCESS_ENDED", "LOGGING_CONFIG", "STORE_KEY", "STORE_VALUE"],
]);

/** @internal Whether a code of this package is known here. */
export function isKnownCode(code: string): boolean {
  return PYTHON_CLASSES.has(code) || OURS_ALONE.has(code);
}

/** The name of the Python exception class that corresponds to an error of this package; undefined where none does. */
export function pythonClass(error: unknown): string | undefined {
  return error instanceof EpiscopeError ? PYTHON_CLASSES.get(error.code) : undefined;
}
