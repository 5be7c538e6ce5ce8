export { type ListDefaultsOptions, listDefaults } from "./compose/list-defaults.js";
export type { OverrideInput, SessionOptions } from "./compose/session.js";
export type { ConfigDefault, Default, GroupDefault, VersionBase } from "./defaults/default-entry.js";
export type { DefaultsList, ResolvedDefault } from "./defaults/defaults-list.js";
export type { DefaultsNode } from "./defaults/defaults-tree.js";
export { CompositionError, CompositionProblems, MissingConfigError } from "./defaults/errors.js";
export { EpiscopeError, type EpiscopeErrorOptions, type ErrorFields } from "./errors.js";
export { hydraSource } from "./hydra/hydra-sources.js";
export { OverrideParseError } from "./override/errors.js";
export {
  isHydraOverride,
  isSweepOverride,
  keyElement,
  type Override,
  type OverrideType,
  type ValueType,
} from "./override/override.js";
export { MAX_OVERRIDE_DEPTH, type ParseOptions, parseOverride } from "./override/parse-override.js";
export { type SweepItemOptions, sweepItems } from "./override/sweep-items.js";
export {
  ChoiceSweep,
  DictValue,
  type Element,
  GlobSweep,
  IntervalSweep,
  QuotedString,
  RangeSweep,
} from "./override/value.js";
export { writeValue } from "./override/write-value.js";
export { type ConfigSource, type ConfigText, sourceUrl } from "./source/config-source.js";
export { type MemorySourceOptions, memorySource } from "./source/memory-source.js";
export { ConfigStore, type StoreEntry } from "./store/config-store.js";
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
