export { EpiscopeError, type EpiscopeErrorOptions, type ErrorFields } from "./errors.js";
export {
  type ConfigKey,
  EnumValue,
  Float,
  float,
  formatFloat,
  integer,
  isFloat,
  isInteger,
  PathValue,
  type ScalarValue,
} from "./values.js";
export { DEFAULT_YAML_LIMITS, type YamlLimits } from "./yaml/composer.js";
export { Tuple, type YamlValue } from "./yaml/construct.js";
export { YamlError, type YamlPosition } from "./yaml/errors.js";
export { type ParseYamlOptions, parseYaml, YamlPositions } from "./yaml/parse.js";
