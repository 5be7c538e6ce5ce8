// YAML as OmegaConf's loader reads it and its dumper writes it, and the scalars that it holds.
export {
  type ConfigKey,
  EnumValue,
  Float,
  formatFloat,
  isFloat,
  isInteger,
  PathValue,
  type ScalarValue,
} from "./scalar/values.js";
export type { YamlLimits } from "./yaml/composer.js";
export { Tuple, type YamlValue } from "./yaml/construct.js";
export { type EmitYamlOptions, emitYaml, type YamlOutput } from "./yaml/emit.js";
export type { YamlPosition } from "./yaml/errors.js";
export { type ParseYamlOptions, parseYaml, YamlPositions } from "./yaml/parse.js";
