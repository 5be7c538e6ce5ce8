export { EpiscopeError, type EpiscopeErrorOptions, type ErrorFields } from "@episcope/errors";
export { type ComposeOptions, compose, composeSync } from "./compose/compose.js";
export { Composition, type CompositionYamlOptions } from "./compose/composition.js";
export type { DeepReadonly } from "./compose/deep-freeze.js";
export type { Explanation, ValueOrigin } from "./compose/explain.js";
export { HYDRA_VERSION } from "./compose/hydra-node.js";
export { type ListDefaultsOptions, listDefaults } from "./compose/list-defaults.js";
export type { OverrideInput, SessionOptions } from "./compose/session.js";
export type { ConfigDefault, Default, GroupDefault, VersionBase } from "./defaults/default-entry.js";
export type { DefaultsList, ResolvedDefault } from "./defaults/defaults-list.js";
export type { DefaultsNode } from "./defaults/defaults-tree.js";
export { CompositionError, CompositionProblems, MissingConfigError } from "./defaults/errors.js";
export { hydraSource } from "./hydra/hydra-sources.js";
export {
  type Factory,
  type InstantiateOptions,
  instantiate,
  type Registry,
} from "./instantiate/instantiate.js";
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
export { pythonClass } from "./python-classes.js";
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
} from "./scalar/values.js";
export { type JsonSchema, structFromSchema } from "./schema/struct-from-schema.js";
export { type Problem, type ValidateOptions, validateConfig } from "./schema/validate.js";
export { type ConfigSource, type ConfigText, sourceUrl } from "./source/config-source.js";
export { type MemorySourceOptions, memorySource } from "./source/memory-source.js";
export { ConfigStore, type StoreEntry } from "./store/config-store.js";
export {
  type PlanSweepOptions,
  planSweep,
  type SweepBatch,
  type SweepJob,
  type SweepPlan,
} from "./sweep/plan-sweep.js";
export { MAX_SWEEP_JOBS, type SplitSweepOptions, splitSweep } from "./sweep/split-sweep.js";
export {
  getItem,
  getOr,
  isInterpolation,
  isMissing,
  maskedCopy,
  missingKeys,
  type SelectOptions,
  select,
  selectNode,
} from "./tree/access.js";
export { appendItem, setItem } from "./tree/assign.js";
export { deleteItem, pop, type UpdateOptions, update } from "./tree/change.js";
export { contains } from "./tree/contains.js";
export type { Resolver, ResolverCall, TreeContext } from "./tree/context.js";
export {
  type CreateFromYamlOptions,
  type CreateOptions,
  createFromYaml,
  createStruct,
  createTree,
  loadYaml,
} from "./tree/create.js";
export { fromDotlist, mergeDotlist } from "./tree/dotlist.js";
export { ConfigError, InterpolationError } from "./tree/errors.js";
export { evaluateElement, evaluateText } from "./tree/evaluate.js";
export { fromPlain } from "./tree/from-plain.js";
export { merge, mergeWith } from "./tree/merge.js";
export {
  type ConfigNode,
  ContainerNode,
  contentOf,
  DictNode,
  fullKey,
  isContainer,
  ListNode,
  MISSING,
  type RawValue,
  ValueNode,
} from "./tree/node.js";
export type { Origin, OriginPlace } from "./tree/origin.js";
export {
  type ToDataOptions,
  type ToYamlOptions,
  type TreeData,
  toData,
  toPlain,
  toYaml,
} from "./tree/output.js";
export { placeOf } from "./tree/place.js";
export { formatRaw } from "./tree/repr.js";
export { resolveAll } from "./tree/resolve-all.js";
export { BUILT_IN_RESOLVERS } from "./tree/resolvers.js";
export type { EnumType, KeyType, StructField, StructType, TypeRef } from "./tree/types.js";
export { DEFAULT_YAML_LIMITS, type YamlLimits } from "./yaml/composer.js";
export { Tuple, type YamlValue } from "./yaml/construct.js";
export { type EmitYamlOptions, emitYaml, type YamlOutput } from "./yaml/emit.js";
export { YamlError, type YamlPosition } from "./yaml/errors.js";
export { type ParseYamlOptions, parseYaml, YamlPositions } from "./yaml/parse.js";
